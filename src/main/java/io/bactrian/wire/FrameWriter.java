package io.bactrian.wire;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Writes the fields of a frame, and grows as needed. Not for several threads at once. */
public final class FrameWriter {
    private byte[] frame;
    private int size;

    public FrameWriter(int capacity) {
        frame = new byte[capacity];
    }

    public int size() {
        return size;
    }

    /** The octets that are written, in an array that may be longer and is still this writer's. */
    public byte[] array() {
        return frame;
    }

    /** Forgets what was written after a place. */
    public void cut(int to) {
        size = to;
    }

    public FrameWriter u8(int value) {
        need(1);
        frame[size++] = (byte) value;
        return this;
    }

    public FrameWriter u16(int value) {
        return u8(value >>> 8).u8(value);
    }

    public FrameWriter u32(int value) {
        need(Integer.BYTES);
        Octets.putInt(frame, size, value);
        size += Integer.BYTES;
        return this;
    }

    public FrameWriter u64(long value) {
        need(Long.BYTES);
        Octets.putLong(frame, size, value);
        size += Long.BYTES;
        return this;
    }

    /** See {@link FrameReader#num()}. */
    public FrameWriter num(long value) {
        long rest = value;
        while (rest >= 0x80) {
            u8((int) ((rest & 0x7F) | 0x80));
            rest >>>= 7;
        }
        return u8((int) rest);
    }

    /** See {@link FrameReader#signed()}. */
    public FrameWriter signed(long value) {
        return num((value << 1) ^ (value >> 63));
    }

    /**
     * Text in UTF-8 after its length in one octet.
     *
     * @throws IllegalArgumentException if it has more than 255 octets or an unpaired surrogate
     */
    public FrameWriter str8(String text) {
        byte[] bytes = encoded(text, 0xFF);
        return u8(bytes.length).bytes(bytes, 0, bytes.length);
    }

    /**
     * Text in UTF-8 after its length in two octets.
     *
     * @throws IllegalArgumentException if it has more than 65,535 octets or an unpaired surrogate
     */
    public FrameWriter str16(String text) {
        byte[] bytes = encoded(text, 0xFFFF);
        return u16(bytes.length).bytes(bytes, 0, bytes.length);
    }

    /**
     * Text in UTF-8 without a length.
     *
     * @throws IllegalArgumentException if it has an unpaired surrogate
     */
    public FrameWriter text(String text) {
        byte[] bytes = Text.encode(text);
        return bytes(bytes, 0, bytes.length);
    }

    private static byte[] encoded(String text, int max) {
        byte[] bytes = Text.encode(text);
        if (bytes.length > max) {
            throw new IllegalArgumentException("text of " + bytes.length + " octets, at most " + max + " fit");
        }
        return bytes;
    }

    /**
     * Text as {@link java.io.DataOutput#writeUTF} writes it: modified UTF-8 after its length in two octets. It takes any text.
     *
     * @throws IllegalArgumentException if it has more than 65,535 octets
     */
    public FrameWriter utf(String text) {
        byte[] bytes = Text.encodeModified(text);
        return bytes(bytes, 0, bytes.length);
    }

    /** Text in which each character is one octet, after its length. */
    public FrameWriter octets(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
        return num(bytes.length).bytes(bytes, 0, bytes.length);
    }

    public FrameWriter bytes(byte[] bytes, int from, int length) {
        need(length);
        System.arraycopy(bytes, from, frame, size, length);
        size += length;
        return this;
    }

    private void need(int more) {
        if (frame.length - size < more) {
            frame = Arrays.copyOf(frame, Math.max(frame.length * 2, size + more));
        }
    }

    /** Adds CRC-32C of all that was written, and returns it; {@link FrameReader#checkSeal} checks it. */
    public byte[] sealed() {
        return u32(Octets.crc32c(frame, 0, size)).done();
    }

    /** Returns what was written; without a copy if it fills the array. */
    public byte[] done() {
        return size == frame.length ? frame : Arrays.copyOf(frame, size);
    }
}
