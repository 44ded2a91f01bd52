package io.bactrian.federation.core;

import java.util.List;

/**
 * One message to send.
 *
 * @param door the socket
 * @param routingId the peer, where the socket is a router; else empty
 * @param frames the frames
 */
@SuppressWarnings("ArrayRecordComponent") // octets that nobody changes
public record Outgoing(Door door, byte[] routingId, List<byte[]> frames) {
    public Outgoing {
        frames = List.copyOf(frames);
    }
}
