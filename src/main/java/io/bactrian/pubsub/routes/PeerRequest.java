package io.bactrian.pubsub.routes;

import io.bactrian.wire.Command;

/**
 * A subscriber's request on its way through the routes.
 *
 * @param peer the routing id of who sent it
 */
@SuppressWarnings("ArrayRecordComponent") // routing ids are handed through
public record PeerRequest(byte[] peer, Command.OfSubscriber command) {}
