package io.bactrian.discovery.core;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * The pings of SWIM (Das, Gupta, Motivala 2002, section 3.1): one to a router, helpers when there is no answer in time, and
 * pings that this router sends as a helper of others. What a silence means is for {@link FailureDetector} to say.
 */
final class Prober {
    /** A ping is over after so many times the time after which helpers are asked. */
    private static final int INDIRECT_TIMEOUTS = 3;
    /** So many routers before a silent one are pinged with it. */
    private static final int BEHIND = 2;

    private final String self;
    private final RouterSettings settings;
    private final ClusterState state;
    private final ActionList outbox;
    private final Random random;
    private final NewsPacker news;
    private final Rules rules;
    private final HeartbeatRing ring;
    private final LocalHealth health;
    private final Map<Integer, Probe> probes = new HashMap<>();
    private final Map<Integer, RelayedProbe> relays = new HashMap<>();
    private final Map<String, Long> answeredMs = new HashMap<>();
    private final List<String> round = new ArrayList<>();
    private int lastSeq;

    /** A ping that waits for its answer. */
    private static final class Probe {
        private final String target;
        private final boolean look;
        private final @Nullable String behind;
        private final long helpAtMs;
        private final long endMs;
        private int helpersAsked = -1;
        private int nacks;

        private Probe(String target, boolean look, @Nullable String behind, long helpAtMs, long endMs) {
            this.target = target;
            this.look = look;
            this.behind = behind;
            this.helpAtMs = helpAtMs;
            this.endMs = endMs;
        }
    }

    /** A ping for another router. */
    private record RelayedProbe(String replyTo, int theirSeq, long nackAtMs) {}

    /**
     * A ping that nobody has answered.
     *
     * @param target who was pinged
     * @param behind the router whose silence was the reason for it; null if the target was pinged for its own sake
     * @param troubleHere true if it may be that this router does not hear: a helper did not even say that it had no answer
     */
    record Silence(String target, @Nullable String behind, boolean troubleHere) {}

    Prober(
            String self,
            RouterSettings settings,
            ClusterState state,
            ActionList outbox,
            Random random,
            NewsPacker news,
            Rules rules,
            HeartbeatRing ring,
            LocalHealth health) {
        this.self = self;
        this.settings = settings;
        this.state = state;
        this.outbox = outbox;
        this.random = random;
        this.news = news;
        this.rules = rules;
        this.ring = ring;
        this.health = health;
        // A number of an earlier life must not be taken for one of this.
        lastSeq = random.nextInt();
    }

    /** Pings a router; its silence will be told. */
    void probe(String target, long nowMs) {
        probe(target, false, null, nowMs);
    }

    /** Pings a router that is suspect already; only an answer matters. */
    void look(String target, long nowMs) {
        probe(target, true, null, nowMs);
    }

    private void probe(String target, boolean look, @Nullable String behind, long nowMs) {
        RegistryEntry entry = state.router(target);
        if (entry == null) {
            return;
        }
        long timeoutMs = (long) settings.probeTimeoutMs() * health.slowness();
        int seq = ++lastSeq;
        probes.put(seq, new Probe(target, look, behind, nowMs + timeoutMs, nowMs + INDIRECT_TIMEOUTS * timeoutMs));
        outbox.send(
                ClusterState.content(entry).gossip(),
                new RouterMessage.Ping(self, seq, news.first(suspicionOf(entry))));
    }

    private static @Nullable RegistryEntry suspicionOf(@Nullable RegistryEntry entry) {
        return entry == null || ClusterState.content(entry).state() == RouterState.ALIVE ? null : entry;
    }

    /** True while a silence of this router would be told. */
    boolean probes(String target) {
        for (Probe probe : probes.values()) {
            if (!probe.look && probe.target.equals(target)) {
                return true;
            }
        }
        return false;
    }

    /** True if nothing is waited for. */
    boolean isIdle() {
        return probes.isEmpty() && relays.isEmpty();
    }

    /** When a router answered a ping of this one last; the smallest number if it never did. */
    long answeredMs(String router) {
        return answeredMs.getOrDefault(router, Long.MIN_VALUE);
    }

    /** Waits for no answer any more, and blames nobody. */
    void forgetWaiting() {
        probes.clear();
    }

    /** The next router to be pinged, all in turn and each time in another order; null if there is none. */
    @Nullable String nextInTurn() {
        while (true) {
            if (round.isEmpty()) {
                answeredMs.keySet().removeIf(id -> state.router(id) == null);
                for (Content.Router router : state.others()) {
                    round.add(router.id());
                }
                Collections.shuffle(round, random);
                if (round.isEmpty()) {
                    return null;
                }
            }
            String target = round.remove(round.size() - 1);
            if (state.member(target)) {
                return target;
            }
        }
    }

