package io.bactrian.journal.log;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * The first 64 bytes of a segment: magic (8), format version (4), epoch (4), journal id (8), first position (8), created
 * at (8), zeros (20), CRC-32C of all that (4); big-endian, as everything in a segment.
 *
 * <p>Journal id and first position also seed the checksum of every entry, so that an entry is valid only in its own
 * segment: neither a file copied from another journal nor a payload that is itself a journal can pass for entries.
 */
record SegmentHeader(int epoch, long journalId, long firstPosition, long createdMs) {
    static final int BYTES = 64;
    static final int VERSION = 1;
    private static final long MAGIC = 0x42414354_524a4e4cL; // BACTRJNL
    private static final int CRC_AT = BYTES - 4;
    private static final String SUFFIX = ".segment";

    String fileName() {
        return fileName(firstPosition);
    }

    static String fileName(long firstPosition) {
        return String.format("%019d", firstPosition) + SUFFIX;
    }

    /** The first position that the name of a segment's file tells, or -1 if it is not the name of one. */
    static long positionOf(String fileName) {
        return fileName.matches("[0-9]{19}\\.segment") ? Long.parseLong(fileName, 0, 19, 10) : -1;
    }

    ByteBuffer encode() {
        ByteBuffer buffer = ByteBuffer.allocate(BYTES);
        buffer.putLong(MAGIC).putInt(VERSION).putInt(epoch).putLong(journalId).putLong(firstPosition);
        buffer.putLong(createdMs);
        buffer.putInt(CRC_AT, crc(buffer.array()));
        return buffer.position(BYTES).flip();
    }

    /** Returns the header, or null if the bytes are not one; throws if they are one of another version. */
    static @Nullable SegmentHeader decode(ByteBuffer buffer) {
        if (buffer.remaining() < BYTES) {
            return null;
        }
        byte[] bytes = new byte[BYTES];
        buffer.get(bytes);
        ByteBuffer fields = ByteBuffer.wrap(bytes);
        if (fields.getLong() != MAGIC || fields.getInt(CRC_AT) != crc(bytes)) {
            return null;
        }
        int version = fields.getInt();
        if (version != VERSION) {
            throw new JournalException(
                    "The journal has format version " + version + "; this program knows version " + VERSION);
        }
        return new SegmentHeader(fields.getInt(), fields.getLong(), fields.getLong(), fields.getLong());
    }

    private static int crc(byte[] bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, 0, CRC_AT);
        return (int) crc.getValue();
    }

    /** The bytes with which the checksum of every entry of this segment begins. */
    byte[] seed() {
        return ByteBuffer.allocate(16).putLong(journalId).putLong(firstPosition).array();
    }
}
