package io.bactrian.pubsub.client;

import java.util.function.LongUnaryOperator;

/**
 * When a core is told that time has passed: soon after anything else has happened to it, though not each time, and else when it
 * has asked for it. So a client that has nothing to do hardly wakes. For one thread.
 */
final class Ticks {
    /** Between two of them, in milliseconds. */
    static final long LEAST_MS = 20;

    private long tickedMs = Long.MIN_VALUE / 2;

    /**
     * Something has happened, or the time is over that was returned last.
     *
     * @param tick tells the core the time, and returns milliseconds until it wants to be told again
     * @return milliseconds until this is to be called again at the latest
     */
    long work(long nowMs, LongUnaryOperator tick) {
        long sinceMs = nowMs - tickedMs;
        if (sinceMs < LEAST_MS) {
            return LEAST_MS - sinceMs;
        }
        tickedMs = nowMs;
        return tick.applyAsLong(nowMs);
    }
}
