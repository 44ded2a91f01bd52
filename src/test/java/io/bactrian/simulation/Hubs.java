package io.bactrian.simulation;

/** What serves the clients of a run: one hub, or two on a pair. */
interface Hubs {
    /** A frame of a client has arrived. */
    void receive(byte[] peer, byte[] frame);

    /** The oldest position that is kept. */
    long first();

    /** Up to which position a subscriber had to give up, 0 if it had not. */
    long gaveUp(String subscriber);
}
