package io.bactrian.zeromq.socket;

import java.util.List;

/**
 * An event of a connection of a socket.
 *
 * @param type what happened
 * @param socket the socket's key: its type, addresses as configured, and name
 * @param addresses the socket's addresses, as configured
 * @param address the address that is listened on or connected to; for {@code REFUSED} the peer's
 * @param detail what else is known, or an empty text
 */
public record SocketEvent(Type type, String socket, List<String> addresses, String address, String detail) {

    public SocketEvent {
        addresses = List.copyOf(addresses);
    }

    /** Whether it happened at an address, be it one as configured or the real one. */
    public boolean concerns(String wanted) {
        return address.equals(wanted) || addresses.contains(wanted);
    }

    /** Kinds of events. */
    public enum Type {
        /** The socket listens on the address. */
        LISTENING,
        /** A peer has connected to the address. */
        ACCEPTED,
        /** The socket has connected to the address. */
        CONNECTED,
        /** A connection has ended. */
        DISCONNECTED,
        /** The address cannot be reached now, the socket tries again after the time in the detail. */
        RETRIED,
        /** The socket does not listen on the address any more. */
        CLOSED,
        /** A peer that connected does not speak the protocol, or not with this security. */
        HANDSHAKE_FAILED,
        /** A peer was not admitted; the detail names it by its key's fingerprint or its user, and says why. */
        REFUSED,
        /** A peer was admitted; the detail names it. Only with security. */
        ADMITTED,
        /** The peer at the address has not admitted this socket. */
        NOT_ADMITTED
    }
}
