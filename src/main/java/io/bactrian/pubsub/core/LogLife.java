package io.bactrian.pubsub.core;

/**
 * What a log adds to its own count of epochs, so that two logs that a hub has had one after the other never tell clients the
 * same epoch: the half seconds since 2026 at which the log was made. A later log has higher epochs for as long as the clock
 * is not set back, and no log begins more epochs than there are half seconds.
 */
public final class LogLife {
    /** 2026-01-01T00:00:00Z. */
    private static final long START_MS = 1_767_225_600_000L;

    private static final long HALF_SECOND_MS = 500;
    /** Leaves room for the epochs that a log counts itself. */
    private static final long MAX = Integer.MAX_VALUE - (1L << 24);

    private LogLife() {}

    /** Of a log that was made at a time, in ms since 1970; 0 before 2026, as the clock was wrong. */
    public static int at(long madeMs) {
        return (int) Math.min(MAX, Math.max(0, Math.floorDiv(madeMs - START_MS, HALF_SECOND_MS)));
    }
}
