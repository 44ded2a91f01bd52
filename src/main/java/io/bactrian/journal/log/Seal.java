package io.bactrian.journal.log;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * The last 64 bytes of a closed segment: marker -1 (4), offset at which the seal stands (4), magic (8), last position (8),
 * number of entries (8), first and last timestamp (8 each), zeros (12), CRC-32C with the segment's seed (4).
 *
 * <p>A segment is sealed only when its successor exists: so a sealed last segment means that a file is missing.
 */
record Seal(int offset, long lastPosition, long entries, long firstTimestampMs, long lastTimestampMs) {
    static final int BYTES = 64;
    static final int MARKER = -1;
    private static final long MAGIC = 0x42414354_5345414cL; // BACTSEAL
    private static final int CRC_AT = BYTES - 4;

    ByteBuffer encode(byte[] seed) {
        ByteBuffer buffer = ByteBuffer.allocate(BYTES);
        buffer.putInt(MARKER)
                .putInt(offset)
                .putLong(MAGIC)
                .putLong(lastPosition)
                .putLong(entries);
        buffer.putLong(firstTimestampMs).putLong(lastTimestampMs);
        buffer.putInt(CRC_AT, crc(buffer.array(), seed));
        return buffer.position(BYTES).flip();
    }

    /** Returns the seal, or null if the bytes are not the seal of the segment with this seed at this offset. */
    static @Nullable Seal decode(ByteBuffer buffer, byte[] seed, long expectedOffset) {
        if (buffer.remaining() != BYTES) {
            return null;
        }
        byte[] bytes = new byte[BYTES];
        buffer.get(bytes);
        ByteBuffer fields = ByteBuffer.wrap(bytes);
        if (fields.getInt() != MARKER || fields.getInt(CRC_AT) != crc(bytes, seed)) {
            return null;
        }
        int offset = fields.getInt();
        if (fields.getLong() != MAGIC || offset != expectedOffset) {
            return null;
        }
        return new Seal(offset, fields.getLong(), fields.getLong(), fields.getLong(), fields.getLong());
    }

    private static int crc(byte[] bytes, byte[] seed) {
        CRC32C crc = new CRC32C();
        crc.update(seed);
        crc.update(bytes, 0, CRC_AT);
        return (int) crc.getValue();
    }
}
