package io.bactrian.ship.core;

import java.util.zip.CRC32C;

/**
 * CRC-32C (RFC 3720) of a block, moved on octet by octet. A whole block goes at the speed of the processor's own
 * instruction, and the check is linear: the octet that leaves is taken out through a table. So it finds a block at any
 * offset, and is stronger than the sum of Tridgell's thesis. One thread.
 */
final class RollingCrc {
    private static final int POLYNOMIAL = 0x82F63B78;
    private static final int[] STEP = new int[256];

    static {
        for (int octet = 0; octet < 256; octet++) {
            int crc = octet;
            for (int bit = 0; bit < 8; bit++) {
                crc = (crc & 1) == 0 ? crc >>> 1 : (crc >>> 1) ^ POLYNOMIAL;
            }
            STEP[octet] = crc;
        }
    }

    private final CRC32C crc = new CRC32C();
    private final int blockBytes;
    private final int[] leaving = new int[256];
    private final int zeros;

    RollingCrc(int blockBytes) {
        this.blockBytes = blockBytes;
        this.zeros = of(new byte[blockBytes], 0, blockBytes);
        for (int bit = 1; bit < 256; bit <<= 1) {
            int value = STEP[bit];
            for (int i = 0; i < blockBytes; i++) {
                value = STEP[value & 0xFF] ^ (value >>> 8);
            }
            // Linear: what an octet leaves behind is the sum of what its bits do.
            for (int lower = 0; lower < bit; lower++) {
                leaving[bit | lower] = leaving[lower] ^ value;
            }
        }
    }

    int blockBytes() {
        return blockBytes;
    }

    /** The check of any octets. */
    int of(byte[] octets, int from, int length) {
        crc.reset();
        crc.update(octets, from, length);
        return (int) crc.getValue();
    }

    /** The check of the block one octet further on, from the check of this one. */
    int roll(int check, byte leaves, byte enters) {
        int register = check ^ zeros;
        return STEP[(register ^ enters) & 0xFF] ^ (register >>> 8) ^ leaving[leaves & 0xFF] ^ zeros;
    }
}
