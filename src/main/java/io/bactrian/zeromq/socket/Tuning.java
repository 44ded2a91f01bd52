package io.bactrian.zeromq.socket;

import org.jspecify.annotations.Nullable;

/**
 * Options of ZeroMQ that most sockets leave alone. The names of the components are the names of the endpoint options;
 * times are in milliseconds unless said; -1 leaves a number as the system has it.
 *
 * @param sendBufferBytes of TCP, 0 as the system has it
 * @param receiveBufferBytes of TCP, 0 as the system has it
 * @param immediate messages are queued for connections only that are there
 * @param backlog connections that wait to be accepted
 * @param ipv6 whether names and wildcards are of IPv6, too
 * @param tcpKeepAliveCount lost probes that end a connection
 * @param tcpKeepAliveIdle seconds until the first probe
 * @param tcpKeepAliveInterval seconds between probes
 * @param typeOfService of IP, 0 as the system has it
 * @param heartbeatTtl after which the peer gives the connection up, 0 to leave that to the peer
 * @param probeRouter an empty message greets each new peer
 * @param helloMessage greets each new peer, or null
 * @param disconnectMessage is received, as if from the peer, when its connection ends, or null
 * @param xpubVerboser every subscription and every end of one is reported, also repeated ones
 * @param xpubManual the route decides about each subscription
 */
public record Tuning(
        int sendBufferBytes,
        int receiveBufferBytes,
        boolean immediate,
        int backlog,
        boolean ipv6,
        int tcpKeepAliveCount,
        int tcpKeepAliveIdle,
        int tcpKeepAliveInterval,
        int typeOfService,
        int heartbeatTtl,
        boolean probeRouter,
        @Nullable String helloMessage,
        @Nullable String disconnectMessage,
        boolean xpubVerboser,
        boolean xpubManual) {

    /** The defaults of the component. */
    public static final Tuning DEFAULT =
            new Tuning(0, 0, false, 4_096, false, -1, -1, -1, 0, 0, false, null, null, false, false);
}
