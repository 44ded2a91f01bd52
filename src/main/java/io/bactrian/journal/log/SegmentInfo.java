package io.bactrian.journal.log;

/**
 * The description of a segment.
 *
 * @param file name of the segment's file
 * @param epoch the epoch of the log in which it was written
 * @param firstPosition the first position that it holds or will hold
 * @param lastPosition the last position that it holds; {@code firstPosition - 1} if it is empty
 * @param bytes length of the file
 * @param firstTimestampMs when its first entry was appended, 0 if it is empty
 * @param lastTimestampMs when its last entry was appended, 0 if it is empty
 * @param closed whether it is sealed; a closed segment never changes
 */
public record SegmentInfo(
        String file,
        int epoch,
        long firstPosition,
        long lastPosition,
        long bytes,
        long firstTimestampMs,
        long lastTimestampMs,
        boolean closed) {

    /** Whether it holds no entry. */
    public boolean isEmpty() {
        return lastPosition < firstPosition;
    }
}
