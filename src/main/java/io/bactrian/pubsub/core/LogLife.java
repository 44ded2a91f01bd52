package io.bactrian.pubsub.core;

/**
 * The number that a log adds to its own count of epochs, so that two logs that a hub has had one after the other never
 * tell clients the
 * same epoch: the half seconds since 2026 at which the log was made. A later log has higher epochs for as long as the clock
 * is not set back, and no log begins more epochs than there are half seconds. A log that was made while the clock stood before
 * 2026 draws its number from its random identity, below all numbers that a right clock gives.
 */
public final class LogLife {
    /** 2026-01-01T00:00:00Z. */
    private static final long START_MS = 1_767_225_600_000L;

    private static final long HALF_SECOND_MS = 500;
    /** Leaves room for the epochs that a log counts itself. */
    private static final long MAX = Integer.MAX_VALUE - (1L << 24);

    /** Half a year of half seconds are 2^25; the first 2^24 were over before the first log was made. */
    private static final int DRAWN_BITS = 24;

    /** More epochs than a log begins beyond its life before the clock has caught up. */
    private static final int COUNTED_MAX = 1 << 20;

    private LogLife() {}

    /**
     * Of a log by its identity, which is never 0.
     *
     * @param madeMs when it was made, in ms since 1970; 0 if its identity does not tell, which is then random
     */
    public static int of(long identity, long madeMs) {
        return madeMs > START_MS ? at(madeMs) : 1 + (int) (mixed(identity) >>> (Long.SIZE - DRAWN_BITS));
    }

    /** Spreads all bits of a number over all bits of the result (the finalizer of SplitMix64). */
    private static long mixed(long number) {
        long first = (number ^ (number >>> 30)) * 0xbf58476d1ce4e5b9L;
        long second = (first ^ (first >>> 27)) * 0x94d049bb133111ebL;
        return second ^ (second >>> 31);
    }

    /**
     * Whether a log that this hub had, and that was made before now, can have told a log epoch; true also if the clock is so
     * wrong that nobody can know.
     */
    static boolean canHaveTold(int epoch, long nowMs) {
        int now = at(nowMs);
        return epoch <= (now == 0 ? MAX : Math.min(MAX, (long) now + COUNTED_MAX));
    }

    /** Above an epoch that another log has told, and above all others that a log can have told until now. */
    static int above(int epoch, long nowMs) {
        return Math.max(epoch, at(nowMs)) + 1;
    }

    /** The half seconds at a time, in ms since 1970; 0 before 2026, as the clock was wrong. */
    public static int at(long madeMs) {
        return (int) Math.min(MAX, Math.max(0, Math.floorDiv(madeMs - START_MS, HALF_SECOND_MS)));
    }
}
