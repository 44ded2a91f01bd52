package io.bactrian.federation.routes;

import io.bactrian.federation.core.HistoryEntry;
import io.bactrian.federation.core.HistoryLog;
import io.bactrian.journal.log.Journal;
import java.util.List;

/** The history's journal as the node reads it. */
record JournalHistory(Journal journal) implements HistoryLog {
    @Override
    public long end() {
        return journal.syncedEnd();
    }

    @Override
    public List<HistoryEntry> read(long after, int bytesMax) {
        return journal.read(after + 1, bytesMax).stream()
                .map(entry -> HistoryEntry.read(entry.payload()))
                .toList();
    }
}
