package io.bactrian.zeromq.socket;

/**
 * When a socket makes its connections anew, and when it gives one up. The names of the components are the names of the
 * endpoint options; times are in milliseconds.
 *
 * @param handshakeInterval a connection without a handshake after that time is made anew
 * @param reconnectInterval wait before a new connection
 * @param reconnectIntervalMax upper end of the growing wait, 0 for no growth
 * @param heartbeatInterval between ZMTP pings, 0 for none
 * @param heartbeatTimeout without an answer the connection is closed
 * @param tcpKeepAlive 0 off, 1 on, -1 as the system has it
 */
public record ConnectionTimes(
        int handshakeInterval,
        int reconnectInterval,
        int reconnectIntervalMax,
        int heartbeatInterval,
        int heartbeatTimeout,
        int tcpKeepAlive) {
    /** The defaults of the component, and heartbeats off. */
    public static final ConnectionTimes DEFAULT = new ConnectionTimes(300, 50, 1_000, 0, 0, -1);

    /** The same with another time for the greeting. */
    public ConnectionTimes withHandshakeInterval(int ms) {
        return new ConnectionTimes(
                ms, reconnectInterval, reconnectIntervalMax, heartbeatInterval, heartbeatTimeout, tcpKeepAlive);
    }
}
