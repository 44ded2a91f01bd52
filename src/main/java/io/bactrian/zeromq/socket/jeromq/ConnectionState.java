package io.bactrian.zeromq.socket.jeromq;

/** The state of the handshake of a connection. */
public enum ConnectionState {
    /** There is no connection yet or any more, or it cannot be seen. */
    UNKNOWN,
    HANDSHAKE,
    /** Its peer speaks a version of ZMTP before 3, which knows neither security nor limits. */
    OLD,
    READY
}
