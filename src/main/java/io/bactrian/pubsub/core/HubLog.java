package io.bactrian.pubsub.core;

import io.bactrian.wire.Batch;
import java.util.List;

/**
 * The hub's log with what keeps it: segments, syncs, epochs and deletion. Appending what publishers send is not among it,
 * as the routes do that. Unchecked exceptions if the disk fails.
 */
public interface HubLog extends LogReader {
    /** A run of entries in one file. */
    record LogSegment(long first, long last, long bytes, boolean closed) {}

    /** A number that no other log has; a copy of this log has the same. */
    long identity();

    /** What is added to its epochs, see {@link LogLife}; 0 only in tests. */
    int life();

    /** All segments, the oldest first. */
    List<LogSegment> segments();

    /** The first position of the segment in which a position lies. */
    long segmentOf(long position);

    /** Appends a batch of the hub's own; returns its last position, which can be read then, and is synced as all appends. */
    long appendControl(Batch batch);

    /** Returns when everything up to {@link #end()} is on the disk. */
    void sync();

    /** Begins a log epoch, above the present one, with the next position, durably. Epochs between the two are empty. */
    void raiseEpoch(int epoch);

    /** Deletes closed segments that lie wholly below a position. */
    void deleteBefore(long position);

    /**
     * True if every position that the log ever had is surely still there: it was closed in order, and nobody has written to
     * it since. Otherwise its end may be lost.
     */
    boolean isEndCertain();

    /** From now on the end is not certain any more, durably. */
    void opened();

    /** True if nothing may be deleted until an operator says so; see {@link #holdPurges}. */
    boolean purgesAreHeld();

    /** From now on nothing may be deleted, durably: nobody knows who still needs the log. */
    void holdPurges();

    /** Everything is synced and nobody writes any more: the end is certain, durably. */
    void closed();
}
