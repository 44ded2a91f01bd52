package io.bactrian.journal.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.zip.CRC32C;

/**
 * Walks the entries of a segment from a given offset; used by one thread.
 *
 * <p>{@link #next} moves to the entry that must stand where the last one ended and returns false if none does:
 * {@link #problem} then tells what is there instead.
 */
final class EntryReader {
    private static final int BUFFER_BYTES = 64 * 1024;
    private static final int BULK_BYTES = 1 << 20;

    /** For whoever reads much: large, and where {@link DiskFile} reads past the page cache. */
    private static final ThreadLocal<ByteBuffer> BULK = ThreadLocal.withInitial(
            () -> ByteBuffer.allocateDirect(BULK_BYTES + DiskFile.BLOCK_BYTES).alignedSlice(DiskFile.BLOCK_BYTES));

    private final JournalFile file;
    private final byte[] seed;
    private final long limit;
    private final CRC32C crc = new CRC32C();
    private final ByteBuffer buffer;
    private long bufferAt;

    private long nextOffset;
    private long nextPosition;
    private String problem = "";

    long offset;
    long position;
    int length;
    int count;
    int synced;
    long timestampMs;
    private int storedCrc;

    /** Reads from {@code offset}, where the entry with {@code position} begins, up to {@code limit} (an offset). */
    EntryReader(JournalFile file, byte[] seed, long offset, long position, long limit) {
        this(file, seed, offset, position, limit, ByteBuffer.allocate(BUFFER_BYTES));
    }

    /** The same, for one who reads about {@code bytes}; one reader at a time in each thread. */
    static EntryReader of(JournalFile file, byte[] seed, long offset, long position, long limit, long bytes) {
        ByteBuffer buffer = bytes > BUFFER_BYTES ? BULK.get() : ByteBuffer.allocate(BUFFER_BYTES);
        return new EntryReader(file, seed, offset, position, limit, buffer);
    }

    private EntryReader(JournalFile file, byte[] seed, long offset, long position, long limit, ByteBuffer buffer) {
        this.buffer = buffer.clear().limit(0);
        this.file = file;
        this.seed = seed.clone();
        this.limit = limit;
        this.nextOffset = offset;
        this.nextPosition = position;
    }

    boolean next() throws IOException {
        long at = nextOffset;
        if (limit - at < EntryFormat.HEADER_BYTES) {
            problem = limit == at ? "" : "only " + (limit - at) + " bytes of an entry's header";
            return false;
        }
        int in = fill(at, EntryFormat.HEADER_BYTES);
        if (in < 0) {
            problem = "the file ends before offset " + limit;
            return false;
        }
        int foundLength = buffer.getInt(in);
        long foundPosition = buffer.getLong(in + EntryFormat.POSITION_AT);
        int foundCount = buffer.getInt(in + EntryFormat.COUNT_AT);
        if (foundPosition != nextPosition || foundCount < 1 || foundLength < 0) {
            problem = "position " + nextPosition + " expected, and no such entry is there";
            return false;
        }
        if (foundLength > limit - at - EntryFormat.HEADER_BYTES) {
            problem = "entry with position " + nextPosition + " and length " + foundLength + " ends after " + limit;
            return false;
        }
        offset = at;
        position = foundPosition;
        length = foundLength;
        count = foundCount;
        synced = buffer.getInt(in + EntryFormat.SYNCED_AT);
        timestampMs = buffer.getLong(in + EntryFormat.TIMESTAMP_AT);
        storedCrc = buffer.getInt(in + EntryFormat.CRC_AT);
        nextOffset = at + EntryFormat.HEADER_BYTES + length;
        nextPosition = position + count;
        return true;
    }

    /** Offset after the entry at which the reader stands. */
    long endOffset() {
        return nextOffset;
    }

    /** Position after the entry at which the reader stands. */
    long endPosition() {
        return nextPosition;
    }

    /** What stands where {@link #next} found no entry; empty if the limit was reached exactly. */
    String problem() {
        return problem;
    }

    boolean atLimit() {
        return nextOffset == limit;
    }

    /** Whether the checksum of the entry at which the reader stands is right. */
    boolean isIntact() throws IOException {
        int in = fill(offset, EntryFormat.HEADER_BYTES + length);
        if (in >= 0) {
            return storedCrc == EntryFormat.checksum(crc, seed, buffer, in, length);
        }
        byte[] payload = load();
        return payload.length == length && matches(payload);
    }

    /** The payload of the entry at which the reader stands; throws if its checksum is wrong. */
    byte[] payload(Path path) throws IOException {
        byte[] payload;
        int in = fill(offset, EntryFormat.HEADER_BYTES + length);
        if (in >= 0) {
            payload = new byte[length];
            buffer.get(in + EntryFormat.HEADER_BYTES, payload);
        } else {
            payload = load();
        }
        if (payload.length != length || !matches(payload)) {
            throw new JournalDamagedException(path, offset, "wrong checksum of the entry at position " + position);
        }
        return payload;
    }

    private byte[] load() throws IOException {
        byte[] payload = new byte[length];
        int got = file.read(ByteBuffer.wrap(payload), offset + EntryFormat.HEADER_BYTES);
        return got == length ? payload : new byte[0];
    }

    private boolean matches(byte[] payload) throws IOException {
        int in = fill(offset, EntryFormat.HEADER_BYTES);
        return in >= 0 && storedCrc == EntryFormat.checksum(crc, seed, buffer, in, payload);
    }

    /** Makes {@code bytes} from {@code at} available; returns their index in the buffer, or -1 if they are not. */
    private int fill(long at, int bytes) throws IOException {
        int skipped = buffer.isDirect() ? (int) (at % DiskFile.BLOCK_BYTES) : 0;
        if (bytes > buffer.capacity() - skipped) {
            return -1;
        }
        if (at < bufferAt || at + bytes > bufferAt + buffer.limit()) {
            bufferAt = at - skipped;
            buffer.clear();
            int got = file.read(buffer, bufferAt);
            buffer.position(0).limit((int) Math.min(got, limit - bufferAt));
        }
        return at + bytes <= bufferAt + buffer.limit() ? (int) (at - bufferAt) : -1;
    }
}
