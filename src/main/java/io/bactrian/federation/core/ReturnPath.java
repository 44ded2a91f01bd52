package io.bactrian.federation.core;

import java.util.ArrayList;
import java.util.List;

/**
 * Where the answer to a client goes.
 *
 * @param routingId the client at the router; empty for an actor of this node
 * @param envelope what a REQ, or a dealer with many requests, has put before the request, with the empty delimiter
 */
@SuppressWarnings("ArrayRecordComponent") // octets that nobody changes
record ReturnPath(byte[] routingId, List<byte[]> envelope) {
    static final ReturnPath HERE = new ReturnPath(ClusteredHashmap.EMPTY, List.of());
    private static final int ENVELOPE_MAX = 2;

    ReturnPath {
        envelope = List.copyOf(envelope);
    }

    /** The path back to a client, by the frames that it has sent. */
    static ReturnPath of(byte[] routingId, List<byte[]> frames) {
        // What ends with an empty frame asks for the keys of the empty prefix, which are all.
        for (int i = 0; i < Math.min(ENVELOPE_MAX, frames.size() - 1); i++) {
            if (frames.get(i).length == 0) {
                return new ReturnPath(routingId, frames.subList(0, i + 1));
            }
        }
        return new ReturnPath(routingId, List.of());
    }

    boolean isHere() {
        return routingId.length == 0;
    }

    Outgoing outgoing(List<byte[]> frames) {
        List<byte[]> all = new ArrayList<>(envelope);
        all.addAll(frames);
        return new Outgoing(Door.CLIENTS, routingId, all);
    }
}
