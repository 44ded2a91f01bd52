package io.bactrian.app.cli;

import java.util.Arrays;

/** Octets that gather to be written together. One thread. */
final class OutputBuffer {
    private byte[] buffer;
    private int size;

    OutputBuffer(int capacity) {
        buffer = new byte[capacity];
    }

    void add(byte[] octets) {
        room(octets.length);
        System.arraycopy(octets, 0, buffer, size, octets.length);
        size += octets.length;
    }

    void add(char octet) {
        room(1);
        buffer[size++] = (byte) octet;
    }

    private void room(int more) {
        if (size + more > buffer.length) {
            buffer = Arrays.copyOf(buffer, Math.max(Math.addExact(size, more), buffer.length * 2));
        }
    }

    int size() {
        return size;
    }

    /** The array itself, of which the first {@link #size} octets count. */
    byte[] array() {
        return buffer;
    }

    void clear() {
        size = 0;
    }
}
