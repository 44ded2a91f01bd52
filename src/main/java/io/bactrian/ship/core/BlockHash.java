package io.bactrian.ship.core;

import com.dynatrace.hash4j.hashing.HashValue128;
import com.dynatrace.hash4j.hashing.Hasher128;
import com.dynatrace.hash4j.hashing.Hashing;

/** The strong check of a block: XXH3 with 128 bits, seeded anew for each transfer, cut to the length that is needed. */
final class BlockHash {
    static final int BYTES_MAX = 16;

    private final Hasher128 hasher;

    BlockHash(long seed) {
        hasher = Hashing.xxh3_128(seed);
    }

    /** Writes the first octets of a block's check. */
    void write(byte[] block, int from, int length, byte[] to, int at, int bytes) {
        HashValue128 value = hasher.hashBytesTo128Bits(block, from, length);
        for (int i = 0; i < bytes; i++) {
            to[at + i] = octet(value, i);
        }
    }

    /** Whether a block has a check. */
    boolean matches(byte[] block, int from, int length, byte[] check, int at, int bytes) {
        HashValue128 value = hasher.hashBytesTo128Bits(block, from, length);
        for (int i = 0; i < bytes; i++) {
            if (check[at + i] != octet(value, i)) {
                return false;
            }
        }
        return true;
    }

    private static byte octet(HashValue128 value, int index) {
        long half = index < 8 ? value.getLeastSignificantBits() : value.getMostSignificantBits();
        return (byte) (half >>> ((index & 7) * 8));
    }
}
