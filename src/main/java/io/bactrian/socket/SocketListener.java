package io.bactrian.socket;

/** Hears of sockets that are opened and closed. Must not throw. */
public interface SocketListener {

    /** Cares for nothing. */
    SocketListener NONE = new SocketListener() {};

    default void opened(SocketView socket) {}

    default void closed(SocketView socket) {}
}
