package io.bactrian.ship.core;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Writes the fields of a frame; grows as needed. */
final class Writer {
    private byte[] octets;
    private int size;

    Writer(int capacity) {
        octets = new byte[capacity];
    }

    int size() {
        return size;
    }

    /** The octets that are written, in an array that may be longer and is still this writer's. */
    byte[] array() {
        return octets;
    }

    /** Forgets what was written after a place. */
    void cut(int to) {
        size = to;
    }

    Writer u8(int value) {
        need(1);
        octets[size++] = (byte) value;
        return this;
    }

    Writer u32(int value) {
        return u8(value >>> 24).u8(value >>> 16).u8(value >>> 8).u8(value);
    }

    Writer u64(long value) {
        return u32((int) (value >>> 32)).u32((int) value);
    }

    Writer num(long value) {
        long rest = value;
        while (rest >= 0x80) {
            u8((int) ((rest & 0x7F) | 0x80));
            rest >>>= 7;
        }
        return u8((int) rest);
    }

    Writer signed(long value) {
        return num((value << 1) ^ (value >> 63));
    }

    /** Text in which each character is one octet, after its length. */
    Writer octets(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
        return num(bytes.length).bytes(bytes, 0, bytes.length);
    }

    Writer bytes(byte[] bytes, int from, int length) {
        need(length);
        System.arraycopy(bytes, from, octets, size, length);
        size += length;
        return this;
    }

    private void need(int more) {
        if (octets.length - size < more) {
            octets = Arrays.copyOf(octets, Math.max(octets.length * 2, size + more));
        }
    }

    /** What was written; without a copy if it fills the array. */
    byte[] done() {
        return size == octets.length ? octets : Arrays.copyOf(octets, size);
    }
}
