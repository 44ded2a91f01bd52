package io.bactrian.discovery.core;

import java.util.List;
import java.util.Random;
import java.util.TreeSet;

/**
 * Finds out which routers are alive: SWIM (Das, Gupta, Motivala 2002) with the three ideas of Lifeguard (Dadgar, Phillips,
 * Currey 2018). A router that finds itself slow probes less ({@link LocalHealth}); a suspicion ends sooner when others confirm
 * it ({@link Suspicions}); the suspect is told with the next ping, so it can object. A router that hears of a suspicion may
 * ping the suspect itself, so a confirmation, or the proof of life, comes soon. Whom to ping says {@link HeartbeatRing}, when
 * a heartbeat is missing, and {@link Prober} pings. Pings to all in turn, as SWIM has them, are few: they find who can be
 * heard but does not hear.
 */
final class FailureDetector {
    /** While an answer or an end is awaited, time is looked at so often. */
    private static final long WAITING_MS = 20;

    private final String self;
    private final RouterSettings settings;
    private final ClusterState state;
    private final ActionList outbox;
    private final Rules rules;
    private final LocalHealth health;
    private final HeartbeatRing ring;
    private final Prober prober;
    private final Suspicions suspicions;
    private long nextProbeMs;
    private long suspected;
    private long refuted;
    private long declaredDown;

    FailureDetector(
            String self,
            RouterSettings settings,
            ClusterState state,
            ActionList outbox,
            Random random,
            NewsPacker news,
            Rules rules) {
        this.self = self;
        this.settings = settings;
        this.state = state;
        this.outbox = outbox;
        this.rules = rules;
        health = new LocalHealth(settings.localHealthMax());
        ring = new HeartbeatRing(self, settings, state, outbox);
        prober = new Prober(self, settings, state, outbox, random, news, rules, ring, health);
        suspicions = new Suspicions(self, settings, state, prober);
    }

    int localHealth() {
        return health.score();
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
        prober.forgetWaiting();
        ring.forgive(nowMs);
        suspicions.putOff(gapMs);
        health.worse();
    }

    void tick(long nowMs) {
        if (state.others().isEmpty()) {
            // Nobody is judged, and nobody could show that this router is well again.
            health.reset();
        }
        prober.tick(nowMs).forEach(silence -> blame(silence, nowMs));
        suspicions.tick(nowMs).forEach(suspect -> callDown(suspect, nowMs));
        ring.tick(nowMs);
        String silent = ring.watched();
        if (silent != null && nowMs >= ring.silentAtMs(health.slowness()) && !prober.probes(silent)) {
            prober.probe(silent, nowMs);
        }
        if (nowMs >= nextProbeMs) {
            nextProbeMs = nowMs + (long) settings.probeIntervalMs() * health.slowness();
            String target = prober.nextInTurn();
            if (target != null) {
                prober.probe(target, nowMs);
            }
        }
    }

    /** When time matters next, if nothing comes before. */
    long dueMs(long lastTickMs) {
        long dueMs = Math.min(ring.nextBeatMs(), nextProbeMs);
        return prober.isIdle() && suspicions.isEmpty()
                ? Math.min(dueMs, ring.silentAtMs(health.slowness()))
                : Math.min(dueMs, lastTickMs + WAITING_MS);
    }

    private void blame(Prober.Silence silence, long nowMs) {
        if (silence.behind() != null && isAlive(silence.behind())) {
            return;
        }
        if (silence.troubleHere()) {
            health.worse();
        }
        suspect(silence.target(), nowMs);
    }

    private boolean isAlive(String router) {
        RegistryEntry entry = state.router(router);
        return entry != null && ClusterState.content(entry).state() == RouterState.ALIVE;
    }

    private void callDown(RegistryEntry suspect, long nowMs) {
        declaredDown++;
        Content.Router down = ClusterState.content(suspect).with(RouterState.DOWN, self);
        state.put(RegistryEntry.router(down, suspect.version(), nowMs), true, nowMs);
    }

    /** A heartbeat of the router before this one in the ring. */
    void beat(RouterMessage.Beat beat, long nowMs) {
        if (ring.received(beat.from(), nowMs)) {
            health.better();
        }
    }

    void ping(RouterMessage.Ping ping, String replyTo) {
        prober.ping(ping, replyTo);
    }

