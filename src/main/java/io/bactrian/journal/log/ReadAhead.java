package io.bactrian.journal.log;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Pieces of a journal that were read from the disk, for readers that are behind what the {@link Tail} holds. A piece is
 * read in one go, its checksums are verified once, and it serves every reader that comes to it. The piece that was used
 * longest ago makes room. Thread-safe.
 */
final class ReadAhead {
    private static final int PIECE_BYTES = 2 << 20;
    private static final int PIECES = 4;
    private static final int ATTEMPTED_MAX = 1_000;

    private record EntryChunk(List<Entry> entries, long bytes) {
        long last() {
            return entries.get(entries.size() - 1).last();
        }
    }

    private final long bytesMax;
    private final int chunkBytes;
    /** By the first position. */
    private final TreeMap<Long, EntryChunk> chunks = new TreeMap<>();
    /** First positions of the pieces, the one that was used longest ago in front. */
    private final LinkedHashSet<Long> used = new LinkedHashSet<>();

    /** What is run when a position was fetched, by the positions that are being fetched. */
    private final Map<Long, Set<Runnable>> underWay = new HashMap<>();

    /** Positions that were fetched, with or without success, and not asked for since. */
    private final LinkedHashSet<Long> attempted = new LinkedHashSet<>();

    private long bytes;
    private long generation;
    private boolean idle;

    ReadAhead(long tailBytes) {
        bytesMax = tailBytes / 4;
        chunkBytes = (int) Math.min(PIECE_BYTES, bytesMax / PIECES);
    }

    /** How much a piece is. */
    int chunkBytes() {
        return chunkBytes;
    }

    /** True if what was read with this bound is worth keeping. */
    boolean isChunk(int bytes) {
        return chunkBytes > 0 && bytes >= chunkBytes;
    }

    /** How much to read for one who wants {@code maxBytes}; no more than that where pieces are not kept. */
    int bytesToRead(int maxBytes) {
        // Who wants little looks something up, and does not read on.
        return maxBytes >= chunkBytes / 64 ? Math.max(chunkBytes, maxBytes) : maxBytes;
    }

    /** Whoever adds what it reads asks for this before it reads. */
    synchronized long generation() {
        return generation;
    }

    /** Keeps what was read; nothing if the log has changed since. */
    synchronized void add(List<Entry> read, long asOf) {
        if (read.isEmpty() || asOf != generation) {
            return;
        }
        long size = read.stream().mapToLong(entry -> entry.payload().length).sum();
        remove(read.get(0).position());
        chunks.put(read.get(0).position(), new EntryChunk(List.copyOf(read), size));
        used.add(read.get(0).position());
        bytes += size;
        idle = false;
        Iterator<Long> oldest = List.copyOf(used).iterator();
        while (bytes > bytesMax && used.size() > 1) {
            remove(oldest.next());
        }
    }

    private void remove(long first) {
        EntryChunk chunk = chunks.remove(first);
        used.remove(first);
        bytes -= chunk == null ? 0 : chunk.bytes();
    }

    /** Entries from the one that contains a position up to {@code maxBytes}, or null if no piece has it. */
    synchronized @Nullable List<Entry> read(long position, long maxBytes) {
        EntryChunk chunk = chunk(position);
        if (chunk == null) {
            return null;
        }
        idle = false;
        used.remove(chunk.entries().get(0).position());
        used.add(chunk.entries().get(0).position());
        return bounded(chunk.entries(), position, maxBytes);
    }

    private @Nullable EntryChunk chunk(long position) {
        Map.Entry<Long, EntryChunk> floor = chunks.floorEntry(position);
        return floor == null || floor.getValue().last() < position ? null : floor.getValue();
    }

    /** The entries from the one that contains a position up to {@code maxBytes}, but at least one. */
    static List<Entry> bounded(List<Entry> entries, long position, long maxBytes) {
        List<Entry> found = new ArrayList<>();
        long taken = 0;
        for (Entry entry : entries) {
            if (entry.last() < position) {
                continue;
            }
            if (!found.isEmpty() && taken + entry.payload().length > maxBytes) {
                break;
            }
            found.add(entry);
            taken += entry.payload().length;
        }
        return found;
    }

    /** The position that follows the piece in which a position lies; 0 if there is no such piece. */
    synchronized long after(long position) {
        EntryChunk chunk = chunk(position);
        return chunk == null ? 0 : chunk.last() + 1;
    }

    /** True if a position need not be fetched: it is there, or fetching it was tried, and the reader is to see why it is not. */
    synchronized boolean isThere(long position) {
        return chunkBytes == 0 || attempted.remove(position) || chunk(position) != null;
    }

    /**
     * True if the caller is to fetch a position; then {@link #fetched} follows. If it is being fetched already, {@code then}
     * is run when that is done.
     */
    synchronized boolean begin(long position, Runnable then) {
        if (chunk(position) != null || attempted.contains(position)) {
            return false;
        }
        boolean first = !underWay.containsKey(position);
        underWay.computeIfAbsent(position, at -> new LinkedHashSet<>()).add(then);
        return first;
    }

    /** Returns what is to be run now. */
    synchronized Set<Runnable> fetched(long position) {
        attempted.add(position);
        if (attempted.size() > ATTEMPTED_MAX) {
            attempted.remove(attempted.iterator().next());
        }
        Set<Runnable> waiting = underWay.remove(position);
        return waiting == null ? Set.of() : waiting;
    }

    /** Forgets everything, as what the files hold has changed. */
    synchronized void clear() {
        generation++;
        chunks.clear();
        used.clear();
        attempted.clear();
        bytes = 0;
    }

    /** Gives the memory back if nobody has read since the last call. */
    synchronized void clearIfIdle() {
        if (idle) {
            clear();
        }
        idle = true;
    }
}
