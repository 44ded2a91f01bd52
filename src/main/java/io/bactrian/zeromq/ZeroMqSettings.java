package io.bactrian.zeromq;

import io.bactrian.support.service.ServiceDirectory;
import io.bactrian.zeromq.socket.ConnectionTimes;
import io.bactrian.zeromq.socket.PatternOptions;
import io.bactrian.zeromq.socket.PeerLimits;
import io.bactrian.zeromq.socket.QueueLimits;
import io.bactrian.zeromq.socket.Security;
import io.bactrian.zeromq.socket.SocketKind;
import io.bactrian.zeromq.socket.SocketSettings;
import io.bactrian.zeromq.socket.Tuning;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Checks the options of an endpoint together, and makes the settings of its socket. */
final class ZeroMqSettings {
    private static final List<String> TRANSPORTS = List.of("tcp://", "ipc://", "inproc://");
    private static final int HEARTBEATS_MISSED = 3;
    private static final int MESSAGE_FRAMES = 4;
    private static final int HEAP_SHARE = 8;
    private static final int INCOMPLETE_FRAMES = 16;

    /** The I/O thread handles so much at once before anybody can read it. */
    private static final int BACKLOG_BYTES_MIN = 1 << 20;

    private static final Pattern LOOPBACK = Pattern.compile("tcp://(127\\.|localhost:|\\[::1])");
    private static final Pattern SERVICE =
            Pattern.compile(ServiceDirectory.SCHEME + "[^/\\s]{1,128}(/[A-Za-z0-9_.-]{1,64})?");
    private static final int LOOPBACK_BUFFER_BYTES = 64 * 1024;

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
        wrong.addAll(ZeroMqContradictions.of(configuration));
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
                queues(c),
                connections(c),
                pattern(c),
                security,
                limits(c),
                tuning(c, addresses, security));
    }

    private static QueueLimits queues(ZeroMqConfiguration c) {
        return new QueueLimits(
                c.getSendHighWaterMark(),
                c.getReceiveHighWaterMark(),
                (int) c.getLinger(),
                c.getMaxFrameBytes(),
                c.getMaxFrames(),
                c.getPendingQueue(),
                c.getCurveBacklogBytes());
    }

    private static ConnectionTimes connections(ZeroMqConfiguration c) {
        return new ConnectionTimes(
                (int) c.getHandshakeInterval(),
                (int) c.getReconnectInterval(),
                (int) c.getReconnectIntervalMax(),
                (int) c.getHeartbeatInterval(),
                (int)
                        (c.getHeartbeatTimeout() > 0
                                ? c.getHeartbeatTimeout()
                                : HEARTBEATS_MISSED * c.getHeartbeatInterval()),
                keepAlive(c.getTcpKeepAlive()));
    }

    private static PatternOptions pattern(ZeroMqConfiguration c) {
        return new PatternOptions(
                c.getRoutingId(),
                c.isMandatory(),
                c.isHandover(),
                c.isXpubNoDrop(),
                c.isXpubVerbose(),
                c.isConflate(),
                c.getRetries());
    }

    private static PeerLimits limits(ZeroMqConfiguration c) {
        return new PeerLimits(
                c.getMaxConnections(),
                times(c.getMaxMessageBytes(), MESSAGE_FRAMES, c.getMaxFrameBytes()),
                incomplete(c),
                c.getMaxTopicBytes(),
                c.getMaxSubscriptionBytes(),
                (int) c.getHandshakeTimeout(),
                c.isAllowOldPeers(),
                c.isAllowUnguarded());
    }

    private static int incomplete(ZeroMqConfiguration c) {
        long heapShare = Math.max(c.getMaxFrameBytes(), Runtime.getRuntime().maxMemory() / HEAP_SHARE);
        int frames = times(c.getMaxIncompleteBytes(), INCOMPLETE_FRAMES, c.getMaxFrameBytes());
        return c.getMaxIncompleteBytes() > 0 ? frames : (int) Math.min(frames, heapShare);
    }

    /** A value, or if it is not set so many times another. */
    private static int times(int value, int factor, int other) {
        return value > 0 ? value : (int) Math.min(Integer.MAX_VALUE, (long) factor * other);
    }

    private static Tuning tuning(ZeroMqConfiguration c, List<String> addresses, Security security) {
        return new Tuning(
                c.getSendBufferBytes(),
                receiveBuffer(c, addresses, security),
                c.isImmediate(),
                c.getBacklog(),
                c.isIpv6(),
                c.getTcpKeepAliveCount(),
                c.getTcpKeepAliveIdle(),
                c.getTcpKeepAliveInterval(),
                c.getTypeOfService(),
                (int) c.getHeartbeatTtl(),
                c.isProbeRouter(),
                c.getHelloMessage(),
                c.getDisconnectMessage(),
                c.isXpubVerboser(),
                c.isXpubManual());
    }

    /**
     * Over loopback no window is too short, so there the larger steps in which JeroMQ then reads are all gain; a push and
     * a pub have next to nothing to read. With CURVE large steps would overshoot the bound of what is received and not read.
     */
    private static int receiveBuffer(ZeroMqConfiguration c, List<String> addresses, Security security) {
        if (c.getReceiveBufferBytes() >= 0) {
            return c.getReceiveBufferBytes();
        }
        boolean reads = c.kind() != SocketKind.push && c.kind() != SocketKind.pub;
        boolean local =
                addresses.stream().allMatch(address -> LOOPBACK.matcher(address).lookingAt());
        return reads && local && !security.encrypts() ? LOOPBACK_BUFFER_BYTES : 0;
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
            if (address.startsWith(ServiceDirectory.SCHEME)) {
                service(wrong, c, kind, address);
            } else if (TRANSPORTS.stream().noneMatch(address::startsWith)) {
                wrong.add("address=" + address + " must begin with one of " + TRANSPORTS + " or be "
                        + ServiceDirectory.SCHEME + "<service>");
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
        atLeast(wrong, "maxConnections", c.getMaxConnections(), 1);
        atLeast(wrong, "maxMessageBytes", c.getMaxMessageBytes(), 0);
        atLeast(wrong, "maxIncompleteBytes", c.getMaxIncompleteBytes(), 0);
        atLeast(wrong, "maxTopicBytes", c.getMaxTopicBytes(), 0);
        atLeast(wrong, "maxSubscriptionBytes", c.getMaxSubscriptionBytes(), 1);
        milliseconds(wrong, "handshakeTimeout", c.getHandshakeTimeout(), 0);
        atLeast(wrong, "sendBufferBytes", c.getSendBufferBytes(), 0);
        atLeast(wrong, "receiveBufferBytes", c.getReceiveBufferBytes(), -1);
        atLeast(wrong, "backlog", c.getBacklog(), 1);
        atLeast(wrong, "typeOfService", c.getTypeOfService(), 0);
        atLeast(wrong, "concurrentExchanges", c.getConcurrentExchanges(), 1);
        atLeast(wrong, "streamCreditBytes", c.getStreamCreditBytes(), 1);
        milliseconds(wrong, "streamTimeout", c.getStreamTimeout(), 1);
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
        only(wrong, "xpubVerboser", c.isXpubVerboser(), kind, SocketKind.xpub);
        only(wrong, "xpubManual", c.isXpubManual(), kind, SocketKind.xpub);
        only(wrong, "probeRouter", c.isProbeRouter(), kind, SocketKind.router, SocketKind.dealer);
        only(wrong, "helloMessage", c.getHelloMessage() != null, kind, SocketKind.router, SocketKind.dealer);
        only(wrong, "disconnectMessage", c.getDisconnectMessage() != null, kind, SocketKind.router);
        only(
                wrong,
                "conflate",
                c.isConflate(),
                kind,
                SocketKind.push,
                SocketKind.pull,
                SocketKind.pub,
                SocketKind.sub,
                SocketKind.dealer);
        only(wrong, "subscribe", c.getSubscribe() != null, kind, SocketKind.sub, SocketKind.xsub);
        only(wrong, "topic", c.getTopic() != null, kind, SocketKind.pub, SocketKind.xpub);
        only(wrong, "stream", c.isStream(), kind, SocketKind.router, SocketKind.dealer);
        only(wrong, "envelope", c.isEnvelope(), kind, SocketKind.router, SocketKind.dealer, SocketKind.pair);
        return wrong;
    }

    private static void service(List<String> wrong, ZeroMqConfiguration c, SocketKind kind, String address) {
        if (!SERVICE.matcher(address).matches()) {
            wrong.add("address=" + address + " must be " + ServiceDirectory.SCHEME + "<service> or "
                    + ServiceDirectory.SCHEME + "<service>/<port>");
        }
        Boolean bind = c.getBind();
        if (bind == null ? kind.bindsByDefault() : bind) {
            wrong.add("address=" + address + " names a service, which a socket connects to: set bind=false");
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
