package io.bactrian.zeromq.socket;

import org.jspecify.annotations.Nullable;

/**
 * One ZeroMQ message: its frames, and for a ROUTER the peer it came from or goes to.
 *
 * <p>The arrays belong to the message: once it is handed to a socket nobody may change them.
 */
public interface SocketMessage {

    /** The peer of a ROUTER, or null. It is not one of the frames. */
    byte @Nullable [] routingId();

    /** Number of frames, at least 1. */
    int size();

    /** The frame at an index from 0. */
    byte[] frame(int index);

    /** Octets in all frames. */
    default long bytes() {
        long bytes = 0;
        for (int i = 0; i < size(); i++) {
            bytes += frame(i).length;
        }
        return bytes;
    }
}
