package io.bactrian.discovery.core;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Finds out which routers are alive: SWIM (Das, Gupta, Motivala 2002) with the three ideas of Lifeguard (Dadgar, Phillips,
 * Currey 2018). A router that finds itself slow probes less; a suspicion ends sooner when others confirm it; the suspect is
 * told with the next ping, so it can object. A router that hears of a suspicion may ping the suspect itself, so a
 * confirmation, or the proof of life, comes soon. Whom to ping says {@link HeartbeatRing}, when a heartbeat is missing. Pings
 * to all in turn, as SWIM has them, are few: they find who can be heard but does not hear.
 */
final class FailureDetector {
    /** Helpers and others are given so many times the timeout of a direct ping. */
    private static final int INDIRECT_TIMEOUTS = 3;
    /** A router that looks at a suspect pings it so often. */
    private static final long LOOK_MS = 100;
    /** Every router looks itself for so long before it calls another one down. */
    private static final long LAST_LOOK_MS = 500;
    /** While an answer or an end is awaited, time is looked at so often. */
    private static final long WAITING_MS = 20;
    /** How many routers look at once at one that is suspect: more than the confirmations that are needed. */
    private static final int LOOKERS = 6;

    private final String self;
    private final RouterSettings settings;
    private final ClusterState state;
    private final Outbox outbox;
    private final Random random;
    private final NewsPacker news;
    private final Rules rules;

    private final HeartbeatRing ring;
    private final Map<Integer, Probe> probes = new HashMap<>();
    private final Map<Integer, Relay> relays = new HashMap<>();
    private final Map<String, Suspicion> suspicions = new HashMap<>();
    private final Map<String, Long> answeredMs = new HashMap<>();
    private final List<String> round = new ArrayList<>();
    private int lastSeq;
    private long nextProbeMs;
    private int localHealth;
    private long suspected;
    private long refuted;
    private long declaredDown;

    /** A ping that waits for its answer. */
    private static final class Probe {
        private final String target;
        private final boolean look;
        private final long sentMs;
        private final long helpAtMs;
        private final long endMs;
        private int helpersAsked = -1;
        private int nacks;

        private Probe(String target, boolean look, long sentMs, long helpAtMs, long endMs) {
            this.target = target;
            this.look = look;
            this.sentMs = sentMs;
            this.helpAtMs = helpAtMs;
            this.endMs = endMs;
        }
    }

    /** A ping for another router. */
    private record Relay(String replyTo, int theirSeq, long nackAtMs) {}

    /** Since when a router is suspect, at which incarnation, and when this router looks at it next. */
    private record Suspicion(long sinceMs, long incarnation, long lookMs) {}

    FailureDetector(
            String self,
            RouterSettings settings,
            ClusterState state,
            Outbox outbox,
            Random random,
            NewsPacker news,
            Rules rules) {
        this.self = self;
        this.settings = settings;
        this.state = state;
        this.outbox = outbox;
        this.random = random;
        this.news = news;
        this.rules = rules;
        ring = new HeartbeatRing(self, settings, state, outbox);
        // A number of an earlier life must not be taken for one of this.
        lastSeq = random.nextInt();
    }

    int localHealth() {
        return localHealth;
    }

    long suspected() {
        return suspected;
    }

    long refuted() {
        return refuted;
    }

    long declaredDown() {
        return declaredDown;
    }

    /** After a time in which this process did not run: nobody is blamed for it. */
    void forgetWaiting(long gapMs, long nowMs) {
        probes.clear();
        ring.forgive(nowMs);
        suspicions.replaceAll((id, s) -> new Suspicion(s.sinceMs() + gapMs, s.incarnation(), s.lookMs()));
        worse(1);
    }

    void tick(long nowMs) {
        relay(nowMs);
        checkProbes(nowMs);
        checkSuspicions(nowMs);
        ring.tick(nowMs);
        String silent = ring.watched();
        if (silent != null && nowMs >= ring.silentAtMs(localHealth + 1) && !probes(silent)) {
            probe(silent, false, nowMs);
        }
        if (nowMs >= nextProbeMs) {
            nextProbeMs = nowMs + (long) settings.probeIntervalMs() * (localHealth + 1);
            String target = nextTarget();
            if (target != null) {
                probe(target, false, nowMs);
            }
        }
    }

