package io.bactrian.journal.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Writes the end of the last segment; used by one thread at a time.
 *
 * <p>Entries are put, written and forced as a group, and count only when committed. After an error the file is cut back
 * to what is committed before anything else is written.
 *
 * <p>After a failed sync nobody knows what the disk holds of the bytes since the last one that succeeded: an operating
 * system may have marked them clean and never write them. So {@link #settle} then checks all that had been committed since
 * and writes it again, in place, cuts off the rest, and forces that. Until this succeeds nothing is appended.
 */
final class SegmentWriter {
    private static final int BUFFER_BYTES = 1 << 20;

    private final Segment segment;
    private final JournalFile file;
    private final byte[] seed;
    private final ByteBuffer buffer;
    private final ByteBuffer header = ByteBuffer.allocate(EntryFormat.HEADER_BYTES);
    private final CRC32C crc = new CRC32C();
    /** The offset in the file of what stands in the buffer at {@link #bufferFrom}. */
    private long bufferAt;

    private int bufferFrom;
    private long synced;
    private boolean tailUnknown;
    private boolean syncFailed;
    private byte @Nullable [] rescued;

    /** Goes on after what a segment holds, all of which is on the disk. */
    SegmentWriter(Segment segment, ByteBuffer buffer) throws IOException {
        this.segment = segment;
        this.file = segment.acquire();
        this.seed = segment.seed();
        this.buffer = buffer;
        this.bufferAt = segment.extent().bytes();
        this.synced = bufferAt;
        clear();
    }

    static ByteBuffer newBuffer() {
        return ByteBuffer.allocateDirect(BUFFER_BYTES + DiskFile.BLOCK_BYTES).alignedSlice(DiskFile.BLOCK_BYTES);
    }

    /** Begins to fill the buffer where blocks of the file are blocks of memory, as {@link DiskFile} likes it. */
    private void clear() {
        bufferFrom = (int) (bufferAt % DiskFile.BLOCK_BYTES);
        buffer.clear().position(bufferFrom);
    }

    Segment segment() {
        return segment;
    }

    long committed() {
        return segment.extent().bytes();
    }

    /** Offset up to which the segment is on the disk. */
    long synced() {
        return Math.min(synced, committed());
    }

    boolean isSynced() {
        return synced == committed();
    }

    void put(long position, NewEntry entry, long timestampMs) throws IOException {
        segment.index().note(position, bufferAt + buffer.position() - bufferFrom);
        EntryFormat.encode(header, crc, seed, position, entry.count(), (int) synced, timestampMs, entry.payload());
        put(header.array(), EntryFormat.HEADER_BYTES);
        put(entry.payload(), entry.payload().length);
    }

    private void put(byte[] bytes, int length) throws IOException {
        int done = 0;
        while (done < length) {
            if (!buffer.hasRemaining()) {
                write();
            }
            int part = Math.min(length - done, buffer.remaining());
            buffer.put(bytes, done, part);
            done += part;
        }
    }

    /** Hands to the operating system what was put. */
    void write() throws IOException {
        int length = buffer.position() - bufferFrom;
        tailUnknown = true;
        file.write(buffer.flip().position(bufferFrom), bufferAt);
        bufferAt += length;
        clear();
    }

    /** Returns when everything that was written is on the disk. */
    void force() throws IOException {
        try {
            file.force();
        } catch (IOException e) {
            syncFailed = true;
            throw e;
        }
        synced = bufferAt;
    }

    /** Makes what was written part of the segment. */
    void commit(long lastPosition, List<Entry> entries) {
        long firstMs = Math.abs(entries.get(0).timestampMs());
        long lastMs = Math.abs(entries.get(entries.size() - 1).timestampMs());
        segment.extent(segment.extent().grown(bufferAt, lastPosition, entries.size(), firstMs, lastMs));
        tailUnknown = false;
    }

    /** Forgets what was put or written and not committed. */
    void discard() {
        bufferAt = committed();
        clear();
        synced = Math.min(synced, bufferAt);
        segment.index().cut(bufferAt);
    }

    /** Notes that another thread has forced the file up to an offset, or has failed to. */
    void forced(long offset, boolean good) {
        if (good) {
            synced = Math.max(synced, offset);
        } else {
            syncFailed = true;
        }
    }

    /** Brings the file into a known state after an error; does nothing otherwise. Throws if that is not yet possible. */
    void settle() throws IOException {
        if (syncFailed) {
            rewriteUnsynced();
        } else if (tailUnknown) {
            file.truncate(committed());
        }
        tailUnknown = false;
    }

    private void rewriteUnsynced() throws IOException {
        byte[] unsynced = rescued;
        if (unsynced == null) {
            unsynced = readUnsynced();
            rescued = unsynced;
        }
        if (unsynced.length > 0) {
            file.write(ByteBuffer.wrap(unsynced), synced);
        }
        file.truncate(committed());
        file.force();
        synced = committed();
        rescued = null;
        syncFailed = false;
    }

    private byte[] readUnsynced() throws IOException {
        byte[] bytes = new byte[(int) (committed() - synced)];
        int got = file.read(ByteBuffer.wrap(bytes), synced);
        int at = 0;
        while (got == bytes.length && at < got) {
            int length = ByteBuffer.wrap(bytes).getInt(at);
            int stored = ByteBuffer.wrap(bytes).getInt(at + EntryFormat.CRC_AT);
            if (length < 0
                    || length > got - at - EntryFormat.HEADER_BYTES
                    || stored != EntryFormat.checksum(crc, seed, bytes, at, length)) {
                break;
            }
            at += EntryFormat.HEADER_BYTES + length;
        }
        if (at != bytes.length) {
            throw new JournalDamagedException(segment.path(), synced + at, "lost after a sync that failed");
        }
        return bytes;
    }

    /** Closes the segment: it never changes again. */
    void seal() throws IOException {
        Segment.Extent all = segment.extent();
        file.write(all.seal().encode(seed), all.bytes());
        file.force();
        segment.extent(all.sealed());
        segment.release();
    }

    /** Gives up the file, without sealing. */
    void close() throws IOException {
        segment.release();
    }

    Path path() {
        return segment.path();
    }
}
