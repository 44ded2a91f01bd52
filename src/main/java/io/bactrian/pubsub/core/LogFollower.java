package io.bactrian.pubsub.core;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Fills a hub's cores before its life begins, from the snapshot and the log of a pair, and goes on as the log grows, so that a
 * takeover has nothing to read. Not thread-safe.
 */
final class LogFollower {
    private final HubLog log;
    private final LifeLog told;
    private final HubSnapshots snapshots;
    private final ControlReplay replay;
    private final HubNotices notices;
    private final HubCores cores;

    /** On what the cores rest; null before they are filled. */
    private @Nullable HubState base;
    /** Up to here the cores have the log. */
    private LogPosition followed = LogPosition.NONE;
    /** Up to here the ledger has counted the log before the cores were filled. */
    private long countedTo;

    /**
     * For cores that are empty.
     *
     * @param log with the epochs that it counts itself
     * @param told the same log with the epochs that clients are told
     */
    LogFollower(
            HubLog log,
            LifeLog told,
            HubSnapshots snapshots,
            ControlReplay replay,
            HubNotices notices,
            HubCores cores) {
        this.log = log;
        this.told = told;
        this.snapshots = snapshots;
        this.replay = replay;
        this.notices = notices;
        this.cores = cores;
    }

    /** Spares this one what another one has counted, which is used for nothing from now on. */
    void takeOver(LogFollower former) {
        if (former.followed.isIn(log)) {
            cores.ledger().takeOver(former.cores.ledger());
            countedTo = former.followed.position();
        }
    }

    /** Fills the cores up to a position, if they are empty; returns how many entries were read for that. */
    long fill(long upTo, long nowMs) {
        if (base != null) {
            return 0;
        }
        replay.upTo(upTo);
        HubState state = snapshots.load();
        told.load(state);
        cores.tables().now(nowMs);
        cores.tables().load(state);
        HubStart start = new HubStart(told, state, notices);
        if (!replay.foundAll()) {
            start.warnOfAGap();
        }
        long scanned = start.restore(cores, countedTo, upTo, nowMs);
        base = state;
        followed = LogPosition.of(log, upTo);
        return scanned;
    }

    /** The start of a life that goes on from here. */
    HubStart start() {
        return new HubStart(told, Objects.requireNonNull(base), notices);
    }

    /**
     * Goes on.
     *
     * @return false if that cannot be, as the log was cut or says more than messages
     */
    boolean readOn(long upTo) {
        HubState rests = base;
        if (rests == null
                || !rests.applied().isIn(log)
                || !followed.isIn(log)
                || log.first() > followed.position() + 1) {
            return false;
        }
        if (upTo > followed.position()) {
            followed = LogPosition.of(log, start().readOn(followed.position() + 1, upTo, cores));
        }
        return followed.position() >= upTo;
    }

    /**
     * Brings the snapshot up to the cores, and deletes what the other hub may delete. Does nothing while the snapshot holds records of
     * the log that are not committed, as a life that has ended may have left it: the log may still be cut below them, and then the
     * snapshot must show it, and what they allow to delete is needed.
     */
    void keep(long nowMs) {
        HubState rests = Objects.requireNonNull(base);
        if (rests.applied().position() > followed.position()) {
            return;
        }
        CheckpointBuilder checkpoints = cores.checkpoints();
        checkpoints.underWayFrom(followed.position() + 1);
        Checkpoint checkpoint = checkpoints.build(cores.feed().subscribers(), followed, nowMs);
        checkpoints.nothingUnderWay();
        if (checkpoint.position() > checkpoints.durable()) {
            snapshots.checkpoint(checkpoint);
            checkpoints.written(checkpoint);
        }
        log.deleteBefore(Math.min(rests.purgedBefore(), checkpoints.durable() + 1));
        cores.ledger().purgedBefore(log.first());
    }
}
