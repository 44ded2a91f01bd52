package io.bactrian.journal.log;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The newest entries of a journal, in memory, bounded by the bytes of their payloads. Thread-safe. */
final class Tail {
    private final long bytesMax;
    private @Nullable Entry[] ring = new Entry[256];
    private int start;
    private int size;
    private long bytes;

    Tail(long bytesMax) {
        this.bytesMax = bytesMax;
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
        }
        while (bytes > bytesMax && size > 0) {
            bytes -= cost(at(0));
            ring[start] = null;
            start = (start + 1) & (ring.length - 1);
            size--;
        }
    }

    /** Forgets everything. */
    synchronized void clear() {
        ring = new Entry[256];
        start = 0;
        size = 0;
        bytes = 0;
    }

    /** Entries from the one that contains a position up to {@code end}, or null if the tail begins after it. */
    synchronized @Nullable List<Entry> read(long position, long end, long maxBytes) {
        if (size == 0 || at(0).position() > position) {
            return null;
        }
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
