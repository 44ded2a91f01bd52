package io.bactrian.discovery.core;

import org.jspecify.annotations.Nullable;

/** An action that the core wants done. */
public sealed interface Action {
    /** Send a message to a router at {@code host:port}. It may be lost. */
    record Send(String address, RouterMessage message) implements Action {}

    /** Ping a node in our care; the answer goes to {@link RouterCore#pingAnswered}. */
    record PingNode(String node, String address, String text) implements Action {}

    /** Ping a node for another router; the answer goes to {@link RouterCore#checkAnswered}. */
    record CheckNode(String replyTo, int seq, String node, String address, String text) implements Action {}

    /** A node is new, or changed, or is gone for good ({@code after} is null then). */
    record NodeChanged(@Nullable NodeView before, @Nullable NodeView after) implements Action {}

    /** A router is new, or stands otherwise. */
    record RouterChanged(String router, RouterState state, String accuser) implements Action {}

    /** A piece of work has another holder. */
    record Assigned(Content.Assignment assignment, long version) implements Action {}

    /** Something that an operator should know: a bound was reached, an id was claimed twice. */
    record Notice(String kind, String subject, String text) implements Action {}
}
