package io.bactrian.pubsub.routes;

import io.bactrian.journal.log.Journal;
import io.bactrian.pubsub.core.LogEntry;
import io.bactrian.pubsub.core.LogReader;
import java.util.List;

/** The hub's journal as its cores see it. */
record JournalLog(Journal journal) implements LogReader {
    @Override
    public int epoch() {
        return journal.epoch();
    }

    @Override
    public long endOfEpoch(int epoch) {
        return epoch < 1 || epoch > journal.epoch() ? journal.end() : journal.endOfEpoch(epoch);
    }

    @Override
    public long first() {
        return journal.first();
    }

    @Override
    public long end() {
        return journal.end();
    }

    @Override
    public List<LogEntry> read(long position, int bytesMax) {
        return journal.read(position, bytesMax).stream()
                .map(entry -> new LogEntry(entry.position(), entry.count(), entry.payload()))
                .toList();
    }
}
