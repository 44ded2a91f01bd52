package io.bactrian.backup.core;

/**
 * The outcome of a run.
 *
 * @param id the newest backup of the folder
 * @param changed whether it was made by this run; otherwise nothing had changed since
 * @param end the last position of the log in it
 * @param writtenBytes written by this run
 * @param linkedBytes of segments that were linked and not written
 * @param shared segments of which the folder has no copy, but a link to the file of the log
 * @param tookMs how long it took
 * @param backups how many backups the folder holds
 */
public record BackupReport(
        String id,
        boolean changed,
        long end,
        long writtenBytes,
        long linkedBytes,
        int shared,
        long tookMs,
        int backups) {
    /** In one line, for people. */
    public String text() {
        return (changed ? "backup " + id : "nothing has changed since backup " + id) + ": log up to position " + end
                + ", " + writtenBytes + " octets written, " + linkedBytes + " linked, " + tookMs + " ms, " + backups
                + " backups kept"
                + (shared == 0
                        ? ""
                        : "; NO COPY of " + shared
                                + " segments, only links to the log's own files: what the disk damages in"
                                + " the log it damages here too (bactrian.backup.links=false copies)");
    }
}
