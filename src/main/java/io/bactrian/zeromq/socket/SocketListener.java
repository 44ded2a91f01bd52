package io.bactrian.zeromq.socket;

/** Hears of sockets that are opened and closed. Must not throw. */
public interface SocketListener {

    /** Cares for nothing. */
    SocketListener NONE = new SocketListener() {};

    default void opened(SocketView socket) {}

    default void closed(SocketView socket) {}

    /** Something happened to a connection. Called on ZeroMQ's own threads: must not wait. */
    default void happened(SocketEvent event) {}
}