    /** Asks helpers where it is time, and returns the pings that are over. */
    List<Silence> tick(long nowMs) {
        tellOfSilence(nowMs);
        if (probes.isEmpty()) {
            return List.of();
        }
        List<Silence> over = new ArrayList<>();
        List<String> unheard = new ArrayList<>();
        Iterator<Map.Entry<Integer, Probe>> waiting = probes.entrySet().iterator();
        while (waiting.hasNext()) {
            Map.Entry<Integer, Probe> one = waiting.next();
            Probe probe = one.getValue();
            if (nowMs >= probe.endMs) {
                if (!probe.look) {
                    over.add(new Silence(
                            probe.target, probe.behind, probe.helpersAsked <= 0 || probe.helpersAsked > probe.nacks));
                }
                waiting.remove();
            } else if (!probe.look && nowMs >= probe.helpAtMs && probe.helpersAsked < 0) {
                askHelpers(one.getKey(), probe);
                unheard.add(probe.target);
            }
        }
        unheard.forEach(silent -> probeBehind(silent, nowMs));
        return over;
    }

    private void tellOfSilence(long nowMs) {
        Iterator<RelayedProbe> waiting = relays.values().iterator();
        while (waiting.hasNext()) {
            RelayedProbe relay = waiting.next();
            if (nowMs >= relay.nackAtMs()) {
                outbox.send(relay.replyTo(), new RouterMessage.Nack(self, relay.theirSeq()));
                waiting.remove();
            }
        }
    }

    /**
     * Whoever dies may have died together with those before it in the ring, whom nobody watches then: so they are pinged before
     * it is certain that it is gone. A router that has reason to doubt itself does not look further: it may be the one that
     * does not hear.
     */
    private void probeBehind(String silent, long nowMs) {
        if (health.score() > 0) {
            return;
        }
        for (String behind : ring.before(silent, BEHIND)) {
            if (!probes(behind)) {
                probe(behind, false, silent, nowMs);
            }
        }
    }

    private void askHelpers(int seq, Probe probe) {
        probe.helpersAsked = 0;
        RegistryEntry target = state.router(probe.target);
        if (target == null) {
            return;
        }
        List<Content.Router> helpers = new ArrayList<>(state.others());
        helpers.removeIf(router -> router.id().equals(probe.target) || router.state() != RouterState.ALIVE);
        for (int i = 0; rules.asksHelpers() && i < settings.helpers() + 1 && !helpers.isEmpty(); i++) {
            Content.Router helper = helpers.remove(random.nextInt(helpers.size()));
            outbox.send(
                    helper.gossip(),
                    new RouterMessage.ProbeRequest(
                            self,
                            seq,
                            probe.target,
                            ClusterState.content(target).gossip(),
                            List.of()));
            probe.helpersAsked++;
        }
    }

    /** Another router pings this one. */
    void ping(RouterMessage.Ping ping, String replyTo) {
        // Who is suspect here is told, whatever it knows already.
        outbox.send(
                replyTo, new RouterMessage.Ack(self, ping.seq(), news.first(suspicionOf(state.router(ping.from())))));
    }

    /** Another router asks this one to help. */
    void probeRequest(RouterMessage.ProbeRequest request, String replyTo, long nowMs) {
        if (relays.size() >= settings.routersMax()) {
            return;
        }
        int seq = ++lastSeq;
        relays.put(seq, new RelayedProbe(replyTo, request.seq(), nowMs + settings.probeTimeoutMs()));
        outbox.send(
                request.address(),
                new RouterMessage.Ping(self, seq, news.first(suspicionOf(state.router(request.target())))));
    }

    /** An answer, to a ping of this router or to one that it sent for another. */
    void ack(RouterMessage.Ack ack, long nowMs) {
        RelayedProbe relay = relays.remove(ack.seq());
        if (relay != null) {
            outbox.send(relay.replyTo(), new RouterMessage.Ack(self, relay.theirSeq(), List.of()));
        }
        Probe probe = probes.remove(ack.seq());
        if (probe == null) {
            return;
        }
        if (probe.target.equals(ack.from())) {
            answeredMs.put(ack.from(), nowMs);
            ring.received(ack.from(), nowMs);
        }
        health.better();
    }

    /** A helper has had no answer, but is there. */
    void nack(RouterMessage.Nack nack) {
        Probe probe = probes.get(nack.seq());
        if (probe != null) {
            probe.nacks++;
        }
    }
}
