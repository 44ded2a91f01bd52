package io.bactrian.pubsub.routes;

import io.bactrian.wire.Command;

/**
 * A subscriber's request on its way through the routes.
 *
 * @param peer the routing id of who sent it
 */
@SuppressWarnings("ArrayRecordComponent") // routing ids are handed through
public record PeerRequest(byte[] peer, Command.OfSubscriber command) {
    /** {@code greeting}, {@code subscription} or {@code progress}: which route takes it. */
    public String getKind() {
        if (command instanceof Command.Attach || command instanceof Command.Detach) {
            return "greeting";
        } else if (command instanceof Command.Acknowledge || command instanceof Command.Resend) {
            return "progress";
        }
        return "subscription";
    }
}
