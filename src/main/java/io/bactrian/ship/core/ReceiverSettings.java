package io.bactrian.ship.core;

/**
 * The settings of a receiver.
 *
 * @param sync whether files and folders are forced to the disk before they count as received
 * @param delete whether senders may have deleted what they do not list
 * @param windowBytes how much a sender may have under way
 * @param sessionsMax the most senders at a time
 * @param entriesMax the most files and folders of a sender
 * @param fileBytesMax the largest file
 * @param openFilesMax the most files that are being written for one sender
 * @param idleMs a sender that is silent for so long is forgotten; another may take its place
 */
public record ReceiverSettings(
        boolean sync,
        boolean delete,
        long windowBytes,
        int sessionsMax,
        int entriesMax,
        long fileBytesMax,
        int openFilesMax,
        long idleMs) {
    public ReceiverSettings {
        if (windowBytes < 1
                || sessionsMax < 1
                || entriesMax < 1
                || fileBytesMax < 0
                || openFilesMax < 1
                || idleMs < 1) {
            throw new IllegalArgumentException("no bound of a receiver may be below 1");
        }
    }

    /** Returns the settings that serve most. */
    public static ReceiverSettings usual() {
        return new ReceiverSettings(true, true, 8 << 20, 16, 1_000_000, 1L << 40, 128, 10_000);
    }
}
