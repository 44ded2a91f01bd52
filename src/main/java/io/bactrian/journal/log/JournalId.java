package io.bactrian.journal.log;

import java.time.Instant;
import java.util.random.RandomGenerator;

/**
 * The number that a journal is given when it is made, which every segment repeats: a mark of 8 bits, the half second in
 * which it was made in 31 bits, and 25 random bits. A journal that was made while the clock was wrong has a random number.
 */
public final class JournalId {
    /** Above every half second that an id can hold. */
    private static final long HALF_SECONDS_MAX = 1L << 31;

    private static final long MARK = 0xB7;
    private static final int MARK_SHIFT = 56;
    private static final int TIME_SHIFT = 25;
    private static final long HALF_SECOND_MS = 500;

    /** Times are counted from here. */
    static final long START_MS = Instant.parse("2026-01-01T00:00:00Z").toEpochMilli();

    private JournalId() {}

    static long draw(long nowMs, RandomGenerator random) {
        long halfSeconds = Math.floorDiv(nowMs - START_MS, HALF_SECOND_MS);
        if (halfSeconds > 0 && halfSeconds < HALF_SECONDS_MAX) {
            long drawn = random.nextLong() & ((1L << TIME_SHIFT) - 1);
            return (MARK << MARK_SHIFT) | (halfSeconds << TIME_SHIFT) | drawn;
        }
        long id = random.nextLong();
        return id >>> MARK_SHIFT == MARK ? ~id : id;
    }

    /** When the journal with this id was made, in ms since 1970, to the half second; 0 if the id does not tell. */
    public static long madeMs(long id) {
        return id >>> MARK_SHIFT == MARK
                ? START_MS + ((id >>> TIME_SHIFT) & (HALF_SECONDS_MAX - 1)) * HALF_SECOND_MS
                : 0;
    }
}
