package io.bactrian.pair.core;

/**
 * How a pair works.
 *
 * @param pair its name
 * @param side which node this is
 * @param heartbeatMs the interval of heartbeats; a peer is dead after two of them
 * @param witness whether there is a witness
 * @param sync whether an acknowledgement waits for the peer while it is in step
 * @param windowBytes how much may be on its way to the passive
 * @param chunkBytes how much one message carries, about
 * @param joinLag positions behind at which a peer counts as caught up, and from where on it is waited for
 * @param outAfterMs a peer that has confirmed nothing for so long while something is under way is given up
 */
public record PairSettings(
        String pair,
        Side side,
        long heartbeatMs,
        boolean witness,
        boolean sync,
        int windowBytes,
        int chunkBytes,
        long joinLag,
        long outAfterMs) {
    /** After this a peer that was not heard is dead. */
    public long deadAfterMs() {
        return 2 * heartbeatMs;
    }
}
