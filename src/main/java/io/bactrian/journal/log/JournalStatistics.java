package io.bactrian.journal.log;

/**
 * Counters of a journal since it was opened, and its size now.
 *
 * @param appendedEntries entries appended
 * @param appendedBytes bytes of their payloads
 * @param groups groups of appends that were written together
 * @param syncs times that entries were forced to the disk
 * @param lastSyncMicros how long the last of them took, in microseconds
 * @param failedAppends appends that failed
 * @param bytesOnDisk bytes of all segments
 * @param segments number of segments
 */
public record JournalStatistics(
        long appendedEntries,
        long appendedBytes,
        long groups,
        long syncs,
        long lastSyncMicros,
        long failedAppends,
        long bytesOnDisk,
        int segments) {}
