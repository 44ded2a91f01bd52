package io.bactrian.pubsub.core;

import java.util.function.LongSupplier;

/**
 * The numbers under which one process attaches as a subscriber: the first is drawn at random, and a process that is told that
 * another has attached since goes on under the number after its own. So the hub knows it again. 63 bits.
 */
final class SubscriberInstance {
    /** No number. */
    static final long NONE = -1;

    /** So often a process that runs for years is told that another has attached. */
    private static final long OF_ONE_PROCESS = 1 << 20;

    private SubscriberInstance() {}

    static long first(LongSupplier random) {
        return random.getAsLong() & Long.MAX_VALUE;
    }

    static long after(long instance) {
        return (instance + 1) & Long.MAX_VALUE;
    }

    /** Whether the process that had the first number has the second now. */
    static boolean isSameProcess(long former, long instance) {
        return former != NONE && ((instance - former) & Long.MAX_VALUE) < OF_ONE_PROCESS;
    }
}
