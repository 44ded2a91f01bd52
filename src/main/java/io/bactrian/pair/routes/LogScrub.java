package io.bactrian.pair.routes;

import io.bactrian.journal.log.Entry;
import io.bactrian.journal.log.Journal;
import io.bactrian.journal.log.JournalDamagedException;
import io.bactrian.journal.log.JournalException;
import io.bactrian.journal.log.JournalPurgedException;
import java.util.List;
import java.util.NavigableSet;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListSet;

/**
 * Reads the whole log of a node again and again, slowly, so that damage is found while the peer's copy is good. What it
 * meets is known to the journal; beside that it keeps where a repair without a peer has cut something out. Thread-safe but for
 * {@link #step}, which is for one thread.
 */
final class LogScrub {
    private final Journal journal;
    private final NavigableSet<Long> cutOut = new ConcurrentSkipListSet<>();
    /** What the peer did not have either is asked for once in the life of the process. */
    private final Set<Long> tried = ConcurrentHashMap.newKeySet();

    private long next = 1;

    LogScrub(Journal journal) {
        this.journal = journal;
    }

    /**
     * Looks at the next part of the log.
     *
     * @throws JournalException if the disk does not give it; the next step goes on behind that segment
     */
    void step(int bytes) {
        try {
            List<Entry> found = journal.readFromDisk(next, bytes);
            for (Entry entry : found) {
                long segment = entry.isGap() ? journal.segmentOf(entry.position()) : 0;
                if (entry.isGap() && !tried.contains(segment)) {
                    cutOut.add(segment);
                }
            }
            next = found.isEmpty()
                    ? journal.first()
                    : found.get(found.size() - 1).last() + 1;
        } catch (JournalDamagedException e) {
            next = afterSegment(next);
        } catch (JournalPurgedException e) {
            next = e.first();
        } catch (JournalException e) {
            next = afterSegment(next);
            throw e;
        }
    }

    private long afterSegment(long position) {
        long segment = journal.segmentOf(position);
        return journal.segments().stream()
                .filter(info -> info.firstPosition() == segment)
                .mapToLong(info -> info.lastPosition() + 1)
                .findFirst()
                .orElse(journal.first());
    }

    /** The first position of a segment in which something is cut out, until it is {@link #rewritten}; empty if none is. */
    OptionalLong cutOut() {
        Long first = cutOut.ceiling(journal.first());
        return first == null ? OptionalLong.empty() : OptionalLong.of(first);
    }

    /** It is tried to make a segment anew. */
    void rewritten(long first) {
        tried.add(first);
        cutOut.remove(first);
    }
}
