package io.bactrian.journal.log;

import java.util.Arrays;

/** Where some of a segment's entries begin: one for each 64 KiB at most. Thread-safe; grows at its end only. */
final class SparseIndex {
    private static final int STEP_BYTES = 64 * 1024;

    private long[] positions = new long[16];
    private long[] offsets = new long[16];
    private int size;

    SparseIndex(long firstPosition) {
        positions[0] = firstPosition;
        offsets[0] = SegmentHeader.BYTES;
        size = 1;
    }

    /** Notes where the entry with a position begins, if that is far enough from the last one noted. */
    synchronized void note(long position, long offset) {
        if (offset - offsets[size - 1] < STEP_BYTES) {
            return;
        }
        if (size == positions.length) {
            positions = Arrays.copyOf(positions, size * 2);
            offsets = Arrays.copyOf(offsets, size * 2);
        }
        positions[size] = position;
        offsets[size] = offset;
        size++;
    }

    /** Forgets everything from an offset on. */
    synchronized void cut(long offset) {
        while (size > 1 && offsets[size - 1] >= offset) {
            size--;
        }
    }

    /** The last entry noted that does not begin after a position. */
    synchronized Place floor(long position) {
        int found = Arrays.binarySearch(positions, 0, size, position);
        int at = found >= 0 ? found : Math.max(0, -found - 2);
        return new Place(positions[at], offsets[at]);
    }

    record Place(long position, long offset) {}
}
