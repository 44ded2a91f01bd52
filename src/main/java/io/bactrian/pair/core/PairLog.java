package io.bactrian.pair.core;

import io.bactrian.journal.log.Entry;
import io.bactrian.journal.log.LogRewrite;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** The log that a pair copies, as the core uses it. What is done has been synced on return; failures are thrown. */
public interface PairLog {

    LogHistory history();

    /** The last position that is on the disk. */
    long end();

    /** The last position that can be read: above {@link #end()} while something is written that is not on the disk yet. */
    long writtenEnd();

    /**
     * Whether something that could be read above {@link #end()} has not come onto the disk. Then nothing is appended before the
     * next epoch begins, as its position will be that of another entry.
     */
    boolean isEpochSpent();

    /** The oldest position that is kept. */
    long first();

    /** Entries from the one that contains a position, at least one if there is any, up to {@code maxBytes}; as far as {@link #writtenEnd()}. */
    List<Entry> read(long position, int maxBytes);

    /** The same from the disk, with gaps in the place of what cannot be read, as far as one segment reaches. */
    List<Entry> salvage(long position, int maxBytes);

    void appendCopies(List<Entry> copies);

    /** Moves what is above aside and tells where to, empty if there was nothing. */
    Optional<String> cutAbove(long position, List<Long> epochStarts);

    /** Moves everything aside and tells where to, empty if there was nothing. */
    Optional<String> beginAnew(String id, long first, List<Long> epochStarts);

    /** The first position of a segment that is known to be damaged, empty if none is. */
    OptionalLong damagedSegment();

    /** Begins to make such a segment anew. */
    LogRewrite rewrite(long first);

    void raiseEpoch(int epoch);

    /** Whether others than the pair may append: true only while the node is active. */
    void open(boolean appendable);

    /** While the active hands over nobody appends. What was open before is open afterwards, if the node is still active. */
    void hold(boolean held);
}
