package io.bactrian.backup;

/**
 * What a run has done.
 *
 * @param id the newest backup of the folder
 * @param changed whether it was made by this run; otherwise nothing had changed since
 * @param end the last position of the log in it
 * @param writtenBytes written by this run
 * @param linkedBytes of segments that were linked and not written
 * @param tookMs how long it took
 * @param backups how many backups the folder holds
 */
public record BackupReport(
        String id, boolean changed, long end, long writtenBytes, long linkedBytes, long tookMs, int backups) {
    /** In one line, for people. */
    public String text() {
        return (changed ? "backup " + id : "nothing has changed since backup " + id) + ": log up to position " + end
                + ", " + writtenBytes + " octets written, " + linkedBytes + " linked, " + tookMs + " ms, " + backups
                + " backups kept";
    }
}
