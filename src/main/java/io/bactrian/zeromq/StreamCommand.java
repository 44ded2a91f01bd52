package io.bactrian.zeromq;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A command about a body that is sent in chunks, as the first frame of a request or of the answer to one: an octet that
 * says what, the number of the stream, and a value; 17 octets in network byte order. See the page of the component.
 */
record StreamCommand(Type type, long stream, long value) {
    private static final int BYTES = 17;

    enum Type {
        /** There is a body to send. Answered when a route takes it; the value is how many octets may be on their way. */
        BEGIN('B'),
        /** A second frame holds octets of the body; the value is where they begin. Answered when the route has read them. */
        CHUNK('C'),
        /** The body is complete, the value is its length. Answered when the route is done, with its out body. */
        END('E'),
        /** The sender gives up. */
        ABORT('A'),
        /** Only as an answer, to anything: the stream is over, a second frame says why. */
        FAILED('F');

        private final byte octet;

        Type(char octet) {
            this.octet = (byte) octet;
        }
    }

    byte[] encode() {
        return ByteBuffer.allocate(BYTES)
                .put(type.octet)
                .putLong(stream)
                .putLong(value)
                .array();
    }

    /** Reads a frame, which may come from anywhere; null if it is none of ours. */
    static @Nullable StreamCommand decode(byte[] frame) {
        if (frame.length != BYTES) {
            return null;
        }
        ByteBuffer octets = ByteBuffer.wrap(frame);
        byte octet = octets.get();
        for (Type type : Type.values()) {
            if (type.octet == octet) {
                return new StreamCommand(type, octets.getLong(), octets.getLong());
            }
        }
        return null;
    }
}
