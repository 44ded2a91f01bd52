package io.bactrian.pubsub.core;

import java.util.List;

/**
 * The hub's log with what keeps it: segments, syncs, epochs and deletion. Appending is not among it, as the routes do
 * that. Unchecked exceptions if the disk fails.
 */
public interface HubLog extends LogReader {
    /** A run of entries in one file. */
    record Segment(long first, long last, long bytes, boolean closed) {}

    /** All segments, the oldest first. */
    List<Segment> segments();

    /** The first position of the segment in which a position lies. */
    long segmentOf(long position);

    /** Returns when everything up to {@link #end()} is on the disk. */
    void sync();

    /** Begins a new log epoch with the next position, durably. */
    void raiseEpoch();

    /** Deletes closed segments that lie wholly below a position. */
    void deleteBefore(long position);

    /**
     * True if every position that the log ever had is surely still there: it was closed in order, and nobody has written to
     * it since. Otherwise its end may be lost.
     */
    boolean isEndCertain();

    /** From now on the end is not certain any more, durably. */
    void opened();

    /** Everything is synced and nobody writes any more: the end is certain, durably. */
    void closed();
}
