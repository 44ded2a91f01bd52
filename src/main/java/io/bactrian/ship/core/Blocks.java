package io.bactrian.ship.core;

/** Sizes of blocks and of their checks. */
final class Blocks {
    static final int BYTES_MIN = 512;
    static final int BYTES_MAX = 1 << 20;

    /** Below so many octets a signature costs more than it saves. */
    static final int BASE_MIN = 512;

    /** Longer tables than this are made shorter by larger blocks: it bounds the memory of a transfer. */
    static final int COUNT_MAX = 1 << 18;

    private static final int USUAL_MAX = 4096;
    private static final int SPARE_BITS = 12;

    private Blocks() {}

    /** The block size for a file: near the root of its size, so that the signature stays small beside a changed block. */
    static int size(long fileBytes) {
        int block = BYTES_MIN;
        while (block < USUAL_MAX && (long) block * block < fileBytes) {
            block <<= 1;
        }
        while (block < BYTES_MAX && count(fileBytes, block) > COUNT_MAX) {
            block <<= 1;
        }
        return block;
    }

    /** How many blocks a file has, the short one at the end included. */
    static long count(long fileBytes, int blockBytes) {
        return (fileBytes + blockBytes - 1) / blockBytes;
    }

    /**
     * How many octets of the strong check make a wrong match unlikely: each place of the new file is compared with each
     * block of the old one, and 32 bits are in the rolling check.
     */
    static int strongBytes(long fileBytes, int blockBytes) {
        long blocks = Math.max(1, count(fileBytes, blockBytes));
        int bits = SPARE_BITS + log2(fileBytes) + log2(blocks) - 32;
        return Math.min(BlockHash.BYTES_MAX, Math.max(2, (bits + 7) / 8));
    }

    private static int log2(long value) {
        return 64 - Long.numberOfLeadingZeros(Math.max(1, value));
    }
}
