package io.bactrian.pair.routes;

import io.bactrian.journal.log.Entry;
import io.bactrian.journal.log.Journal;
import io.bactrian.journal.log.JournalException;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How far the passive's copy is behind the log of the active.
 *
 * @param messages positions that the passive has not confirmed
 * @param bytes octets of payload of them; above {@value #READ_BYTES} as the first of them let expect
 * @param ms the age of the oldest of them
 */
record CopyLag(long messages, long bytes, long ms) {
    private static final Logger LOG = LoggerFactory.getLogger(CopyLag.class);
    private static final CopyLag NONE = new CopyLag(0, 0, 0);
    private static final int READ_BYTES = 1 << 20;

    /**
     * Measures.
     *
     * @param end the last position of the log
     * @param nowMs by the clock of the entries' timestamps
     */
    static CopyLag of(Journal journal, long end, long messages, long nowMs) {
        if (messages <= 0) {
            return NONE;
        }
        List<Entry> entries;
        try {
            entries = journal.read(Math.max(journal.first(), end - messages + 1), READ_BYTES);
        } catch (JournalException e) {
            LOG.debug("lag not measured in octets and time: {}", e.getMessage());
            return new CopyLag(messages, 0, 0);
        }
        if (entries.isEmpty()) {
            return new CopyLag(messages, 0, 0);
        }
        long bytes = entries.stream().mapToLong(entry -> entry.payload().length).sum();
        long read = entries.get(entries.size() - 1).last() - entries.get(0).position() + 1;
        long all = read >= messages ? bytes : Math.round((double) bytes / read * messages);
        return new CopyLag(messages, all, Math.max(0, nowMs - entries.get(0).timestampMs()));
    }

    /** Of the node of a pair; of a passive one only the positions are known. */
    static CopyLag of(Pair pair) {
        Map<String, Object> figures = pair.figures();
        long messages = number(figures, "lag");
        return pair.active()
                ? of(pair.journal(), number(figures, "end"), messages, System.currentTimeMillis())
                : new CopyLag(Math.max(0, messages), 0, 0);
    }

    private static long number(Map<String, Object> figures, String name) {
        return figures.get(name) instanceof Number number ? number.longValue() : 0;
    }
}
