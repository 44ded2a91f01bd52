package io.bactrian.pubsub.routes;

import io.bactrian.pubsub.core.CommitGate;

/**
 * Decides when a hub is active, and how far its log is committed. A hub for which {@code bactrian.hub.election} names one
 * starts passive: it answers clients that it is not active, until {@link Hub#activate} is called, and again after {@link
 * Hub#stepDown}. Thread-safe.
 */
public interface HubElection extends CommitGate {
    /** A hub is open, and passive. Called once, while its context starts. */
    void joins(Hub hub);

    /** A client asks for something, and the hub is passive. Called often, so it must be quick. */
    default void asked() {}

    /** Without a word of its own, the log is committed as that of a lone hub is. */
    @Override
    default long committed(long end) {
        return CommitGate.ALONE.committed(end);
    }
}
