package io.bactrian.pubsub.core;

/**
 * Deletes the oldest segments of a hub's log that need not be kept. What the last durable checkpoint does not know stays.
 *
 * <p>In a pair it only says so at first, and deletes when that is committed: whichever hub is active later then grants nobody a
 * start there. One thread at a time; the log is written without the state's lock, and segments are deleted under it.
 */
final class LogPurge {
    private final Object state;
    private final HubLog counted;
    private final LifeLog log;
    private final HubCores cores;
    private final Retention retention;
    private final HubPersistence persistence;
    private final CommitGate gate;
    private final HubNotices notices;

    /** In a pair: once this position is committed, either hub knows what may be deleted. Guarded by the state's lock. */
    private long saidAt;

    /**
     * A purge of a log.
     *
     * @param state the lock of the hub's state
     * @param counted the log with the epochs that it counts itself
     * @param log the same log with the epochs that clients are told
     */
    LogPurge(
            Object state,
            HubLog counted,
            LifeLog log,
            HubCores cores,
            Retention retention,
            HubPersistence persistence,
            CommitGate gate,
            HubNotices notices) {
        this.state = state;
        this.counted = counted;
        this.log = log;
        this.cores = cores;
        this.retention = retention;
        this.persistence = persistence;
        this.gate = gate;
        this.notices = notices;
    }

    /** What a life in a pair has said at its start, it has said up to here. Under the state's lock. */
    void saidAt(long position) {
        saidAt = position;
    }

    /**
     * Deletes what may be deleted.
     *
     * @throws RuntimeException if the disk or the database fails; nothing was deleted then that is still needed
     */
    void run(long nowMs) {
        long keepFrom;
        synchronized (state) {
            cores.tables().now(nowMs);
            keepFrom = retention.keepFrom(cores.checkpoints().durable(), nowMs);
            if (keepFrom > log.first()) {
                giveUpBefore(keepFrom, nowMs);
            } else if (!persistence.inPair()) {
                return;
            }
        }
        // It must be known for whom nothing was there before it is gone.
        persistence.keepOrThrow();
        synchronized (state) {
            delete(keepFrom, nowMs);
        }
    }

    private void giveUpBefore(long keepFrom, long nowMs) {
        cores.feed().subscribers().passOver(keepFrom - 1);
        retention.noteGivenUp(nowMs);
        // After a crash nobody may stand before what is deleted who had passed it.
        persistence.saveCursors(keepFrom - 1);
        if (persistence.inPair()) {
            cores.tables().add(new ControlRecord.LogPurged(log.identity(), keepFrom));
            log.purged(keepFrom);
            saidAt = Long.MAX_VALUE;
        }
        persistence.sayAllFrom(keepFrom);
    }

    private void delete(long keepFrom, long nowMs) {
        long before = counted.first();
        if (persistence.inPair()) {
            saidAt = Math.min(saidAt, persistence.controlEnd());
            log.deleteBefore(saidAt <= gate.committed(log.end()) ? log.first() : 0);
        } else {
            // Somebody may have come meanwhile who needs some of it.
            log.deleteBefore(
                    Math.min(keepFrom, retention.keepFrom(cores.checkpoints().durable(), nowMs)));
        }
        long first = counted.first();
        if (first > before) {
            cores.ledger().purgedBefore(first);
            notices.info("log purged from=" + before + " to=" + (first - 1));
        }
    }
}
