package io.bactrian.pubsub.core;

import io.bactrian.journal.log.Entry;
import io.bactrian.wire.Batch;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * A log whose epochs are counted as clients are told: what the log itself counts, and above that the {@link LogLife}. The
 * life of a log is that of its identity. A restore, and a start without the database that knows of the restore, begins
 * another life of the same log, from a later epoch on.
 *
 * <p>An epoch that lies between two lives, or below the first, is one of a log that is no longer there: this one has nothing
 * of it.
 */
final class LifeLog implements HubLog {
    /** The log keeps a number for each epoch, also for the empty ones. */
    private static final int EMPTY_EPOCHS_MAX = 1024;

    private final HubLog log;
    /** By the first epoch, as the log counts, to which it is added. Replaced and never changed. */
    private volatile NavigableMap<Integer, Integer> lives = new TreeMap<>(Map.of(1, 0));

    /** What is below may be deleted, or is already. */
    private volatile long purgedBefore;

    LifeLog(HubLog log) {
        this.log = log;
    }

    /** Takes over the lives that a snapshot knows of this log. */
    void load(HubState state) {
        NavigableMap<Integer, Integer> all = new TreeMap<>(Map.of(1, log.life()));
        if (state.logIdentity() == log.identity()) {
            new TreeMap<>(state.lives()).forEach((from, life) -> {
                // The clock may have been set back: what clients are told never falls.
                if (life >= all.floorEntry(from).getValue()) {
                    all.put(from, life);
                }
            });
        }
        lives = all;
        purgedBefore = state.logIdentity() == log.identity() ? state.purgedBefore() : 0;
    }

    /** All lives of this log but the one that it has by itself, as they were begun. */
    List<ControlRecord> lives() {
        List<ControlRecord> all = new ArrayList<>();
        lives.tailMap(1, false)
                .forEach((from, life) -> all.add(new ControlRecord.LogLives(log.identity(), from, life)));
        return all;
    }

    /** From now on what is below a position counts as deleted. */
    void purged(long before) {
        purgedBefore = before;
    }

    @Override
    public int life() {
        return log.life();
    }

    @Override
    public int epoch() {
        int epoch = log.epoch();
        return epoch + lives.floorEntry(epoch).getValue();
    }

    @Override
    public boolean hasEpoch(int epoch) {
        return epoch < 1 || epoch >= epoch() || counted(epoch) > 0;
    }

    @Override
    public long endOfEpoch(int epoch) {
        if (epoch < 1 || epoch >= epoch()) {
            return log.end();
        }
        int counted = counted(epoch);
        return counted == 0 ? 0 : log.endOfEpoch(counted);
    }

    /** An epoch as the log counts it, 0 if it is not one of this log. */
    private int counted(int epoch) {
        int last = log.epoch();
        for (Map.Entry<Integer, Integer> life : lives.descendingMap().entrySet()) {
            int counted = epoch - life.getValue();
            if (counted >= life.getKey()) {
                return counted <= last ? counted : 0;
            }
            last = life.getKey() - 1;
        }
        return 0;
    }

    /** Epochs between the two are empty; where there would be many of them, another life begins instead. */
    @Override
    public void raiseEpoch(int epoch) {
        int life = lives.lastEntry().getValue();
        int next = log.epoch() + 1;
        if (epoch - life <= next + EMPTY_EPOCHS_MAX) {
            log.raiseEpoch(epoch - life);
            return;
        }
        beginLife(epoch);
    }

    /**
     * Begins another life of this log with an epoch as clients are told: none between the present one and this is of this log.
     *
     * @return what is to be kept of it
     */
    ControlRecord beginLife(int epoch) {
        int next = log.epoch() + 1;
        log.raiseEpoch(next);
        NavigableMap<Integer, Integer> all = new TreeMap<>(lives);
        all.put(next, epoch - next);
        lives = all;
        return new ControlRecord.LogLives(log.identity(), next, epoch - next);
    }

    @Override
    public long identity() {
        return log.identity();
    }

    @Override
    public List<LogSegment> segments() {
        return log.segments();
    }

    @Override
    public long segmentOf(long position) {
        return log.segmentOf(position);
    }

    @Override
    public long appendControl(Batch batch) {
        return log.appendControl(batch);
    }

    @Override
    public void sync() {
        log.sync();
    }

    @Override
    public void deleteBefore(long position) {
        log.deleteBefore(position);
    }

    @Override
    public boolean isEndCertain() {
        return log.isEndCertain();
    }

    @Override
    public void opened() {
        log.opened();
    }

    @Override
    public boolean purgesAreHeld() {
        return log.purgesAreHeld();
    }

    @Override
    public void holdPurges() {
        log.holdPurges();
    }

    @Override
    public void closed() {
        log.closed();
    }

    @Override
    public long first() {
        return Math.max(log.first(), purgedBefore);
    }

    @Override
    public long firstReadable() {
        return log.first();
    }

    @Override
    public long end() {
        return log.end();
    }

    @Override
    public long recent() {
        return log.recent();
    }

    @Override
    public boolean fetch(long position) {
        return log.fetch(position);
    }

    @Override
    public void needed(long from) {
        log.needed(from);
    }

    @Override
    public List<Entry> read(long position, int bytesMax) {
        return log.read(position, bytesMax);
    }
}
