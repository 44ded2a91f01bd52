package io.bactrian.zeromq;

import io.bactrian.socket.Security;
import io.bactrian.socket.SocketKind;
import io.bactrian.socket.SocketSettings;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Checks the options of an endpoint together, and makes the settings of its socket. */
final class ZeroMqSettings {
    private static final List<String> TRANSPORTS = List.of("tcp://", "ipc://", "inproc://");
    private static final int HEARTBEATS_MISSED = 3;

    /** The I/O thread handles so much at once before anybody can read it. */
    private static final int BACKLOG_BYTES_MIN = 1 << 20;

    private ZeroMqSettings() {}

    /**
     * The settings of a socket.
     *
     * @throws IllegalArgumentException naming every option that is wrong, with what would be right
     */
    static SocketSettings of(ZeroMqConfiguration configuration) {
        ZeroMqConfiguration c = configuration.serving();
        SocketKind kind = c.kind();
        List<String> addresses = c.addresses();
        Boolean bind = c.getBind();
        boolean binding = bind == null ? kind.bindsByDefault() : bind;
        List<String> wrong = wrong(configuration, configuration.kind(), addresses);
        exchanges(wrong, configuration);
        streams(wrong, configuration);
        Security security = ZeroMqSecuritySettings.of(c, binding, addresses, wrong);
        if (!wrong.isEmpty()) {
            throw new IllegalArgumentException(
                    "zeromq:" + c.getTarget() + " cannot be used: " + String.join("; ", wrong));
        }
        return new SocketSettings(
                kind,
                addresses,
                text(c.getSocketName()),
                binding,
                topics(c, kind),
                c.getSendHighWaterMark(),
                c.getReceiveHighWaterMark(),
                (int) c.getLinger(),
                c.getMaxFrameBytes(),
                c.getMaxFrames(),
                c.getPendingQueue(),
                (int) c.getHandshakeInterval(),
                (int) c.getReconnectInterval(),
                (int) c.getReconnectIntervalMax(),
                (int) c.getHeartbeatInterval(),
                (int)
                        (c.getHeartbeatTimeout() > 0
                                ? c.getHeartbeatTimeout()
                                : HEARTBEATS_MISSED * c.getHeartbeatInterval()),
                keepAlive(c.getTcpKeepAlive()),
                c.getRoutingId(),
                c.isMandatory(),
                c.isHandover(),
                c.isXpubNoDrop(),
                c.isXpubVerbose(),
                c.isConflate(),
                c.getRetries(),
                security,
                c.getCurveBacklogBytes());
    }

    /** The key of an endpoint's socket, which needs no file. */
    static String key(ZeroMqConfiguration configuration) {
        ZeroMqConfiguration c = configuration.serving();
        return SocketSettings.key(c.kind(), c.addresses(), text(c.getSocketName()));
    }