    void probeRequest(RouterMessage.ProbeRequest request, String replyTo, long nowMs) {
        prober.probeRequest(request, replyTo, nowMs);
    }

    void ack(RouterMessage.Ack ack, long nowMs) {
        prober.ack(ack, nowMs);
    }

    void nack(RouterMessage.Nack nack) {
        prober.nack(nack);
    }

    private void suspect(String target, long nowMs) {
        RegistryEntry entry = state.router(target);
        if (entry == null) {
            return;
        }
        Content.Router router = ClusterState.content(entry);
        if (router.state() == RouterState.ALIVE) {
            suspected++;
            state.put(RegistryEntry.router(router.with(RouterState.SUSPECT, self), entry.version(), 0), true, nowMs);
            suspicions.begin(entry, true, nowMs);
        } else if (router.state() == RouterState.SUSPECT) {
            confirm(entry, self, nowMs);
        }
    }

    /** Adds accusers to a suspicion; more than are needed are not passed on. */
    private void confirm(RegistryEntry entry, String accusers, long nowMs) {
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
                    RegistryEntry.router(router.with(RouterState.SUSPECT, String.join("\n", all)), entry.version(), 0),
                    true,
                    nowMs);
        }
    }

    /** What another router says of a third one, or of this one. */
    void received(RegistryEntry entry, long nowMs) {
        Content.Router said = ClusterState.content(entry);
        if (said.id().equals(self)) {
            heardOfSelf(entry, said, nowMs);
            return;
        }
        RegistryEntry known = state.router(said.id());
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
        if (said.state() == RouterState.ALIVE && entry.version() == known.version()) {
            tellOfTwin(said);
        }
        if (said.state() != RouterState.ALIVE
                && said.state() != RouterState.LEFT
                && rules.contains()
                && contained(said)) {
            return;
        }
        if (said.state() == RouterState.DOWN
                && ClusterState.content(known).state().member()
                && prober.answeredMs(said.id()) >= nowMs - settings.suspicionMinMs()) {
            // It has answered this router so lately that it cannot have been dead for as long as is said.
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
            RegistryEntry entry = state.router(accuser);
            if (entry == null || ClusterState.content(entry).state().member()) {
                return false;
            }
        }
        return true;
    }

    private void follow(RegistryEntry entry, Content.Router said, long nowMs) {
        if (said.state() != RouterState.SUSPECT) {
            return;
        }
        boolean looks = suspicions.looksAt(said.id());
        suspicions.begin(entry, looks, nowMs);
        if (looks) {
            prober.probe(said.id(), nowMs);
        }
    }

    /** A router that has the same id: its datagrams are not taken, and it is told of. */
    void heardOfTwin(RouterMessage message) {
        if (message instanceof RouterMessage.Gossip gossip) {
            for (RegistryEntry entry : gossip.entries()) {
                if (entry.content() instanceof Content.Router said && said.id().equals(self)) {
                    tellOfTwin(said);
                }
            }
        }
    }

    private void tellOfTwin(Content.Router said) {
        RegistryEntry known = state.router(said.id());
        if (known != null && !ClusterState.content(known).gossip().equals(said.gossip())) {
            outbox.add(new Action.Notice(
                    "router-id-taken",
                    said.id(),
                    "routers at " + ClusterState.content(known).gossip() + " and at " + said.gossip()
                            + " have this id; if both run, give one another id and a data folder of its own"));
        }
    }

    private void heardOfSelf(RegistryEntry entry, Content.Router said, long nowMs) {
        RegistryEntry own = state.router(self);
        if (own == null || ClusterState.content(own).state() == RouterState.LEFT || entry.version() < own.version()) {
            return;
        }
        if (said.state() == RouterState.ALIVE) {
            tellOfTwin(said);
            if (entry.version() == own.version()) {
                return;
            }
        }
        if (!rules.objects()) {
            return;
        }
        // Also an earlier life whose number was lost.
        refuted++;
        if (said.state() != RouterState.ALIVE) {
            health.worse();
        }
        Content.Router alive = ClusterState.content(own).with(RouterState.ALIVE, self);
        state.put(RegistryEntry.router(alive, entry.version() + 1, 0), true, nowMs);
    }
}
