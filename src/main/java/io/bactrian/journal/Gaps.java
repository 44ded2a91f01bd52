package io.bactrian.journal;

import io.bactrian.journal.log.Entry;
import io.bactrian.journal.log.Journal;
import java.util.ArrayList;
import java.util.List;
import org.apache.camel.Message;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads a journal for a consumer, and takes out what stands for lost positions: these are logged once, and told in the headers of
 * the next Exchange. Used by one thread at a time.
 */
final class Gaps {
    private static final Logger LOG = LoggerFactory.getLogger(Gaps.class);

    private final JournalEndpoint endpoint;
    private final ConsumerSettings settings;
    private long from;
    private long to;

    Gaps(JournalEndpoint endpoint, ConsumerSettings settings) {
        this.endpoint = endpoint;
        this.settings = settings;
    }

    /** The entries from a position on, up to the next gap; empty if there is none yet. */
    List<Entry> read(Journal journal, long position, int bytesMax) {
        long next = position;
        while (true) {
            List<Entry> entries = new ArrayList<>();
            for (Entry entry : journal.read(next, bytesMax)) {
                if (!entry.isGap()) {
                    entries.add(entry);
                } else if (entries.isEmpty()) {
                    lost(Math.max(next, entry.position()), entry.last());
                    next = entry.last() + 1;
                } else {
                    return entries;
                }
            }
            if (!entries.isEmpty() || next > journal.end()) {
                return entries;
            }
        }
    }

    private void lost(long first, long last) {
        if (last == to) {
            return; // read again, as nothing has followed it
        }
        from = first == to + 1 ? from : first;
        to = last;
        LOG.warn(
                "journal={} cursor={} positions {} to {} are lost: the disk has damaged them",
                endpoint.getName(),
                settings.cursor(),
                first,
                last);
    }

    /** Says in the headers of a message what is lost before its first entry, if anything is. */
    void tell(Message message, Entry first) {
        if (to > 0 && first.position() == to + 1) {
            message.setHeader(JournalConstants.LOST_FROM, from);
            message.setHeader(JournalConstants.LOST_TO, to);
        }
    }
}
