package io.bactrian.pubsub.routes;

/**
 * Decides when a hub is active. If the registry of a context holds one, its hub starts passive: it answers clients that it
 * is not active, until {@link Hub#activate} is called, and again after {@link Hub#stepDown}.
 */
@FunctionalInterface
public interface HubElection {
    /** A hub is open, and passive. Called once, while its context starts. */
    void joins(Hub hub);
}
