package io.bactrian.pubsub.core;

/** The reason for a life of a hub: the time in which it is active. */
public enum HubLife {
    /** Nobody else. A new log epoch begins if the end of the log is not certain. */
    ALONE,

    /**
     * A pair, which copies the log. What must be durable stands in the log, so that the other hub has it too, and the pair
     * begins the log epochs: one for each takeover.
     */
    IN_PAIR
}
