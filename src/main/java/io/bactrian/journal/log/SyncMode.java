package io.bactrian.journal.log;

/**
 * When what was appended is forced to the disk. A killed process loses nothing in any mode; the modes differ in what a
 * power cut, or a crash of the operating system, can take.
 */
public enum SyncMode {
    /** Before an append returns, in groups: nothing that was acknowledged is lost. */
    ALWAYS,
    /** Every {@link JournalSettings#syncInterval()}: what was appended since the last sync may be lost. */
    INTERVAL,
    /**
     * When a segment is closed, when the epoch is raised and when the journal is closed: what was appended to the open
     * segment may be lost, at most {@link JournalSettings#segmentBytes()} and one group.
     */
    NEVER
}
