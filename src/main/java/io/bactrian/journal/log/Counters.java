package io.bactrian.journal.log;

import java.util.List;
import java.util.function.LongConsumer;

/** The counters of a journal. */
final class Counters {
    private long appendedEntries;
    private long appendedBytes;
    private long groups;
    private long syncs;
    private long lastSyncMicros;
    private long failedAppends;
    private LongConsumer syncListener = nanos -> {};

    synchronized void appended(List<Entry> entries, long bytes, boolean synced, long nanos) {
        appendedEntries += entries.size();
        appendedBytes += bytes - (long) entries.size() * EntryFormat.HEADER_BYTES;
        groups++;
        if (synced) {
            synced(nanos);
        }
    }

    synchronized void synced(long nanos) {
        syncs++;
        lastSyncMicros = nanos / 1000;
        syncListener.accept(nanos);
    }

    synchronized void onSync(LongConsumer listener) {
        syncListener = listener;
    }

    synchronized void failed(int appends) {
        failedAppends += appends;
    }

    synchronized JournalStatistics read(long bytesOnDisk, int segments) {
        return new JournalStatistics(
                appendedEntries, appendedBytes, groups, syncs, lastSyncMicros, failedAppends, bytesOnDisk, segments);
    }
}
