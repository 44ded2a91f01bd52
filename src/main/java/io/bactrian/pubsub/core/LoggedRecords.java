package io.bactrian.pubsub.core;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The control records of a life: they are durable once they are in the log, and the snapshot gets them with the next
 * checkpoint. The writer's lock of {@link HubPersistence} guards it, but for {@link #save}.
 */
final class LoggedRecords {
    private static final int RECORDS_OF_A_BATCH = 1_000;

    /** So many records that the snapshot lacks are held in memory; where it lacks more they are read from the log. */
    private static final int UNSAVED_MAX = 10_000;

    private final HubLog counted;
    private final LifeLog log;
    private final HubSnapshots snapshots;
    private final ControlReplay replay;
    private List<ControlRecord> unsaved = new ArrayList<>();
    /** The first position that the snapshot lacks, 0 if it has all. */
    private long unsavedFrom;
    /** Whether there are more of them than those that are held. */
    private boolean overflown;
    /** Where the last of all stands. */
    private LogPosition last = LogPosition.NONE;

    /**
     * What the snapshot lacks.
     *
     * @param from the first position, 0 if it lacks nothing
     * @param last where the last record of the life stands
     * @param records null if they are to be read from the log
     */
    record Unsaved(long from, LogPosition last, @Nullable List<ControlRecord> records) {}

    /**
     * @param counted the log with the epochs that it counts itself
     * @param log the same log with the epochs that clients are told
     */
    LoggedRecords(HubLog counted, LifeLog log, HubSnapshots snapshots, ControlReplay replay) {
        this.counted = counted;
        this.log = log;
        this.snapshots = snapshots;
        this.replay = replay;
    }

    /**
     * Appends records to the log. They are on the disk on return.
     *
     * @return the position of the last one
     * @throws RuntimeException if the log cannot be written
     */
    long append(List<ControlRecord> records) {
        // As it is before the append: what follows may be another node's already.
        int epoch = counted.epoch();
        long end = 0;
        for (int from = 0; from < records.size(); from += RECORDS_OF_A_BATCH) {
            int to = Math.min(records.size(), from + RECORDS_OF_A_BATCH);
            end = log.appendControl(ControlCodec.encode(records.subList(from, to)));
            if (unsavedFrom == 0) {
                unsavedFrom = end - (to - from) + 1;
            }
        }
        log.sync();
        last = new LogPosition(epoch, end);
        unsaved.addAll(records);
        bound();
        return end;
    }

    private void bound() {
        if (overflown || unsaved.size() > UNSAVED_MAX) {
            overflown = true;
            unsaved = new ArrayList<>();
        }
    }

    /** Where the last record of the life stands. */
    LogPosition last() {
        return last;
    }

    /** What is in the log and not in the snapshot; it is then the caller's. */
    Unsaved take() {
        Unsaved taken = new Unsaved(unsavedFrom, last, overflown ? null : unsaved);
        unsaved = new ArrayList<>();
        unsavedFrom = 0;
        overflown = false;
        return taken;
    }

    /** This could not be saved. */
    void putBack(Unsaved taken) {
        if (taken.from() > 0) {
            unsavedFrom = taken.from();
            overflown |= taken.records() == null;
            List<ControlRecord> all = new ArrayList<>(taken.records() == null ? List.of() : taken.records());
            all.addAll(unsaved);
            unsaved = all;
            bound();
        }
    }

    /** Brings the snapshot up to the log. Without the writer's lock, as it may take long. */
    void save(Unsaved taken) {
        if (taken.from() == 0) {
            return;
        }
        if (taken.records() == null) {
            replay.apply(taken.from(), taken.last());
            return;
        }
        List<ControlRecord> all = new ArrayList<>(taken.records());
        all.add(new ControlRecord.Applied(taken.last()));
        snapshots.apply(all);
    }
}
