package io.bactrian.pubsub.core;

import io.bactrian.wire.Command;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * A command that comes from a peer, or goes to one.
 *
 * @param peer the routing id of the peer
 * @param payload the batch of a DELIVER, the second frame; null for any other command
 */
@SuppressWarnings("ArrayRecordComponent") // shared on purpose: a copy for each subscriber would cost more than the send
public record PeerCommand(byte[] peer, Command command, byte @Nullable [] payload) {
    /** A command of one frame. */
    public PeerCommand(byte[] peer, Command command) {
        this(peer, command, null);
    }

    /** The peer and the command, and how large the payload is, for logs. */
    @Override
    public String toString() {
        return "PeerCommand[peer=" + HexFormat.of().formatHex(peer) + " command=" + command
                + (payload == null ? "" : " bytes=" + payload.length) + "]";
    }
}
