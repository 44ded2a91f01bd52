package io.bactrian.ship.core;

import java.util.List;

/**
 * The summary of a round of shipping.
 *
 * @param files files in the folder
 * @param folders sub-folders in it
 * @param bytes octets of all files
 * @param shipped files that were made anew or changed at the receiver
 * @param shippedBytes octets of those
 * @param literalBytes octets of those that were sent
 * @param matchedBytes octets of those that the receiver had already
 * @param deleted files and folders that were deleted at the receiver
 * @param skipped links, devices and other things that are not shipped
 * @param vanished files that were gone when they were to be read
 * @param sentBytes octets sent, with the framing of ZeroMQ
 * @param receivedBytes octets received, with the framing of ZeroMQ
 * @param repeated frames that were sent again
 * @param tookMs how long it took
 * @param problems what could not be shipped and why, for people; empty if the folders are equal
 */
public record ShipSummary(
        long files,
        long folders,
        long bytes,
        long shipped,
        long shippedBytes,
        long literalBytes,
        long matchedBytes,
        long deleted,
        long skipped,
        long vanished,
        long sentBytes,
        long receivedBytes,
        long repeated,
        long tookMs,
        List<String> problems) {
    public ShipSummary {
        problems = List.copyOf(problems);
    }

    /** Whether all that should be at the receiver is there. */
    public boolean complete() {
        return problems.isEmpty();
    }

    /** One line for a log. */
    public String line() {
        return "files=" + files + " shipped=" + shipped + " literalBytes=" + literalBytes + " matchedBytes="
                + matchedBytes + " deleted=" + deleted + " sentBytes=" + sentBytes + " receivedBytes=" + receivedBytes
                + " problems=" + problems.size() + " tookMs=" + tookMs;
    }

    /** Several lines for people, in the order of {@code rsync --stats}. */
    public String text() {
        double seconds = Math.max(1, tookMs) / 1000.0;
        return String.join(
                System.lineSeparator(),
                String.format("Number of files: %,d (folders: %,d, not shipped: %,d)", files, folders, skipped),
                String.format("Number of shipped files: %,d", shipped),
                String.format("Number of deleted files: %,d", deleted),
                String.format("Total file size: %,d bytes", bytes),
                String.format("Total shipped file size: %,d bytes", shippedBytes),
                String.format("Literal data: %,d bytes", literalBytes),
                String.format("Matched data: %,d bytes", matchedBytes),
                String.format("Total bytes sent: %,d", sentBytes),
                String.format("Total bytes received: %,d", receivedBytes),
                String.format(
                        "%,.0f bytes/s, speedup is %,.2f, took %.3f s",
                        (sentBytes + receivedBytes) / seconds,
                        bytes / (double) Math.max(1, sentBytes + receivedBytes),
                        tookMs / 1000.0));
    }
}
