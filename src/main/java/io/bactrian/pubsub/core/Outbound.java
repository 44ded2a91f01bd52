package io.bactrian.pubsub.core;

import io.bactrian.wire.Command;
import org.jspecify.annotations.Nullable;

/**
 * One message to a peer.
 *
 * @param peer its routing id
 * @param payload the batch of a DELIVER, the second frame; none for any other command
 */
@SuppressWarnings("ArrayRecordComponent") // shared on purpose: a copy for each subscriber would cost more than the send
public record Outbound(byte[] peer, Command command, byte @Nullable [] payload) {}
