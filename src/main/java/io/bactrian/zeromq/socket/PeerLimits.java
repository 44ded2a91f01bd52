package io.bactrian.zeromq.socket;

/**
 * The limits of a socket for its peers. The names of the components are the names of the endpoint options.
 *
 * @param maxConnections connections at once; beyond it the oldest without a handshake is closed, or else the new one
 * @param maxMessageBytes a peer that sends a message of more octets in all its frames is disconnected
 * @param maxIncompleteBytes octets that all peers together may have begun to send and not completed
 * @param maxTopicBytes a subscriber of a pub or xpub that asks for a longer prefix is disconnected
 * @param maxSubscriptionBytes a subscriber whose prefixes take more octets, with 16 for each, is disconnected; all
 *     together may take 32 times as much
 * @param handshakeTimeout a connection that is not ready after so many milliseconds is closed, 0 for no limit
 * @param allowOldPeers whether peers may speak a version of ZMTP before 3
 * @param allowUnguarded whether a socket may be bound beyond loopback where these limits do not hold, as with another JeroMQ
 */
public record PeerLimits(
        int maxConnections,
        int maxMessageBytes,
        int maxIncompleteBytes,
        int maxTopicBytes,
        int maxSubscriptionBytes,
        int handshakeTimeout,
        boolean allowOldPeers,
        boolean allowUnguarded) {

    /** The defaults of the component. */
    public static final PeerLimits DEFAULT =
            new PeerLimits(4_096, 1 << 26, 1 << 28, 1_024, 1 << 20, 30_000, false, false);
}
