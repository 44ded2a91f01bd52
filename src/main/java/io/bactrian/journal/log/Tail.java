package io.bactrian.journal.log;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The newest entries of a journal, in memory, bounded by the bytes of their payloads, and shared by all readers.
 *
 * <p>Where readers say how far they are ({@link #needed}), no more is kept than they need, but always the newest
 * {@value #ALWAYS_BYTES} bytes: what lives longer is copied by each collection of the heap. Thread-safe.
 */
final class Tail {
    private static final long ALWAYS_BYTES = 32L << 20;
    private static final long RECENT_BYTES = 4L << 20;

    private final long bytesMax;
    private final long recentMax;
    private @Nullable Entry[] ring = new Entry[256];
    private int start;
    private int size;
    private long bytes;
    /** How many of the oldest entries do not count as recent. */
    private int older;

    private long recentBytes;
    private long neededFrom;

    Tail(long bytesMax) {
        this.bytesMax = bytesMax;
        recentMax = Math.min(bytesMax / 2, RECENT_BYTES);
    }

    synchronized void add(List<Entry> entries) {
        if (bytesMax == 0) {
            return;
        }
        for (Entry entry : entries) {
            if (size == ring.length) {
                grow();
            }
            ring[(start + size) & (ring.length - 1)] = entry;
            size++;
            bytes += cost(entry);
            recentBytes += cost(entry);
        }
        while (size > 0 && (bytes > bytesMax || (bytes > ALWAYS_BYTES && at(0).last() < neededFrom))) {
            forgetOldest();
        }
        while (older < size - 1 && recentBytes > recentMax) {
            recentBytes -= cost(at(older));
            older++;
        }
    }

    private void forgetOldest() {
        long cost = cost(at(0));
        bytes -= cost;
        if (older > 0) {
            older--;
        } else {
            recentBytes -= cost;
        }
        ring[start] = null;
        start = (start + 1) & (ring.length - 1);
        size--;
    }

    /** Says that no reader of the tail needs what lies below a position. */
    synchronized void needed(long from) {
        neededFrom = from;
    }

    /** The first position of the newest few megabytes; 0 if nothing is in memory. */
    synchronized long recent() {
        return size == 0 ? 0 : at(older).position();
    }

    /** True if the entry that contains a position is in memory. */
    synchronized boolean holds(long position) {
        return size > 0
                && at(0).position() <= position
                && position <= at(size - 1).last();
    }

    /** Forgets everything. */
    synchronized void clear() {
        ring = new Entry[256];
        start = 0;
        size = 0;
        bytes = 0;
        older = 0;
        recentBytes = 0;
        neededFrom = 0;
    }

    /** Entries from the one that contains a position up to {@code end}, or null if the tail begins after it. */
    synchronized @Nullable List<Entry> read(long position, long end, long maxBytes) {
        return size == 0 || at(0).position() > position ? null : bounded(position, end, maxBytes);
    }

    private List<Entry> bounded(long position, long end, long maxBytes) {
        List<Entry> found = new ArrayList<>();
        long taken = 0;
        for (int i = indexOf(position); i < size; i++) {
            Entry entry = at(i);
            if (entry.last() > end || (!found.isEmpty() && taken + entry.payload().length > maxBytes)) {
                break;
            }
            found.add(entry);
            taken += entry.payload().length;
        }
        return found;
    }

    private int indexOf(long position) {
        int low = 0;
        int high = size - 1;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (at(middle).last() < position) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    private Entry at(int index) {
        Entry entry = ring[(start + index) & (ring.length - 1)];
        if (entry == null) {
            throw new IllegalStateException("index=" + index + " size=" + size);
        }
        return entry;
    }

    private void grow() {
        @Nullable Entry[] larger = new Entry[ring.length * 2];
        for (int i = 0; i < size; i++) {
            larger[i] = at(i);
        }
        ring = larger;
        start = 0;
    }

    // An entry costs its payload and about as much again as its object, its array's header and its place in the ring.
    private static long cost(Entry entry) {
        return entry.payload().length + 72L;
    }
}
