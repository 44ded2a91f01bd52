package io.bactrian.pubsub.routes;

import io.bactrian.zeromq.ZeroMqMessage;

/** Finds the sender of a message that a ROUTER received. */
final class Peers {
    private static final byte[] NOBODY = {};

    private Peers() {}

    static byte[] of(ZeroMqMessage message) {
        byte[] peer = message.routingId();
        return peer == null ? NOBODY : peer;
    }
}
