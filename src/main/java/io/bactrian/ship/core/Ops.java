package io.bactrian.ship.core;

import io.bactrian.wire.FrameWriter;

/**
 * Operations that make a file out of another: each begins with a number whose lowest two bits say which it is and the
 * rest how many octets of the new file it makes. {@link #LITERAL}: these octets follow. {@link #COPY}: from the old file,
 * from a place told as the distance from where the last copy of this frame ended. {@link #ZEROS}: nothing follows.
 */
final class Ops {
    static final int LITERAL = 0;
    static final int COPY = 1;
    static final int ZEROS = 2;

    private final FrameWriter out;
    private long copyFrom;
    private long copyLength;
    private long lastEnd;
    private long literalBytes;
    private long copiedBytes;
    private long zeroBytes;

    /** No operations yet; room for so many octets of them. */
    Ops(int capacity) {
        out = new FrameWriter(capacity);
    }

    /** Forgets all, so that the room serves for the next frame: large arrays made anew cost more than all else. */
    void clear() {
        out.cut(0);
        copyFrom = 0;
        copyLength = 0;
        lastEnd = 0;
        literalBytes = 0;
        copiedBytes = 0;
        zeroBytes = 0;
    }

    void literal(byte[] octets, int from, int length) {
        if (length > 0) {
            flush();
            out.num((long) length << 2 | LITERAL).bytes(octets, from, length);
            literalBytes += length;
        }
    }

    void copy(long from, long length) {
        if (copyLength == 0 || copyFrom + copyLength != from) {
            flush();
            copyFrom = from;
        }
        copyLength += length;
        copiedBytes += length;
    }

    void zeros(long length) {
        flush();
        out.num(length << 2 | ZEROS);
        zeroBytes += length;
    }

    private void flush() {
        if (copyLength > 0) {
            out.num(copyLength << 2 | COPY).signed(copyFrom - lastEnd);
            lastEnd = copyFrom + copyLength;
            copyLength = 0;
        }
    }

    /** Octets of the operations until now. */
    int size() {
        return out.size();
    }

    /** Octets of the new file that they make. */
    long made() {
        return literalBytes + copiedBytes + zeroBytes;
    }

    long literalBytes() {
        return literalBytes;
    }

    long copiedBytes() {
        return copiedBytes;
    }

    /** The octets of the operations; {@link FrameWriter#array} from 0 to {@link FrameWriter#size}. */
    FrameWriter done() {
        flush();
        return out;
    }
}
