package io.bactrian.ship.core;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The memory of a sender of what it has shipped to one receiver, from round to round: so it need not ask for the
 * signature of what it knows to be there, nor read again what only grows. Bounded; what is forgotten is asked for. One
 * thread at a time.
 */
public final class SenderMemory {
    private static final int COUNT_MAX = 100_000;
    private static final long OVERHEAD_BYTES = 300;

    private final long bytesMax;
    private final Map<String, Known> files = new LinkedHashMap<>(16, 0.75f, true);
    private long bytes;

    /** A memory that keeps signatures up to so many octets. */
    public SenderMemory(long bytesMax) {
        this.bytesMax = bytesMax;
    }

    /**
     * A file as it was shipped.
     *
     * @param key what the file system knows it by, if it tells
     * @param blocks its signature, or null
     * @param running the hash that can go on where it ended, or null
     * @param young whether it was so young then that it may have changed without another time or size to show it
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Known(
            long size,
            FileTimeStamp modified,
            @Nullable Object key,
            byte[] digest,
            @Nullable BlockTable blocks,
            @Nullable FileHash running,
            boolean young) {
        Known aged() {
            return new Known(size, modified, key, digest, blocks, running, false);
        }

        private long memoryBytes() {
            return OVERHEAD_BYTES + (blocks == null ? 0 : blocks.memoryBytes());
        }
    }

    /** Whether a signature of so many octets can be kept at all. */
    boolean holds(long signatureBytes) {
        return signatureBytes + OVERHEAD_BYTES <= bytesMax;
    }

    @Nullable Known get(String name) {
        return files.get(name);
    }

    void put(String name, Known known) {
        remove(name);
        files.put(name, known);
        bytes += known.memoryBytes();
        Iterator<Known> oldest = files.values().iterator();
        while (files.size() > COUNT_MAX || (bytes > bytesMax && oldest.hasNext())) {
            bytes -= oldest.next().memoryBytes();
            oldest.remove();
        }
    }

    /** Whether the file was too young when it was shipped. */
    boolean wasYoung(String name) {
        Known known = files.get(name);
        return known != null && known.young();
    }

    /** What was shipped young was found to be the same again, at an age at which a change shows. */
    void aged(String name) {
        Known known = files.get(name);
        if (known != null && known.young()) {
            files.put(name, known.aged());
        }
    }

    void remove(String name) {
        Known former = files.remove(name);
        if (former != null) {
            bytes -= former.memoryBytes();
        }
    }

    /** Octets that the memory takes, nearly. */
    long memoryBytes() {
        return bytes;
    }
}
