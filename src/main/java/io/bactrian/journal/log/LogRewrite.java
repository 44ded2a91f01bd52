package io.bactrian.journal.log;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A damaged segment of an open log that is made anew: what can be read of it stays, and what is missing comes from another copy of
 * the log. Until {@link #finish} nothing changes. Used by one thread at a time; failures of the disk are thrown as
 * {@link JournalException}.
 */
public interface LogRewrite extends AutoCloseable {

    /** Positions from one to another, both included. */
    record Range(long from, long to) {}

    /** All positions of the segment. */
    Range positions();

    /** What is missing next; null if nothing is any more. Reads on in the segment, which may take seconds. */
    @Nullable Range missing();

    /**
     * Puts entries in the place of the first of what is missing; those that lie beyond it are left out.
     *
     * @throws IllegalArgumentException if they do not fit there, or are gaps themselves; the rewrite is of no use any more
     */
    void put(List<Entry> entries);

    /**
     * Puts the segment in the place of the damaged one, durably.
     *
     * @throws IllegalStateException if something is missing, the log no longer has the segment, or it held something else
     */
    void finish();

    /** Gives it up, unless it is finished. */
    @Override
    void close();
}
