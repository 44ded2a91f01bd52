package io.bactrian.journal.log;

import java.nio.file.Path;
import java.util.List;

/**
 * The part of a journal that is on the disk at one moment. None of the bytes that it names changes afterwards; a segment may be
 * deleted by retention.
 *
 * @param folder the folder of the journal
 * @param id what every segment of the journal repeats
 * @param first the oldest position that is kept
 * @param end the last position that is on the disk, 0 if there is none
 * @param epochStarts first position of each epoch; index 0 is epoch 1
 * @param parts the segments that hold anything, the oldest first
 */
public record JournalCapture(
        Path folder, String id, long first, long end, List<Long> epochStarts, List<JournalCapture.Part> parts) {
    public JournalCapture {
        epochStarts = List.copyOf(epochStarts);
        parts = List.copyOf(parts);
    }

    /** The name of the file of the segment that begins with a position; names are ordered as positions are. */
    public static String fileOf(long first) {
        return SegmentHeader.fileName(first);
    }

    /**
     * A segment, from its beginning.
     *
     * @param file name of its file in the folder
     * @param epoch the epoch of the log in which it was written
     * @param first its first position
     * @param last the last position up to {@code bytes}
     * @param bytes how much of the file counts
     * @param closed whether that is the whole file, with its seal
     */
    public record Part(String file, int epoch, long first, long last, long bytes, boolean closed) {}
}
