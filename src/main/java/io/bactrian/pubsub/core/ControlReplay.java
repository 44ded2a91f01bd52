package io.bactrian.pubsub.core;

import io.bactrian.wire.Batch;
import java.util.ArrayList;
import java.util.List;

/** Brings a snapshot up to the control records of its log. */
final class ControlReplay {
    private static final int SCAN_BYTES = 4 << 20;
    private static final int RECORDS_OF_A_TRANSACTION = 1_000;

    private final HubLog log;
    private final HubSnapshots snapshots;
    private final HubNotices notices;

    ControlReplay(HubLog log, HubSnapshots snapshots, HubNotices notices) {
        this.log = log;
        this.snapshots = snapshots;
        this.notices = notices;
    }

    /** Applies what the snapshot lacks, up to a position. A snapshot of another log, or of an end that was cut, is made anew. */
    void upTo(long end) {
        HubState state = snapshots.load();
        String flaw = flaw(state);
        if (!flaw.isEmpty()) {
            notices.warn(
                    "the database " + flaw + ": it is made anew from the log, positions " + log.first() + " to " + end);
            snapshots.clear();
            state = snapshots.load();
        }
        apply(
                Math.max(state.applied().position() + 1, log.first()),
                end,
                state.applied().position());
    }

    /**
     * The snapshot for a hub alone. If it was a pair's before, and was killed, the log says more than the snapshot above its
     * last checkpoint; that is applied.
     */
    HubState afterAPair() {
        HubState state = snapshots.load();
        if (state.logIdentity() != log.identity() || state.position() >= log.end() || !saysMore(state.position())) {
            return state;
        }
        apply(Math.max(state.position() + 1, log.first()), log.end(), 0);
        return snapshots.load();
    }

    private boolean saysMore(long after) {
        long position = Math.max(after + 1, log.first());
        while (position <= log.end()) {
            for (LogEntry entry : log.read(position, SCAN_BYTES)) {
                position = entry.last() + 1;
                if (isControl(entry)) {
                    return true;
                }
            }
        }
        return false;
    }

    private static boolean isControl(LogEntry entry) {
        return !entry.isGap()
                && ControlCodec.isControl(Batch.parseTrusted(entry.payload()).topic());
    }

    private void apply(long from, long end, long applied) {
        long position = from;
        List<ControlRecord> records = new ArrayList<>();
        while (position <= end) {
            for (LogEntry entry : log.read(position, SCAN_BYTES)) {
                position = entry.last() + 1;
                if (entry.last() <= end) {
                    if (isControl(entry)) {
                        records.addAll(ControlCodec.decode(Batch.parseTrusted(entry.payload())));
                    }
                    if (records.size() >= RECORDS_OF_A_TRANSACTION) {
                        apply(records, entry.last());
                    }
                }
            }
        }
        if (end > applied && end >= log.first()) {
            apply(records, end);
        }
    }

    /** Why the log cannot bring the snapshot up to date, empty if it can. */
    private String flaw(HubState state) {
        LogPosition applied = state.applied();
        if (state.logIdentity() != 0 && state.logIdentity() != log.identity()) {
            return "belongs to another log";
        }
        if (!applied.isIn(log)) {
            return "belongs to an end of the log that was cut";
        }
        // Each deletion is followed by all that held before it.
        return applied.position() > 0 && applied.position() + 1 < log.first() ? "lacks what was deleted meanwhile" : "";
    }

    private void apply(List<ControlRecord> records, long upTo) {
        records.add(new ControlRecord.Applied(LogPosition.of(log, upTo)));
        snapshots.apply(records);
        records.clear();
    }
}
