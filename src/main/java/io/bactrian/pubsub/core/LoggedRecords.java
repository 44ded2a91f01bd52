package io.bactrian.pubsub.core;

import java.util.ArrayList;
import java.util.List;

/**
 * The control records of a hub in a pair: they are durable once they are in the log, and the snapshot gets them with the next
 * checkpoint. The writer's lock of {@link HubMachine} guards it.
 */
final class LoggedRecords {
    private static final int RECORDS_OF_A_BATCH = 1_000;

    /** So many records may be missing in the snapshot: a bound for the memory that they take. */
    private static final int UNSAVED_MAX = 10_000;

    private final HubLog counted;
    private final LifeLog log;
    private final HubSnapshots snapshots;
    private final List<ControlRecord> unsaved = new ArrayList<>();
    /** Where the last of them stands. */
    private LogPosition unsavedTo = LogPosition.NONE;

    /**
     * @param counted the log with the epochs that it counts itself
     * @param log the same log with the epochs that clients are told
     */
    LoggedRecords(HubLog counted, LifeLog log, HubSnapshots snapshots) {
        this.counted = counted;
        this.log = log;
        this.snapshots = snapshots;
    }

    /**
     * Appends records to the log.
     *
     * @return the position of the last one
     * @throws RuntimeException if the log or the snapshot cannot be written
     */
    long append(List<ControlRecord> records) {
        if (unsaved.size() >= UNSAVED_MAX) {
            save();
        }
        long last = 0;
        // As it is before the append: what follows may be another node's already.
        int epoch = counted.epoch();
        for (int from = 0; from < records.size(); from += RECORDS_OF_A_BATCH) {
            int to = Math.min(records.size(), from + RECORDS_OF_A_BATCH);
            last = log.appendControl(ControlCodec.encode(records.subList(from, to)));
        }
        unsavedTo = new LogPosition(epoch, last);
        unsaved.addAll(records);
        return last;
    }

    /** Brings the snapshot up to the records that are in the log. */
    void save() {
        if (!unsaved.isEmpty()) {
            List<ControlRecord> all = new ArrayList<>(unsaved);
            all.add(new ControlRecord.Applied(unsavedTo));
            snapshots.apply(all);
            unsaved.clear();
        }
    }
}
