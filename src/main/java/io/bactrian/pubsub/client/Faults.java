package io.bactrian.pubsub.client;

/** Faults of the network, made on purpose. Called on the connection's thread. */
public interface Faults {
    /** None. */
    Faults NONE = () -> false;

    /** Whether the message that has just come from the hub is to be dropped, as if it had been lost. */
    boolean drop();
}
