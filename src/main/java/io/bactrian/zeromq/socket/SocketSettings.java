package io.bactrian.zeromq.socket;

import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * All that makes one socket what it is. The names of the components are the names of the endpoint options.
 * Times are in milliseconds; -1 leaves a number as ZeroMQ has it.
 *
 * @param kind socket type
 * @param addresses at least one; all are bound or all are connected
 * @param socketName tells sockets of the same type and address apart
 * @param bind bind, or connect
 * @param subscribe prefixes to subscribe to, for sub and xsub; a character stands for an octet
 * @param sendHighWaterMark messages for each peer, 0 for no limit
 * @param receiveHighWaterMark messages for each peer, 0 for no limit
 * @param linger how long a close tries to send what is queued
 * @param maxFrameBytes a peer that sends a larger frame is disconnected
 * @param maxFrames a message of more frames is dropped
 * @param pendingQueue items (messages or batches) that wait for the owner thread
 * @param handshakeInterval a connection without a handshake after that time is made anew
 * @param reconnectInterval wait before a new connection
 * @param reconnectIntervalMax upper end of the growing wait, 0 for no growth
 * @param heartbeatInterval between ZMTP pings, 0 for none
 * @param heartbeatTimeout without an answer the connection is closed
 * @param tcpKeepAlive 0 off, 1 on, -1 as the system has it
 * @param routingId own identity, or null for one chosen by the peer
 * @param mandatory a router fails for an unknown peer, and waits for a full one, where it would drop
 * @param handover a router gives a routing id to the newest peer that claims it
 * @param xpubNoDrop a full peer holds the publisher back, where it would miss messages
 * @param xpubVerbose every subscription is reported, also repeated ones
 * @param conflate only the last message is kept; single frames only
 * @param retries how often a req sends a request again on a new connection
 * @param security how connections are secured
 * @param curveBacklogBytes with CURVE, how much may wait that was received, in place of the receive high-water mark
 * @param limits what peers are allowed
 * @param tuning options that most sockets leave alone
 */
public record SocketSettings(
        SocketKind kind,
        List<String> addresses,
        String socketName,
        boolean bind,
        List<String> subscribe,
        int sendHighWaterMark,
        int receiveHighWaterMark,
        int linger,
        int maxFrameBytes,
        int maxFrames,
        int pendingQueue,
        int handshakeInterval,
        int reconnectInterval,
        int reconnectIntervalMax,
        int heartbeatInterval,
        int heartbeatTimeout,
        int tcpKeepAlive,
        @Nullable String routingId,
        boolean mandatory,
        boolean handover,
        boolean xpubNoDrop,
        boolean xpubVerbose,
        boolean conflate,
        int retries,
        Security security,
        int curveBacklogBytes,
        PeerLimits limits,
        Tuning tuning) {

    public SocketSettings {
        addresses = List.copyOf(addresses);
        subscribe = List.copyOf(subscribe);
    }

    /** Endpoints of one context with an equal key use one socket. */
    public String key() {
        return key(kind, addresses, socketName);
    }

    /** The key of the settings with these components. */
    public static String key(SocketKind kind, List<String> addresses, String socketName) {
        return kind + ":" + String.join(",", addresses) + (socketName.isEmpty() ? "" : "#" + socketName);
    }

    /** Names and values of the options in which two settings for one socket disagree; empty if they agree. */
    public List<String> differences(SocketSettings other) {
        return differences(this, other);
    }

    private static List<String> differences(Record one, Record two) {
        List<String> differences = new ArrayList<>();
        for (RecordComponent component : one.getClass().getRecordComponents()) {
            Object mine = value(component, one);
            Object theirs = value(component, two);
            if (mine instanceof PeerLimits || mine instanceof Tuning) {
                differences.addAll(differences((Record) mine, (Record) Objects.requireNonNull(theirs)));
            } else if (!Objects.equals(mine, theirs)) {
                differences.add(component.getName() + "=" + mine + " and " + component.getName() + "=" + theirs);
            }
        }
        return differences;
    }

    private static @Nullable Object value(RecordComponent component, Record owner) {
        try {
            return component.getAccessor().invoke(owner);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("cannot read " + component.getName(), e);
        }
    }
}
