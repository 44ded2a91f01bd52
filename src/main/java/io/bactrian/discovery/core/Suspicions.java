package io.bactrian.discovery.core;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

/**
 * The routers that are suspect: how long each has to object, and who looks at it meanwhile. A suspicion gets shorter when
 * others confirm it (Lifeguard, section IV-B).
 */
final class Suspicions {
    /** A router that looks at a suspect pings it so often. */
    private static final long LOOK_MS = 100;
    /** Every router looks itself for so long before it calls another one down. */
    private static final long LAST_LOOK_MS = 500;

    private static final long AT_THE_END = Long.MAX_VALUE;
    /** How many routers look at once at one that is suspect: more than the confirmations that are needed. */
    private static final int LOOKERS = 6;

    private final String self;
    private final RouterSettings settings;
    private final ClusterState state;
    private final Prober prober;
    private final Map<String, Suspicion> suspicions = new HashMap<>();

    /** Since when a router is suspect, at which incarnation, and when this router looks at it next. */
    private record Suspicion(long sinceMs, long incarnation, long lookMs) {}

    Suspicions(String self, RouterSettings settings, ClusterState state, Prober prober) {
        this.self = self;
        this.settings = settings;
        this.state = state;
        this.prober = prober;
    }

    boolean isEmpty() {
        return suspicions.isEmpty();
    }

    /** Begins with a suspicion; this router looks at once if {@code looks}, otherwise at the end. */
    void begin(RegistryEntry suspect, boolean looks, long nowMs) {
        suspicions.put(
                ClusterState.content(suspect).id(),
                new Suspicion(nowMs, suspect.version(), looks ? nowMs + LOOK_MS : AT_THE_END));
    }

    /** Gives all suspects more time: this router could not hear them meanwhile. */
    void putOff(long gapMs) {
        suspicions.replaceAll((id, s) -> new Suspicion(s.sinceMs() + gapMs, s.incarnation(), s.lookMs()));
    }

    /** Looks at those at whom it is time to look, and returns those whose time is over. */
    List<RegistryEntry> tick(long nowMs) {
        if (suspicions.isEmpty()) {
            return List.of();
        }
        List<RegistryEntry> down = new ArrayList<>();
        List<String> looks = new ArrayList<>();
        Iterator<Map.Entry<String, Suspicion>> all = suspicions.entrySet().iterator();
        while (all.hasNext()) {
            Map.Entry<String, Suspicion> one = all.next();
            Suspicion suspicion = one.getValue();
            RegistryEntry entry = state.router(one.getKey());
            if (entry == null
                    || entry.version() != suspicion.incarnation()
                    || ClusterState.content(entry).state() != RouterState.SUSPECT) {
                all.remove();
                continue;
            }
            long endMs = suspicion.sinceMs() + lengthMs(entry);
            if (nowMs >= endMs) {
                long answeredMs = prober.answeredMs(one.getKey());
                if (answeredMs > suspicion.sinceMs()) {
                    // It lives, so its objection is on the way; the time begins with its last answer.
                    one.setValue(new Suspicion(answeredMs, suspicion.incarnation(), nowMs + LOOK_MS));
                } else {
                    down.add(entry);
                    all.remove();
                }
            } else if (nowMs >= suspicion.lookMs()
                    || (suspicion.lookMs() == AT_THE_END && nowMs >= endMs - LAST_LOOK_MS)) {
                one.setValue(new Suspicion(suspicion.sinceMs(), suspicion.incarnation(), nowMs + LOOK_MS));
                looks.add(one.getKey());
            }
        }
        looks.forEach(target -> prober.look(target, nowMs));
        return down;
    }

    /** From the longest to the shortest time with the logarithm of the confirmations. */
    private long lengthMs(RegistryEntry entry) {
        int needed = Math.min(settings.confirmations(), state.others().size() - 1);
        if (needed < 1) {
            return settings.suspicionMinMs();
        }
        int confirmations = ClusterState.content(entry).accuser().split("\n").length - 1;
        double share = Math.log(confirmations + 1.0) / Math.log(needed + 1.0);
        double rangeMs = settings.suspicionMaxMs() - settings.suspicionMinMs();
        return Math.max(settings.suspicionMinMs(), Math.round(settings.suspicionMaxMs() - rangeMs * share));
    }

    /** Whether this router looks at a suspect at once: those with the highest weights do, the same everywhere (rendezvous hashing). */
    boolean looksAt(String suspect) {
        long suspectHash = Hashes.of(suspect);
        long own = Hashes.weight(suspectHash, Hashes.of(self));
        int before = 0;
        for (long other : state.otherHashes()) {
            if (other != suspectHash && Long.compareUnsigned(Hashes.weight(suspectHash, other), own) > 0) {
                before++;
            }
        }
        return before < LOOKERS;
    }
}
