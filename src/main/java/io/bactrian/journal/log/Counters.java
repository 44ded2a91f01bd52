package io.bactrian.journal.log;

import java.util.List;

/** What a journal counts. */
final class Counters {
    private long appendedEntries;
    private long appendedBytes;
    private long groups;
    private long syncs;
    private long lastSyncMicros;
    private long failedAppends;

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
    }

    synchronized void failed(int appends) {
        failedAppends += appends;
    }

    synchronized JournalStatistics read(long bytesOnDisk, int segments) {
        return new JournalStatistics(
                appendedEntries, appendedBytes, groups, syncs, lastSyncMicros, failedAppends, bytesOnDisk, segments);
    }
}
