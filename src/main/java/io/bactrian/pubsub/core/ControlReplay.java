package io.bactrian.pubsub.core;

import io.bactrian.journal.log.Entry;
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
    private boolean madeAnew;
    private boolean foundAll;

    ControlReplay(HubLog log, HubSnapshots snapshots, HubNotices notices) {
        this.log = log;
        this.snapshots = snapshots;
        this.notices = notices;
    }

    /**
     * Applies what the snapshot of a hub on a pair lacks, up to a position. A snapshot of another log, or of an end that was cut, is
     * made anew.
     */
    void upTo(long end) {
        HubState state = snapshots.load();
        if (!isOfThisLog(state)) {
            state = anew("belongs to another log", end);
        } else if (!state.applied().isIn(log)) {
            state = anew("belongs to an end of the log that was cut", end);
        } else if (lacksWhatWasDeleted(state)) {
            state = anew("lacks what was deleted meanwhile", end);
        }
        if (end > state.applied().position() && end >= log.first()) {
            apply(state.applied().position() + 1, LogPosition.of(log, end));
        }
    }

    /**
     * The snapshot of a hub alone, brought up to the end of its log. What it knows of an end that was cut it keeps, as publishers and
     * subscribers were told. On return it is known of all records that follow that they are not in it. A snapshot that does not belong
     * to the log stays as it is.
     */
    HubState alone() {
        HubState state = snapshots.load();
        long end = log.end();
        if (end == 0) {
            // The first record must not meet a snapshot of another log, should all end before it is saved.
            snapshots.apply(List.of(
                    new ControlRecord.LogNamed(log.identity()), new ControlRecord.Applied(LogPosition.of(log, 0))));
            return snapshots.load();
        }
        if (!isOfThisLog(state)) {
            return state;
        }
        boolean isNew = state.isEmpty() && state.logIdentity() == 0;
        if (state.applied().isIn(log) && lacksWhatWasDeleted(state)) {
            state = anew("lacks what was deleted meanwhile", end);
            isNew = true;
        }
        LogPosition upTo = LogPosition.of(log, end);
        if (!upTo.equals(state.applied())) {
            apply(firstLacking(state), upTo);
            state = snapshots.load();
        }
        madeAnew = isNew && foundAll;
        return state;
    }

    /** Whether {@link #alone} has made a snapshot from nothing but the log. */
    boolean madeAnew() {
        return madeAnew;
    }

    /** Whether what was applied has said all that held once. */
    boolean foundAll() {
        return foundAll;
    }

    private boolean isOfThisLog(HubState state) {
        return state.logIdentity() == 0 || state.logIdentity() == log.identity();
    }

    /** Each deletion is followed by all that held before it. */
    private boolean lacksWhatWasDeleted(HubState state) {
        long applied = state.applied().position();
        return applied > 0 && applied + 1 < log.first();
    }

    private HubState anew(String flaw, long end) {
        notices.warn(
                "the database " + flaw + ": it is made anew from the log, positions " + log.first() + " to " + end);
        snapshots.clear();
        return snapshots.load();
    }

    /** The first position of which the snapshot may lack a record. */
    private long firstLacking(HubState state) {
        LogPosition applied = state.applied();
        if (applied.epoch() == 0) {
            // Nobody has noted it, as a hub alone once logged no records: the checkpoint has all before it.
            return Math.min(state.position(), log.end()) + 1;
        }
        // What the log holds in place of an end that was cut is new, unless the log knows nothing of that epoch.
        return applied.epoch() > log.epoch()
                ? log.end() + 1
                : Math.min(applied.position(), log.endOfEpoch(applied.epoch())) + 1;
    }

    /** Applies the records from a position on. */
    void apply(long from, LogPosition upTo) {
        long position = Math.max(from, log.first());
        List<ControlRecord> records = new ArrayList<>();
        while (position <= upTo.position()) {
            for (Entry entry : log.read(position, SCAN_BYTES)) {
                position = entry.last() + 1;
                if (entry.last() <= upTo.position()) {
                    if (HubStart.isControl(entry)) {
                        records.addAll(ControlCodec.decode(Batch.parseTrusted(entry.payload())));
                    }
                    if (records.size() >= RECORDS_OF_A_TRANSACTION) {
                        apply(records, LogPosition.of(log, entry.last()));
                    }
                }
            }
        }
        apply(records, upTo);
    }

    private void apply(List<ControlRecord> records, LogPosition upTo) {
        foundAll |= records.stream().anyMatch(ControlRecord.LogNamed.class::isInstance);
        records.add(new ControlRecord.Applied(upTo));
        snapshots.apply(records);
        records.clear();
    }
}
