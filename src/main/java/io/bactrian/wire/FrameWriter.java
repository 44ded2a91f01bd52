package io.bactrian.wire;

import java.util.Arrays;

/** Writes the fields of a command. */
final class FrameWriter {
    private byte[] buffer = new byte[64];
    private int size;

    FrameWriter(int command) {
        u8(Commands.MAGIC).u8(Commands.VERSION).u8(command);
    }

    FrameWriter u8(int value) {
        need(1);
        buffer[size++] = (byte) value;
        return this;
    }

    FrameWriter u16(int value) {
        return u8(value >>> 8).u8(value);
    }

    FrameWriter u32(int value) {
        need(4);
        Octets.putInt(buffer, size, value);
        size += 4;
        return this;
    }

    FrameWriter u64(long value) {
        need(8);
        Octets.putLong(buffer, size, value);
        size += 8;
        return this;
    }

    FrameWriter str8(String text) {
        byte[] bytes = Text.encode(text);
        return u8(bytes.length).bytes(bytes);
    }

    FrameWriter str16(String text) {
        byte[] bytes = Text.encode(text);
        return u16(bytes.length).bytes(bytes);
    }

    private FrameWriter bytes(byte[] bytes) {
        need(bytes.length);
        System.arraycopy(bytes, 0, buffer, size, bytes.length);
        size += bytes.length;
        return this;
    }

    private void need(int more) {
        if (buffer.length - size < more) {
            buffer = Arrays.copyOf(buffer, Math.max(buffer.length * 2, size + more));
        }
    }

    byte[] done() {
        return Arrays.copyOf(buffer, size);
    }
}
