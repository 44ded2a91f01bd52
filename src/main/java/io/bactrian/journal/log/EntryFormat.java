package io.bactrian.journal.log;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * The 32 bytes before an entry's payload: payload length (4), CRC-32C (4), position (8), count (4), synced (4), timestamp
 * (8). The checksum covers the segment's seed, the length, all after the checksum, and the payload.
 *
 * <p>{@code synced} is the offset up to which the segment was on the disk when this entry was written. It tells a torn
 * tail from a damaged middle: an entry that can be read, and says that more than the bad place was synced before it,
 * proves that the bad place had been good. A negative timestamp marks an entry without payload that a repair has put in the
 * place of lost positions.
 */
final class EntryFormat {
    static final int HEADER_BYTES = 32;
    static final int CRC_AT = 4;
    static final int POSITION_AT = 8;
    static final int COUNT_AT = 16;
    static final int SYNCED_AT = 20;
    static final int TIMESTAMP_AT = 24;

    private EntryFormat() {}

    /** Fills {@code header} (32 bytes) for a payload. */
    static void encode(
            ByteBuffer header,
            CRC32C crc,
            byte[] seed,
            long position,
            int count,
            int synced,
            long timestampMs,
            byte[] payload) {
        header.clear();
        header.putInt(payload.length).putInt(0).putLong(position).putInt(count).putInt(synced);
        header.putLong(timestampMs).flip();
        header.putInt(CRC_AT, checksum(crc, seed, header.array(), header.arrayOffset(), payload));
    }

    /** The checksum of an entry whose header is in a buffer. */
    static int checksum(CRC32C crc, byte[] seed, ByteBuffer header, int at, byte[] payload) {
        seeded(crc, seed, header, at);
        crc.update(payload, 0, payload.length);
        return (int) crc.getValue();
    }

    /** The checksum of an entry that lies whole in a buffer. */
    static int checksum(CRC32C crc, byte[] seed, ByteBuffer bytes, int at, int length) {
        seeded(crc, seed, bytes, at);
        crc.update(bytes.slice(at + HEADER_BYTES, length));
        return (int) crc.getValue();
    }

    private static void seeded(CRC32C crc, byte[] seed, ByteBuffer header, int at) {
        crc.reset();
        crc.update(seed, 0, seed.length);
        crc.update(header.slice(at, CRC_AT));
        crc.update(header.slice(at + POSITION_AT, HEADER_BYTES - POSITION_AT));
    }

    /** The checksum of an entry whose header is in an array. */
    static int checksum(CRC32C crc, byte[] seed, byte[] header, int at, byte[] payload) {
        seeded(crc, seed, header, at);
        crc.update(payload, 0, payload.length);
        return (int) crc.getValue();
    }

    /** The checksum of an entry that lies whole in an array. */
    static int checksum(CRC32C crc, byte[] seed, byte[] bytes, int at, int length) {
        seeded(crc, seed, bytes, at);
        crc.update(bytes, at + HEADER_BYTES, length);
        return (int) crc.getValue();
    }

    private static void seeded(CRC32C crc, byte[] seed, byte[] header, int at) {
        crc.reset();
        crc.update(seed, 0, seed.length);
        crc.update(header, at, CRC_AT);
        crc.update(header, at + POSITION_AT, HEADER_BYTES - POSITION_AT);
    }
}
