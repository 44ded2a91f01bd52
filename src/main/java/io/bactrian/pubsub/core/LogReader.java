package io.bactrian.pubsub.core;

import io.bactrian.journal.log.Entry;
import java.util.List;

/** The hub's log as the feed sees it: whole batches, contiguous positions, and nothing that is not committed. */
public interface LogReader {
    /** The log epoch in force, from 1. */
    int epoch();

    /** The last position that belongs to an earlier epoch; for an epoch in force or later, {@link #end()}. */
    long endOfEpoch(int epoch);

    /** False if an epoch is one of another log that this hub had before, so that none of its positions means anything here. */
    default boolean hasEpoch(int epoch) {
        return true;
    }

    /** The oldest position that is kept; {@code end() + 1} if nothing is. */
    long first();

    /** The oldest position that can still be read: what lies below {@link #first()} is to be deleted, and not yet for sure. */
    default long firstReadable() {
        return first();
    }

    /** The last committed position, 0 for an empty log. */
    long end();

    /**
     * The first position that was logged at a time or after it; {@code end() + 1} if none was. What cannot be read counts as if it
     * were, so nothing is passed over.
     *
     * @param timeMs milliseconds since 1970
     */
    default long firstSince(long timeMs) {
        long from = first();
        long to = end() + 1;
        while (from < to) {
            long middle = from + (to - from) / 2;
            if (isSince(middle, timeMs)) {
                to = middle;
            } else {
                from = middle + 1;
            }
        }
        return to;
    }

    private boolean isSince(long position, long timeMs) {
        try {
            List<Entry> entries = read(position, 1);
            return entries.isEmpty() || Math.abs(entries.get(0).timestampMs()) >= timeMs;
        } catch (LogDamagedException e) {
            return true;
        }
    }

    /** The first position of the newest part, that of a few megabytes: who stands before it lags. 0 if nobody lags. */
    default long recent() {
        return 0;
    }

    /**
     * True if {@link #read} finds a position without waiting for the disk. Otherwise the log begins to fetch it, and tells who
     * drives the rounds when another one is worth while.
     */
    default boolean fetch(long position) {
        return true;
    }

    /** Says that no reader that keeps up needs what lies below a position. */
    default void needed(long from) {}

    /**
     * Reads on from a position.
     *
     * @param position between {@link #firstReadable()} and {@link #end()}; it may lie inside an entry
     * @param bytesMax how much to read; at least one entry is returned if there is one
     * @return the entries from the one that holds {@code position}, in order, without a gap
     */
    List<Entry> read(long position, int bytesMax);
}
