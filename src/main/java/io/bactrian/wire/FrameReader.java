package io.bactrian.wire;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.function.Function;

/**
 * Reads the fields of a frame and trusts none of them. Not for several threads at once.
 *
 * @param <E> what is thrown for a frame that is not as it should be
 */
public final class FrameReader<E extends Exception> {
    private final byte[] frame;
    private final int from;
    private int end;
    private final Function<String, E> malformed;
    private int at;

    /**
     * Reads from {@code at} up to {@code end} only.
     *
     * @param frame is not changed and not copied
     * @param malformed makes the exception from a text for the peer
     */
    public FrameReader(byte[] frame, int at, int end, Function<String, E> malformed) {
        this.frame = frame;
        this.from = at;
        this.at = at;
        this.end = end;
        this.malformed = malformed;
    }

    public int at() {
        return at;
    }

    public int remaining() {
        return end - at;
    }

    public int u8() throws E {
        need(1);
        return frame[at++] & 0xFF;
    }

    public int u16() throws E {
        return u8() << 8 | u8();
    }

    /** Four octets with the top bit clear. */
    public int u32() throws E {
        int value = Octets.getInt(frame, skip(Integer.BYTES));
        if (value < 0) {
            throw malformed.apply("an integer has its top bit set");
        }
        return value;
    }

    /** Four octets with any bits. */
    public int bits32() throws E {
        return Octets.getInt(frame, skip(Integer.BYTES));
    }

    /** Eight octets with the top bit clear. */
    public long u64() throws E {
        long value = bits64();
        if (value < 0) {
            throw malformed.apply("an integer has its top bit set");
        }
        return value;
    }

    /** Eight octets with any bits. */
    public long bits64() throws E {
        return Octets.getLong(frame, skip(Long.BYTES));
    }

    /** A number from 0 to 2^63 - 1: groups of seven bits, lowest first, the top bit says that more follow. */
    public long num() throws E {
        long value = 0;
        for (int shift = 0; shift < 63; shift += 7) {
            int octet = u8();
            value |= (long) (octet & 0x7F) << shift;
            if (octet < 0x80) {
                return value;
            }
        }
        throw malformed.apply("a number is longer than nine octets");
    }

    /** A number that may not exceed a bound. */
    public int num(int max) throws E {
        long value = num();
        if (value > max) {
            throw malformed.apply("a number is above " + max);
        }
        return (int) value;
    }

    /** A number that may be negative, in zigzag form. */
    public long signed() throws E {
        long value = num();
        return (value >>> 1) ^ -(value & 1);
    }

    /** Text in UTF-8 after its length in one octet. */
    public String str8() throws E {
        return text(u8());
    }

    /** Text in UTF-8 after its length in two octets. */
    public String str16() throws E {
        return text(u16());
    }

    /** Text in UTF-8 of so many octets. It is refused if it is not well formed or has U+0000. */
    public String text(int length) throws E {
        try {
            return Text.decode(frame, skip(length), length);
        } catch (WireException e) {
            throw malformed.apply(e.text());
        }
    }

    /** Text as {@link java.io.DataInput#readUTF} reads it: modified UTF-8 after its length in two octets. */
    public String utf() throws E {
        int length = u16();
        int text = skip(length);
        try {
            return Text.decodeModified(frame, text, length);
        } catch (IOException e) {
            throw malformed.apply("text is not modified UTF-8");
        }
    }

    /** Octets after their length, as text in which each character is one octet. */
    public String octets(int max) throws E {
        int length = num(max);
        return new String(frame, skip(length), length, StandardCharsets.ISO_8859_1);
    }

    /** A copy of so many octets. */
    public byte[] bytes(int length) throws E {
        int from = skip(length);
        return Arrays.copyOfRange(frame, from, from + length);
    }

    /** The place of so many octets, which are read where they are. */
    public int skip(int length) throws E {
        need(length);
        at += length;
        return at - length;
    }

    private void need(int length) throws E {
        if (length < 0 || end - at < length) {
            throw malformed.apply("the frame is too short");
        }
    }

    /** Takes the checksum that {@link FrameWriter#sealed} has added off the end; refuses the frame if it is wrong. */
    public void checkSeal() throws E {
        need(Integer.BYTES);
        end -= Integer.BYTES;
        if (Octets.getInt(frame, end) != Octets.crc32c(frame, from, end - from)) {
            throw malformed.apply("the checksum is wrong");
        }
    }

    /** Refuses octets after the last field. */
    public void end() throws E {
        if (at != end) {
            throw malformed.apply((end - at) + " octets after the last field");
        }
    }
}
