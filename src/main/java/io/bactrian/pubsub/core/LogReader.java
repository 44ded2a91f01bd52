package io.bactrian.pubsub.core;

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
     * Reads on from a position.
     *
     * @param position between {@link #firstReadable()} and {@link #end()}; it may lie inside an entry
     * @param bytesMax how much to read; at least one entry is returned if there is one
     * @return the entries from the one that holds {@code position}, in order, without a gap
     */
    List<LogEntry> read(long position, int bytesMax);
}