    private static List<String> wrong(ZeroMqConfiguration c, SocketKind kind, List<String> addresses) {
        List<String> wrong = new ArrayList<>();
        if (addresses.isEmpty()) {
            wrong.add("it names no address: it must be zeromq:<socketType>:<address>[,<address>...]");
        }
        String target = c.getTarget();
        if (target != null && target.indexOf(':') >= 0 && c.getAddress() != null) {
            wrong.add("address=" + c.getAddress() + " must not be set as well");
        }
        for (String address : addresses) {
            if (TRANSPORTS.stream().noneMatch(address::startsWith)) {
                wrong.add("address=" + address + " must begin with one of " + TRANSPORTS);
            }
        }
        atLeast(wrong, "batchSize", c.getBatchSize(), 1);
        atLeast(wrong, "batchBytesMax", c.getBatchBytesMax(), 1);
        atLeast(wrong, "maxFrameBytes", c.getMaxFrameBytes(), 1);
        atLeast(wrong, "maxFrames", c.getMaxFrames(), 1);
        atLeast(wrong, "pendingQueue", c.getPendingQueue(), 1);
        atLeast(wrong, "sendHighWaterMark", c.getSendHighWaterMark(), 0);
        atLeast(wrong, "receiveHighWaterMark", c.getReceiveHighWaterMark(), 0);
        atLeast(wrong, "curveBacklogBytes", c.getCurveBacklogBytes(), BACKLOG_BYTES_MIN);
        atLeast(wrong, "retries", c.getRetries(), 0);
        milliseconds(wrong, "requestTimeout", c.getRequestTimeout(), 1);
        milliseconds(wrong, "batchTimeout", c.getBatchTimeout(), 0);
        milliseconds(wrong, "sendTimeout", c.getSendTimeout(), 0);
        milliseconds(wrong, "linger", c.getLinger(), 0);
        milliseconds(wrong, "handshakeInterval", c.getHandshakeInterval(), 0);
        milliseconds(wrong, "reconnectInterval", c.getReconnectInterval(), 1);
        milliseconds(wrong, "reconnectIntervalMax", c.getReconnectIntervalMax(), 0);
        milliseconds(wrong, "heartbeatInterval", c.getHeartbeatInterval(), 0);
        milliseconds(wrong, "heartbeatTimeout", c.getHeartbeatTimeout(), 0);
        only(wrong, "mandatory", c.isMandatory(), kind, SocketKind.router);
        only(wrong, "handover", c.isHandover(), kind, SocketKind.router);
        only(wrong, "xpubNoDrop", c.isXpubNoDrop(), kind, SocketKind.pub, SocketKind.xpub);
        only(wrong, "xpubVerbose", c.isXpubVerbose(), kind, SocketKind.xpub);
        only(wrong, "subscribe", c.getSubscribe() != null, kind, SocketKind.sub, SocketKind.xsub);
        only(wrong, "topic", c.getTopic() != null, kind, SocketKind.pub, SocketKind.xpub);
        only(wrong, "envelope", c.isEnvelope(), kind, SocketKind.router, SocketKind.dealer, SocketKind.pair);
        return wrong;
    }

    private static void streams(List<String> wrong, ZeroMqConfiguration c) {
        milliseconds(wrong, "streamTimeout", c.getStreamTimeout(), 1);
        atLeast(wrong, "streamCreditBytes", c.getStreamCreditBytes(), 1);
        if (!c.isStream()) {
            return;
        }
        only(wrong, "stream", true, c.kind(), SocketKind.router, SocketKind.dealer);
        if (c.kind() == SocketKind.dealer && c.addresses().size() > 1) {
            wrong.add("stream=true must have one address: chunks for several would be dealt out in turns");
        }
        if (c.getBatchSize() > 1 || c.isOnSocketThread() || c.isEnvelope()) {
            wrong.add("stream=true has no use for batchSize, onSocketThread and envelope: leave them out");
        }
    }

    private static void exchanges(List<String> wrong, ZeroMqConfiguration c) {
        atLeast(wrong, "concurrentExchanges", c.getConcurrentExchanges(), 1);
        if (c.kind() == SocketKind.rep && c.getBatchSize() > 1) {
            wrong.add("batchSize=" + c.getBatchSize() + " must be 1 for a rep, which answers each request");
        }
        if (c.getConcurrentExchanges() > 1 && c.isOnSocketThread()) {
            wrong.add("concurrentExchanges=" + c.getConcurrentExchanges()
                    + " and onSocketThread=true exclude each other: leave one of them out");
        }
    }

    private static void atLeast(List<String> wrong, String name, long value, long least) {
        if (value < least) {
            wrong.add(name + "=" + value + " must be at least " + least);
        }
    }

    private static void milliseconds(List<String> wrong, String name, long value, long least) {
        if (value < least || value > Integer.MAX_VALUE) {
            wrong.add(name + "=" + value + " must be from " + least + " to " + Integer.MAX_VALUE + " ms");
        }
    }

    private static void only(List<String> wrong, String name, boolean set, SocketKind kind, SocketKind... kinds) {
        if (set && !Arrays.asList(kinds).contains(kind)) {
            wrong.add(name + " is only for " + Arrays.toString(kinds));
        }
    }

    private static List<String> topics(ZeroMqConfiguration c, SocketKind kind) {
        List<String> topics = c.topics();
        if (topics != null) {
            return topics;
        }
        return kind == SocketKind.sub ? List.of("") : List.of();
    }

    private static int keepAlive(@Nullable Boolean on) {
        if (on == null) {
            return -1;
        }
        return on ? 1 : 0;
    }

    private static String text(@Nullable String value) {
        return value == null ? "" : value;
    }
}
