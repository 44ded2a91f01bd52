package io.bactrian.pubsub.core;

import io.bactrian.wire.Batch;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/** Hubs for tests: without bounds of retention, and silent. */
public final class Machines {
    /** A frame of a former life meets no session of the next. */
    private static final AtomicInteger SESSIONS = new AtomicInteger(1);

    private Machines() {}

    /** A hub that has not started. */
    public static HubMachine over(HubLog log, HubSnapshots snapshots, HubLimits limits, CommitGate gate) {
        return over(log, snapshots, limits, gate, keepAll());
    }

    static HubMachine over(
            HubLog log, HubSnapshots snapshots, HubLimits limits, CommitGate gate, RetentionRules retention) {
        return new HubMachine(log, snapshots, limits, retention, gate, new Silent(), SESSIONS.getAndAdd(1_000));
    }

    /** What a hub says in a batch of its own. */
    public static List<ControlRecord> records(Batch batch) {
        return ControlCodec.decode(batch);
    }

    private static RetentionRules keepAll() {
        return new RetentionRules(
                new RetentionRules.Rule(Duration.ofDays(1), Long.MAX_VALUE),
                Map.of(),
                Long.MAX_VALUE,
                RetentionRules.OnFull.REFUSE);
    }

    private static final class Silent implements HubNotices {
        @Override
        public void info(String line) {}

        @Override
        public void warn(String line) {}
    }
}
