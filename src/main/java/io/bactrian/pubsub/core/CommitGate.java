package io.bactrian.pubsub.core;

/**
 * Says how far the log is committed: no acknowledgement, answer, delivery, plain publication or checkpoint tells of a
 * position above. Called under the hub's lock, so it must be quick.
 */
@FunctionalInterface
public interface CommitGate {
    /** The gate of a hub without a peer: what is in its log is committed. */
    CommitGate ALONE = end -> end;

    /**
     * The committed position. It never goes back while the hub is active.
     *
     * @param end the last position that is in the log of this hub, and synced if the log syncs each append
     * @return at most {@code end}
     */
    long committed(long end);
}