    /** When time matters next, if nothing comes before. */
    long dueMs(long lastTickMs) {
        long dueMs = Math.min(ring.nextBeatMs(), nextProbeMs);
        if (!probes.isEmpty() || !relays.isEmpty() || !suspicions.isEmpty()) {
            return Math.min(dueMs, lastTickMs + WAITING_MS);
        }
        return Math.min(dueMs, ring.silentAtMs(localHealth + 1));
    }

    private boolean probes(String target) {
        return probes.values().stream().anyMatch(probe -> !probe.look && probe.target.equals(target));
    }

    private void relay(long nowMs) {
        Iterator<Relay> waiting = relays.values().iterator();
        while (waiting.hasNext()) {
            Relay relay = waiting.next();
            if (nowMs >= relay.nackAtMs()) {
                outbox.send(relay.replyTo(), new Message.Nack(self, relay.theirSeq()));
                waiting.remove();
            }
        }
    }

    private @Nullable String nextTarget() {
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

    private void probe(String target, boolean look, long nowMs) {
        Entry entry = state.router(target);
        if (entry == null) {
            return;
        }
        long timeoutMs = (long) settings.probeTimeoutMs() * (localHealth + 1);
        int seq = ++lastSeq;
        probes.put(seq, new Probe(target, look, nowMs, nowMs + timeoutMs, nowMs + INDIRECT_TIMEOUTS * timeoutMs));
        outbox.send(ClusterState.content(entry).gossip(), new Message.Ping(self, seq, news.first(suspicionOf(entry))));
    }

    private static @Nullable Entry suspicionOf(Entry entry) {
        return ClusterState.content(entry).state() == RouterState.ALIVE ? null : entry;
    }

    private void checkProbes(long nowMs) {
        if (probes.isEmpty()) {
            return;
        }
        List<Probe> failed = new ArrayList<>();
        Iterator<Map.Entry<Integer, Probe>> waiting = probes.entrySet().iterator();
        while (waiting.hasNext()) {
            Map.Entry<Integer, Probe> one = waiting.next();
            Probe probe = one.getValue();
            if (nowMs >= probe.endMs) {
                if (!probe.look) {
                    failed.add(probe);
                }
                waiting.remove();
            } else if (!probe.look && nowMs >= probe.helpAtMs && probe.helpersAsked < 0) {
                askHelpers(one.getKey(), probe);
            }
        }
        for (Probe probe : failed) {
            // Helpers that do not even say that they had no answer speak of trouble here.
            worse(probe.helpersAsked > 0 ? (probe.helpersAsked > probe.nacks ? 1 : 0) : 1);
            suspect(probe.target, nowMs);
        }
    }

    private void askHelpers(int seq, Probe probe) {
        probe.helpersAsked = 0;
        Entry target = state.router(probe.target);
        if (target == null) {
            return;
        }
        List<Content.Router> helpers = new ArrayList<>(state.others());
        helpers.removeIf(router -> router.id().equals(probe.target) || router.state() != RouterState.ALIVE);
        for (int i = 0; rules.asksHelpers() && i < settings.helpers() + 1 && !helpers.isEmpty(); i++) {
            Content.Router helper = helpers.remove(random.nextInt(helpers.size()));
            outbox.send(
                    helper.gossip(),
                    new Message.ProbeRequest(
                            self,
                            seq,
                            probe.target,
                            ClusterState.content(target).gossip(),
                            List.of()));
            probe.helpersAsked++;
        }
    }

    private void worse(int by) {
        localHealth = Math.min(settings.localHealthMax(), localHealth + by);
    }

    private void better() {
        localHealth = Math.max(0, localHealth - 1);
    }

    /** A heartbeat of the router before this one in the ring. */
    void beat(Message.Beat beat, long nowMs) {
        if (ring.heard(beat.from(), nowMs)) {
            better();
        }
    }

    void ping(Message.Ping ping, String replyTo) {
        // Who is suspect here is told, whatever it knows already.
        Entry sender = state.router(ping.from());
        outbox.send(
                replyTo, new Message.Ack(self, ping.seq(), news.first(sender == null ? null : suspicionOf(sender))));
    }

    void probeRequest(Message.ProbeRequest request, String replyTo, long nowMs) {
        if (relays.size() >= settings.routersMax()) {
            return;
        }
        int seq = ++lastSeq;
        relays.put(seq, new Relay(replyTo, request.seq(), nowMs + settings.probeTimeoutMs()));
        Entry target = state.router(request.target());
        outbox.send(
                request.address(),
                new Message.Ping(self, seq, news.first(target == null ? null : suspicionOf(target))));
    }

    void ack(Message.Ack ack, long nowMs) {
        Relay relay = relays.remove(ack.seq());
        if (relay != null) {
            outbox.send(relay.replyTo(), new Message.Ack(self, relay.theirSeq(), List.of()));
        }
        Probe probe = probes.remove(ack.seq());
        if (probe != null && probe.target.equals(ack.from())) {
            answeredMs.put(ack.from(), nowMs);
            ring.heard(ack.from(), nowMs);
        }
        if (probe != null && nowMs >= probe.sentMs) {
            better();
        }
    }

    void nack(Message.Nack nack) {
        Probe probe = probes.get(nack.seq());
        if (probe != null) {
            probe.nacks++;
        }
    }

    private void suspect(String target, long nowMs) {
        Entry entry = state.router(target);
        if (entry == null) {
            return;
        }
        Content.Router router = ClusterState.content(entry);
        if (router.state() == RouterState.ALIVE) {
            suspected++;
            state.put(Entry.router(router.with(RouterState.SUSPECT, self), entry.version(), 0), true, nowMs);
            begin(target, entry.version(), true, nowMs);
        } else if (router.state() == RouterState.SUSPECT) {
            confirm(entry, self, nowMs);
        }
    }

    /** Adds accusers to a suspicion; more than are needed are not passed on. */
    private void confirm(Entry entry, String accusers, long nowMs) {
        Content.Router router = ClusterState.content(entry);
        TreeSet<String> all = new TreeSet<>(List.of(router.accuser().split("\n")));
        boolean more = false;
        for (String accuser : accusers.split("\n", -1)) {
            if (all.size() <= settings.confirmations() && all.add(accuser)) {
                more = true;
            }
        }
        if (more) {
            state.put(
                    Entry.router(router.with(RouterState.SUSPECT, String.join("\n", all)), entry.version(), 0),
                    true,
                    nowMs);
        }
    }

    private void begin(String target, long incarnation, boolean looks, long nowMs) {
        suspicions.put(target, new Suspicion(nowMs, incarnation, looks ? nowMs + LOOK_MS : Long.MAX_VALUE));
    }

    /** True if it has answered this router itself so lately that it cannot have been dead for as long as is said. */
    private boolean answeredSince(String router, long sinceMs) {
        return answeredMs.getOrDefault(router, Long.MIN_VALUE) >= sinceMs;
    }

    private void checkSuspicions(long nowMs) {
        if (suspicions.isEmpty()) {
            return;
        }
        List<Entry> down = new ArrayList<>();
        List<String> looks = new ArrayList<>();
        Iterator<Map.Entry<String, Suspicion>> all = suspicions.entrySet().iterator();
        while (all.hasNext()) {
            Map.Entry<String, Suspicion> one = all.next();
            Suspicion suspicion = one.getValue();
            Entry entry = state.router(one.getKey());
            if (entry == null
                    || entry.version() != suspicion.incarnation()
                    || ClusterState.content(entry).state() != RouterState.SUSPECT) {
                all.remove();
            } else if (nowMs >= suspicion.sinceMs() + suspicionMs(entry)) {
                long answered = answeredMs.getOrDefault(one.getKey(), Long.MIN_VALUE);
                if (answered > suspicion.sinceMs()) {
                    // It lives, so its objection is on the way; the time begins with its last answer.
                    one.setValue(new Suspicion(answered, suspicion.incarnation(), nowMs + LOOK_MS));
                } else {
                    down.add(entry);
                    all.remove();
                }
            } else if (nowMs >= suspicion.lookMs()
                    || (suspicion.lookMs() == Long.MAX_VALUE
                            && nowMs >= suspicion.sinceMs() + suspicionMs(entry) - LAST_LOOK_MS)) {
                one.setValue(new Suspicion(suspicion.sinceMs(), suspicion.incarnation(), nowMs + LOOK_MS));
                looks.add(one.getKey());
            }
        }
        looks.forEach(target -> probe(target, true, nowMs));
        for (Entry entry : down) {
            declaredDown++;
            Content.Router router = ClusterState.content(entry);
            state.put(Entry.router(router.with(RouterState.DOWN, self), entry.version(), nowMs), true, nowMs);
        }
    }

    /** Lifeguard, section IV-B: from the longest to the shortest time with the logarithm of the confirmations. */
    private long suspicionMs(Entry entry) {
        int needed = Math.min(settings.confirmations(), state.others().size() - 1);
        if (needed < 1) {
            return settings.suspicionMinMs();
        }
        int confirmations = ClusterState.content(entry).accuser().split("\n").length - 1;
        double share = Math.log(confirmations + 1.0) / Math.log(needed + 1.0);
        double rangeMs = settings.suspicionMaxMs() - settings.suspicionMinMs();
        return Math.max(settings.suspicionMinMs(), Math.round(settings.suspicionMaxMs() - rangeMs * share));
    }

    /** What another router says of a third one, or of this one. */
    void heard(Entry entry, long nowMs) {
        Content.Router said = ClusterState.content(entry);
        if (said.id().equals(self)) {
            heardOfSelf(entry, said, nowMs);
            return;
        }
        Entry known = state.router(said.id());
        if (known == null) {
            if (state.routers().size() >= settings.routersMax()) {
                outbox.add(new Action.Notice(
                        "routers-max", said.id(), "not more than " + settings.routersMax() + " routers are known"));
            } else {
                state.put(entry, true, nowMs);
                follow(entry, said, nowMs);
            }
            return;
        }
        if (said.state() != RouterState.ALIVE
                && said.state() != RouterState.LEFT
                && rules.contains()
                && contained(said)) {
            return;
        }
        if (said.state() == RouterState.DOWN
                && ClusterState.content(known).state().member()
                && answeredSince(said.id(), nowMs - settings.suspicionMinMs())) {
            // This router knows better, and looks again.
            suspect(said.id(), nowMs);
            return;
        }
        if (rules.wins(entry, known)) {
            state.put(entry, true, nowMs);
            follow(entry, said, nowMs);
        } else if (entry.version() == known.version()
                && said.state() == RouterState.SUSPECT
                && ClusterState.content(known).state() == RouterState.SUSPECT) {
            confirm(known, said.accuser(), nowMs);
        }
    }

    /** True if all accusers are known and gone: who hears nobody must not get the others thrown out. */
    private boolean contained(Content.Router said) {
        for (String accuser : said.accuser().split("\n", -1)) {
            Entry entry = state.router(accuser);
            if (entry == null || ClusterState.content(entry).state().member()) {
                return false;
            }
        }
        return true;
    }

    private void follow(Entry entry, Content.Router said, long nowMs) {
        if (said.state() != RouterState.SUSPECT) {
            return;
        }
        boolean looks = looks(said.id());
        begin(said.id(), entry.version(), looks, nowMs);
        if (looks) {
            probe(said.id(), false, nowMs);
        }
    }

    /** The same routers everywhere: those with the highest weights for the suspect (rendezvous hashing). */
    private boolean looks(String suspect) {
        long suspectHash = Hashes.of(suspect);
        long own = Hashes.weight(suspectHash, Hashes.of(self));
        int before = 0;
        for (Content.Router other : state.others()) {
            if (!other.id().equals(suspect)
                    && Long.compareUnsigned(Hashes.weight(suspectHash, state.hashOf(other)), own) > 0) {
                before++;
            }
        }
        return before < LOOKERS;
    }

    private void heardOfSelf(Entry entry, Content.Router said, long nowMs) {
        Entry own = state.router(self);
        if (own == null || ClusterState.content(own).state() == RouterState.LEFT || entry.version() < own.version()) {
            return;
        }
        if (said.state() == RouterState.ALIVE && entry.version() == own.version()) {
            return;
        }
        if (!rules.objects()) {
            return;
        }
        // Also an earlier life whose number was lost.
        refuted++;
        if (said.state() != RouterState.ALIVE) {
            worse(1);
        }
        Content.Router alive = ClusterState.content(own).with(RouterState.ALIVE, self);
        state.put(Entry.router(alive, entry.version() + 1, 0), true, nowMs);
    }
}
