package io.bactrian.ship.core;

import java.util.Arrays;

/**
 * The signature of a file's blocks, and where a block with a check is. Its memory is bounded by {@link Blocks#COUNT_MAX}
 * blocks. Blocks that are equal count once, and blocks that only share a rolling check are looked at up to a small
 * number, so that no content makes a search slow. One thread.
 */
final class BlockTable {
    private static final int CHAIN_MAX = 16;
    private static final int FILTER_BITS = 20;

    private final RollingCrc rolling;
    private final BlockHash hash;
    private final int strongBytes;
    private final long fileBytes;
    private final int[] checks;
    private final byte[] strong;
    private int[] heads = new int[0];
    private int[] next = new int[0];
    private int shift;
    private long[] filter = new long[0];
    private int known;

    /**
     * An empty table.
     *
     * @param fileBytes size of the file; it may not have more blocks than {@link Blocks#COUNT_MAX}
     */
    BlockTable(RollingCrc rolling, BlockHash hash, int strongBytes, long fileBytes) {
        int count = Math.toIntExact(Blocks.count(fileBytes, rolling.blockBytes()));
        this.rolling = rolling;
        this.hash = hash;
        this.strongBytes = strongBytes;
        this.fileBytes = fileBytes;
        checks = new int[count];
        strong = new byte[count * strongBytes];
    }

    private static int headBits(int count) {
        return Math.max(4, 33 - Integer.numberOfLeadingZeros(Math.max(1, count)));
    }

    /** Octets that a table of so many blocks takes, nearly. */
    static long memoryBytes(int count, int strongBytes) {
        return (8L + strongBytes) * count + (4L << headBits(count)) + (1L << (FILTER_BITS - 3));
    }

    int count() {
        return checks.length;
    }

    int known() {
        return known;
    }

    boolean complete() {
        return known == checks.length;
    }

    long fileBytes() {
        return fileBytes;
    }

    int blockBytes() {
        return rolling.blockBytes();
    }

    int strongBytes() {
        return strongBytes;
    }

    RollingCrc rolling() {
        return rolling;
    }

    /** Octets that this table takes, nearly. */
    long memoryBytes() {
        return memoryBytes(checks.length, strongBytes);
    }

    /** Length of a block; the last one may be short. */
    int length(int index) {
        return (int) Math.min(blockBytes(), fileBytes - (long) index * blockBytes());
    }

    /** Takes in the next block's checks as they came over the wire. */
    void add(int check, byte[] strongFrom, int at) {
        System.arraycopy(strongFrom, at, strong, known * strongBytes, strongBytes);
        checks[known++] = check;
    }

    /** Takes in the next block itself. */
    void add(byte[] block, int from, int length) {
        hash.write(block, from, length, strong, known * strongBytes, strongBytes);
        checks[known++] = rolling.of(block, from, length);
    }

    /** Makes a complete table ready for {@link #find}; most that are made of what is sent are never searched. */
    void index() {
        if (heads.length > 0) {
            return;
        }
        int bits = headBits(checks.length);
        heads = new int[1 << bits];
        Arrays.fill(heads, -1);
        shift = 32 - bits;
        next = new int[checks.length];
        filter = new long[1 << (FILTER_BITS - 6)];
        for (int i = 0; i < known; i++) {
            if (length(i) == blockBytes()) {
                index(i);
            }
        }
    }

    private void index(int index) {
        int check = checks[index];
        int slot = slot(check);
        int chain = 0;
        for (int other = heads[slot]; other >= 0; other = next[other]) {
            chain++;
            if (chain == CHAIN_MAX || (checks[other] == check && sameStrong(other, index))) {
                return;
            }
        }
        next[index] = heads[slot];
        heads[slot] = index;
        int bit = check >>> (32 - FILTER_BITS);
        filter[bit >>> 6] |= 1L << bit;
    }

    private boolean sameStrong(int a, int b) {
        int from = a * strongBytes;
        int to = b * strongBytes;
        return Arrays.equals(strong, from, from + strongBytes, strong, to, to + strongBytes);
    }

    private int slot(int check) {
        return (check * 0x9E3779B1) >>> shift;
    }

    /** False if no whole block has this rolling check; true if one may have. After {@link #index}. */
    boolean mayHave(int check) {
        int bit = check >>> (32 - FILTER_BITS);
        return (filter[bit >>> 6] & 1L << bit) != 0;
    }

    /**
     * Finds a block with the content of these octets. After {@link #index}.
     *
     * @param likely the block that is looked at first, or -1
     * @return its index, or -1
     */
    int find(int check, byte[] octets, int from, int likely) {
        if (likely >= 0
                && likely < known
                && length(likely) == blockBytes()
                && checks[likely] == check
                && isBlock(likely, octets, from)) {
            return likely;
        }
        if (!mayHave(check)) {
            return -1;
        }
        for (int index = heads[slot(check)]; index >= 0; index = next[index]) {
            if (checks[index] == check && index != likely && isBlock(index, octets, from)) {
                return index;
            }
        }
        return -1;
    }

    /** Whether these octets, the end of a file, are the short block at the end of this one. */
    boolean isShortEnd(byte[] octets, int from, int length) {
        int last = checks.length - 1;
        return last >= 0
                && known > last
                && length(last) == length
                && checks[last] == rolling.of(octets, from, length)
                && isBlock(last, octets, from);
    }

    private boolean isBlock(int index, byte[] octets, int from) {
        return hash.matches(octets, from, length(index), strong, index * strongBytes, strongBytes);
    }
}
