package io.bactrian.wire;

/** Reads the fields of a command and trusts none of them. */
final class FrameReader {
    private final byte[] frame;
    private final int end;
    private int at;

    FrameReader(byte[] frame, int at) {
        this(frame, at, frame.length);
    }

    /** Reads up to {@code end} only. */
    FrameReader(byte[] frame, int at, int end) {
        this.frame = frame;
        this.at = at;
        this.end = end;
    }

    boolean atEnd() {
        return at == end;
    }

    int u8() throws WireException {
        need(1);
        return frame[at++] & 0xFF;
    }

    int u16() throws WireException {
        return u8() << 8 | u8();
    }

    /** Four octets with the top bit clear. */
    int u32() throws WireException {
        need(4);
        int value = Octets.getInt(frame, at);
        at += 4;
        if (value < 0) {
            throw new WireException(Code.MALFORMED, "an integer has its top bit set");
        }
        return value;
    }

    /** Eight octets with the top bit clear. */
    long u64() throws WireException {
        need(8);
        long value = Octets.getLong(frame, at);
        at += 8;
        if (value < 0) {
            throw new WireException(Code.MALFORMED, "an integer has its top bit set");
        }
        return value;
    }

    String str8() throws WireException {
        return text(u8());
    }

    String str16() throws WireException {
        return text(u16());
    }

    private String text(int length) throws WireException {
        need(length);
        String text = Text.decode(frame, at, length);
        at += length;
        return text;
    }

    private void need(int octets) throws WireException {
        if (end - at < octets) {
            throw new WireException(Code.MALFORMED, "frame is too short");
        }
    }

    void end() throws WireException {
        if (at != end) {
            throw new WireException(Code.MALFORMED, (end - at) + " octets after the last field");
        }
    }
}
