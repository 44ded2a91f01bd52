package io.bactrian.hub;

import io.bactrian.delivery.LogEntry;
import io.bactrian.delivery.LogReader;
import io.bactrian.journal.Journal;
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
