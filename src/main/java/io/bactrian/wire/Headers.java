package io.bactrian.wire;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The headers in front of a record's body, in a batch that says that it has them: names and values are text. Layout:
 * {@code docs/reference/protocol.md}, "The batch".
 */
public final class Headers {
    /** Octets that the headers of one message may have, lengths counted. */
    public static final int BYTES_MAX = 0xFFFF;

    /** The octets of no headers, in a batch whose other records have some. */
    private static final byte[] EMPTY = new byte[2];

    private Headers() {}

    /** The octets that stand for no headers in a batch that has them; shared, not to be changed. */
    public static byte[] empty() {
        return EMPTY;
    }

    /**
     * Packs headers, in the order of the map.
     *
     * @throws IllegalArgumentException if a name has not 1 to 255 octets of UTF-8, a name or value has U+0000 or an unpaired
     *     surrogate, or all of them together have more than {@value #BYTES_MAX} octets
     */
    public static byte[] pack(Map<String, String> headers) {
        byte[][] octets = new byte[headers.size() * 2][];
        long size = 0;
        int at = 0;
        for (Map.Entry<String, String> header : headers.entrySet()) {
            String name = header.getKey();
            octets[at] = Text.check(name, 1, "the name of a header");
            octets[at + 1] = value(name, header.getValue());
            size += 3L + octets[at].length + octets[at + 1].length;
            at += 2;
        }
        if (size > BYTES_MAX) {
            throw new IllegalArgumentException("headers of " + size + " octets, at most " + BYTES_MAX + " are allowed");
        }
        byte[] packed = new byte[2 + (int) size];
        int to = putShort(packed, 0, (int) size);
        for (int i = 0; i < at; i += 2) {
            packed[to++] = (byte) octets[i].length;
            System.arraycopy(octets[i], 0, packed, to, octets[i].length);
            to = putShort(packed, to + octets[i].length, octets[i + 1].length);
            System.arraycopy(octets[i + 1], 0, packed, to, octets[i + 1].length);
            to += octets[i + 1].length;
        }
        return packed;
    }

    private static byte[] value(String name, String value) {
        if (value.indexOf('\0') >= 0) {
            throw new IllegalArgumentException("the value of header " + name + " holds U+0000");
        }
        try {
            return Text.encode(value);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("the value of header " + name + " has an unpaired surrogate", e);
        }
    }

    /**
     * The headers of a record, as {@link Batch#parse} has checked it; of two of one name the last counts.
     *
     * @throws IllegalArgumentException if they are not well formed
     */
    public static Map<String, String> unpack(byte[] buffer, int offset, int length) {
        try {
            Map<String, String> headers = new LinkedHashMap<>();
            int body = new FrameReader<>(buffer, offset, offset + length, WireException::malformed).u16() + offset + 2;
            FrameReader<WireException> in =
                    new FrameReader<>(buffer, offset + 2, Math.min(body, offset + length), WireException::malformed);
            while (in.remaining() > 0) {
                headers.put(in.str8(), in.str16());
            }
            return Collections.unmodifiableMap(headers);
        } catch (WireException e) {
            throw new IllegalArgumentException("not the headers of a record", e);
        }
    }

    /** Where the body begins in a record with headers that begins at {@code offset}. */
    public static int bodyAt(byte[] record, int offset) {
        return offset + 2 + getShort(record, offset);
    }

    /** Checks the headers of a record; returns where its body begins. */
    static int check(byte[] frame, int from, int end) throws WireException {
        FrameReader<WireException> in = new FrameReader<>(frame, from, end, WireException::malformed);
        int body = from + 2 + in.u16();
        if (body > end) {
            throw new WireException(Code.MALFORMED, "headers of a record do not fit its length");
        }
        in = new FrameReader<>(frame, from + 2, body, WireException::malformed);
        while (in.remaining() > 0) {
            if (in.str8().isEmpty()) {
                throw new WireException(Code.MALFORMED, "a header has no name");
            }
            in.str16();
        }
        return body;
    }

    private static int getShort(byte[] buffer, int at) {
        return (buffer[at] & 0xFF) << 8 | (buffer[at + 1] & 0xFF);
    }

    private static int putShort(byte[] buffer, int at, int value) {
        buffer[at] = (byte) (value >> 8);
        buffer[at + 1] = (byte) value;
        return at + 2;
    }
}
