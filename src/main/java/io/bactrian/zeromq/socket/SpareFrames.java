package io.bactrian.zeromq.socket;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import org.jspecify.annotations.Nullable;

/**
 * Arrays of large frames that were received and are no longer needed, for frames of the same length that are to come: Java
 * fills a new array with zeros, which takes an I/O thread a quarter of the time it spends on a large frame. A few MiB at
 * most; the rest is left to the garbage collector. Any thread.
 */
final class SpareFrames {
    private static final long BYTES_MAX = 4 << 20;

    /** The last one that came is the first to go, as it is most likely in the processor's cache. */
    private final Deque<byte[]> spares = new ArrayDeque<>();

    private long bytes;

    /** An array of a length, with any content, or null. It is the caller's. */
    synchronized byte @Nullable [] take(int length) {
        Iterator<byte[]> each = spares.iterator();
        while (each.hasNext()) {
            byte[] spare = each.next();
            if (spare.length == length) {
                each.remove();
                bytes -= length;
                return spare;
            }
        }
        return null;
    }

    /** Takes an array that nobody reads or writes any more, and that nobody gives a second time. */
    synchronized void give(byte[] array) {
        if (array.length < Frames.LARGE_BYTES) {
            return;
        }
        spares.push(array);
        bytes += array.length;
        while (bytes > BYTES_MAX) {
            bytes -= spares.removeLast().length;
        }
    }
}
