package io.bactrian.zeromq;

import io.bactrian.zeromq.socket.SocketKind;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Finds options that are right by themselves and make no sense together. */
final class ZeroMqContradictions {
    private static final int ROUTING_ID_BYTES_MAX = 255;
    private static final int TYPE_OF_SERVICE_MAX = 255;
    private static final int CURVE_STEP_BYTES_MAX = 8_192;
    private static final int TTL_STEP_MS = 100;
    private static final int TTL_MAX_MS = 655_300;
    private static final int BACKLOG = new ZeroMqConfiguration().getBacklog();

    private final ZeroMqConfiguration c;
    private final List<String> wrong = new ArrayList<>();

    private ZeroMqContradictions(ZeroMqConfiguration configuration) {
        this.c = configuration;
    }

    /** Lists the contradictions, each with what to change; empty if there are none. */
    static List<String> of(ZeroMqConfiguration configuration) {
        ZeroMqContradictions all = new ZeroMqContradictions(configuration);
        SocketKind kind = configuration.kind();
        all.bounds();
        all.connections(kind);
        all.liveness();
        all.publications();
        all.exchanges(kind);
        all.streams(kind);
        return all.wrong;
    }

    private void when(boolean contradiction, String text) {
        if (contradiction) {
            wrong.add(text);
        }
    }

    private void bounds() {
        notBelow("maxMessageBytes", c.getMaxMessageBytes());
        notBelow("maxIncompleteBytes", c.getMaxIncompleteBytes());
        when(
                c.getTypeOfService() > TYPE_OF_SERVICE_MAX,
                "typeOfService=" + c.getTypeOfService() + " must be at most " + TYPE_OF_SERVICE_MAX);
    }

    private void notBelow(String name, int value) {
        when(
                value > 0 && value < c.getMaxFrameBytes(),
                name + "=" + value + " is less than maxFrameBytes=" + c.getMaxFrameBytes()
                        + ": make it larger, or maxFrameBytes smaller");
    }

    private void connections(SocketKind kind) {
        Boolean bind = c.getBind();
        boolean binding = bind == null ? kind.bindsByDefault() : bind;
        when(
                c.isImmediate() && binding,
                "immediate=true is only for a socket that connects: set bind=false, or leave it out");
        when(
                c.getBacklog() != BACKLOG && !binding,
                "backlog=" + c.getBacklog() + " is only for a socket that binds: set bind=true, or leave it out");
        when(
                c.getReconnectIntervalMax() > 0 && c.getReconnectIntervalMax() < c.getReconnectInterval(),
                "reconnectIntervalMax=" + c.getReconnectIntervalMax() + " is less than reconnectInterval="
                        + c.getReconnectInterval() + ": make it larger, or 0 for no growth");
        when(
                c.getHandshakeTimeout() > 0 && c.getHandshakeTimeout() < c.getHandshakeInterval(),
                "handshakeTimeout=" + c.getHandshakeTimeout() + " is less than handshakeInterval="
                        + c.getHandshakeInterval() + ", which is a part of it: make it larger");
        when(
                c.isAllowOldPeers() && c.getSecurity() != ZeroMqSecurity.none,
                "allowOldPeers=true lets in who knows no security, and security=" + c.getSecurity()
                        + " does not: leave one of them out");
        when(
                c.getReceiveBufferBytes() > CURVE_STEP_BYTES_MAX && c.getSecurity() == ZeroMqSecurity.curve,
                "receiveBufferBytes=" + c.getReceiveBufferBytes() + " must be at most " + CURVE_STEP_BYTES_MAX
                        + " with security=curve: larger steps overshoot curveBacklogBytes");
        routingId(c.getRoutingId());
    }

    private void routingId(@Nullable String routingId) {
        if (routingId == null) {
            return;
        }
        byte[] octets = routingId.getBytes(StandardCharsets.UTF_8);
        when(
                octets.length == 0 || octets.length > ROUTING_ID_BYTES_MAX || octets[0] == 0,
                "routingId must have 1 to " + ROUTING_ID_BYTES_MAX + " octets and not begin with a zero");
    }

    private void liveness() {
        boolean keepsAlive = Boolean.TRUE.equals(c.getTcpKeepAlive());
        needsKeepAlive("tcpKeepAliveCount", c.getTcpKeepAliveCount(), keepsAlive);
        needsKeepAlive("tcpKeepAliveIdle", c.getTcpKeepAliveIdle(), keepsAlive);
        needsKeepAlive("tcpKeepAliveInterval", c.getTcpKeepAliveInterval(), keepsAlive);
        boolean beats = c.getHeartbeatInterval() > 0;
        when(
                c.getHeartbeatTimeout() > 0 && !beats,
                "heartbeatTimeout=" + c.getHeartbeatTimeout() + " needs heartbeats: set heartbeatInterval");
        long ttl = c.getHeartbeatTtl();
        when(ttl > 0 && !beats, "heartbeatTtl=" + ttl + " needs heartbeats: set heartbeatInterval");
        when(
                ttl != 0 && (ttl < TTL_STEP_MS || ttl > TTL_MAX_MS),
                "heartbeatTtl=" + ttl + " must be 0 or from " + TTL_STEP_MS + " to " + TTL_MAX_MS + " ms");
    }

    private void needsKeepAlive(String name, int value, boolean keepsAlive) {
        when(value != -1 && value < 1, name + "=" + value + " must be at least 1, or -1 as the system has it");
        when(value > 0 && !keepsAlive, name + "=" + value + " needs tcpKeepAlive=true");
    }

    private void publications() {
        when(
                c.isXpubVerbose() && c.isXpubVerboser(),
                "xpubVerboser=true reports what xpubVerbose=true does and more: set one of them");
        when(
                c.isXpubManual() && (c.isXpubVerbose() || c.isXpubVerboser()),
                "xpubManual=true reports every subscription: leave xpubVerbose and xpubVerboser out");
        when(
                c.isXpubManual() && c.getBatchSize() > 1,
                "xpubManual=true decides about one subscription after the other: batchSize must be 1");
        when(
                c.isConflate() && c.getTopic() != null,
                "conflate=true keeps single frames, and topic=" + c.getTopic()
                        + " makes messages of two: leave one of them out");
        when(
                c.isConflate() && c.isEnvelope(),
                "conflate=true keeps single frames, and envelope=true makes messages of several: leave one of them out");
    }

    private void exchanges(SocketKind kind) {
        when(
                kind == SocketKind.rep && c.getBatchSize() > 1,
                "batchSize=" + c.getBatchSize() + " must be 1 for a rep, which answers each request");
        concurrent("onSocketThread", c.isOnSocketThread());
        concurrent("xpubManual", c.isXpubManual());
    }

    private void streams(SocketKind kind) {
        when(
                c.isStream() && kind == SocketKind.dealer && c.addresses().size() > 1,
                "stream=true must have one address: chunks for several would be dealt out in turns");
        when(
                c.isStream() && (c.getBatchSize() > 1 || c.isOnSocketThread() || c.isEnvelope()),
                "stream=true has no use for batchSize, onSocketThread and envelope: leave them out");
    }

    private void concurrent(String name, boolean set) {
        when(
                set && c.getConcurrentExchanges() > 1,
                "concurrentExchanges=" + c.getConcurrentExchanges() + " and " + name
                        + "=true exclude each other: leave one of them out");
    }
}
