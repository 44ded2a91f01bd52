package io.bactrian.ship.core;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Reads the fields of a frame and trusts none of them. */
final class Reader {
    private final byte[] octets;
    private final int end;
    private int at;

    Reader(byte[] octets, int at, int end) {
        this.octets = octets;
        this.at = at;
        this.end = end;
    }

    int at() {
        return at;
    }

    int remaining() {
        return end - at;
    }

    int u8() throws ShipException {
        need(1);
        return octets[at++] & 0xFF;
    }

    int u32() throws ShipException {
        return (u8() << 24) | (u8() << 16) | (u8() << 8) | u8();
    }

    long u64() throws ShipException {
        return ((long) u32() << 32) | (u32() & 0xFFFFFFFFL);
    }

    /** A number from 0 to 2^63 - 1: groups of seven bits, lowest first, the top bit says that more follow. */
    long num() throws ShipException {
        long value = 0;
        for (int shift = 0; shift < 63; shift += 7) {
            int octet = u8();
            value |= (long) (octet & 0x7F) << shift;
            if (octet < 0x80) {
                return value;
            }
        }
        throw new ShipException(ShipErrorCode.MALFORMED, "a number is longer than nine octets");
    }

    /** A number that may not exceed a bound. */
    int num(int max) throws ShipException {
        long value = num();
        if (value > max) {
            throw new ShipException(ShipErrorCode.MALFORMED, "a number is above " + max);
        }
        return (int) value;
    }

    /** A number that may be negative, in zigzag form. */
    long signed() throws ShipException {
        long value = num();
        return (value >>> 1) ^ -(value & 1);
    }

    /** Octets after their length, as text in which each character is one octet. */
    String octets(int max) throws ShipException {
        int length = num(max);
        need(length);
        String text = new String(octets, at, length, StandardCharsets.ISO_8859_1);
        at += length;
        return text;
    }

    byte[] bytes(int length) throws ShipException {
        need(length);
        at += length;
        return Arrays.copyOfRange(octets, at - length, at);
    }

    /** The place of so many octets, which are read where they are. */
    int skip(int length) throws ShipException {
        need(length);
        at += length;
        return at - length;
    }

    private void need(int length) throws ShipException {
        if (length < 0 || end - at < length) {
            throw new ShipException(ShipErrorCode.MALFORMED, "the frame is too short");
        }
    }

    void end() throws ShipException {
        if (at != end) {
            throw new ShipException(ShipErrorCode.MALFORMED, (end - at) + " octets after the last field");
        }
    }
}
