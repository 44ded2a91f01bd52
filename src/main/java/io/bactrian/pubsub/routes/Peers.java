package io.bactrian.pubsub.routes;

import io.bactrian.zeromq.ZeroMqMessage;

/** Who sent what a ROUTER received. */
final class Peers {
    private static final byte[] NOBODY = {};

    private Peers() {}

    static byte[] of(ZeroMqMessage message) {
        byte[] peer = message.routingId();
        return peer == null ? NOBODY : peer;
    }
}
