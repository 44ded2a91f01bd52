package io.bactrian.zeromq.socket;

import io.bactrian.zeromq.socket.jeromq.JeroMq;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.zeromq.ZMQ;
import org.zeromq.ZMQException;

/** Makes a socket from its settings: every option first, then bind or connect. Owner thread only. */
final class SocketOpener {
    /** How long a blocking receive waits before its thread looks whether it shall stop. */
    static final int RECEIVE_TIMEOUT_MS = 50;

    /** What the commands of a handshake take at most: a socket type, an identity and keys. */
    private static final int HANDSHAKE_BYTES = 1_024;

    private static final long BIND_PAUSE_NANOS = 5_000_000;

    private SocketOpener() {}

    /** A socket that is bound or connected, the addresses it is bound to, and those whose host names nobody knows yet. */
    record Opened(ZMQ.Socket socket, List<String> boundAddresses, List<String> unknown) {}

    /**
     * @param addresses those of the settings, or the real ones if it was open before
     * @throws IOException if it cannot be opened, bound or connected
     */
    static Opened open(SocketSecurity security, SocketSettings settings, SocketEvents events, List<String> addresses)
            throws IOException {
        ZMQ.Socket socket = security.context().open(settings.kind().type());
        try {
            configure(socket, settings);
            security.secure(socket);
            events.watch(socket);
            events.countsDrops(socket);
            return attach(security.context(), socket, settings, events, addresses);
        } catch (IOException | RuntimeException e) {
            socket.setLinger(0);
            socket.close();
            throw e;
        }
    }

    private static void configure(ZMQ.Socket socket, SocketSettings s) {
        socket.setSndHWM(s.queues().sendHighWaterMark());
        socket.setRcvHWM(s.queues().receiveHighWaterMark());
        socket.setLinger(s.queues().linger());
        socket.setMaxMsgSize(largestFrame(s));
        socket.setHandshakeIvl(s.connections().handshakeInterval());
        socket.setReconnectIVL(s.connections().reconnectInterval());
        socket.setReconnectIVLMax(s.connections().reconnectIntervalMax());
        if (s.connections().heartbeatInterval() > 0) {
            socket.setHeartbeatIvl(s.connections().heartbeatInterval());
            socket.setHeartbeatTimeout(s.connections().heartbeatTimeout());
        }
        socket.setTCPKeepAlive(s.connections().tcpKeepAlive());
        socket.setReceiveTimeOut(RECEIVE_TIMEOUT_MS);
        tune(socket, s);
        String routingId = s.pattern().routingId();
        if (routingId != null) {
            socket.setIdentity(routingId.getBytes(StandardCharsets.UTF_8));
        }
        configureKind(socket, s);
    }

    /** What a publisher receives is prefixes, and JeroMQ descends a level of its stack for each of their octets. */
    private static long largestFrame(SocketSettings s) {
        return s.kind() == SocketKind.pub || s.kind() == SocketKind.xpub
                ? Math.min(
                        s.queues().maxFrameBytes(),
                        Math.max(HANDSHAKE_BYTES, s.limits().maxTopicBytes() + 1L))
                : s.queues().maxFrameBytes();
    }

    private static void tune(ZMQ.Socket socket, SocketSettings s) {
        Tuning t = s.tuning();
        socket.setIPv6(t.ipv6() || s.addresses().stream().anyMatch(address -> address.contains("[")));
        // JeroMQ would ask for it on the listener, which Java refuses: there SocketEvents does it for each connection.
        if (t.sendBufferBytes() > 0 && !s.bind()) {
            socket.setSendBufferSize(t.sendBufferBytes());
        }
        if (t.receiveBufferBytes() > 0) {
            socket.setReceiveBufferSize(t.receiveBufferBytes());
        }
        // JeroMQ's name for it means the opposite of libzmq's.
        socket.setImmediate(!t.immediate());
        socket.setBacklog(t.backlog());
        socket.setTCPKeepAliveCount(t.tcpKeepAliveCount());
        socket.setTCPKeepAliveIdle(t.tcpKeepAliveIdle());
        socket.setTCPKeepAliveInterval(t.tcpKeepAliveInterval());
        if (t.typeOfService() > 0) {
            socket.setTos(t.typeOfService());
        }
        if (s.connections().heartbeatInterval() > 0 && t.heartbeatTtl() > 0) {
            socket.setHeartbeatTtl(t.heartbeatTtl());
        }
        if (t.probeRouter()) {
            socket.setProbeRouter(true);
        }
        String hello = t.helloMessage();
        if (hello != null) {
            socket.setHelloMsg(hello.getBytes(StandardCharsets.UTF_8));
        }
        String disconnect = t.disconnectMessage();
        if (disconnect != null) {
            JeroMq.setDisconnectMessage(socket, disconnect.getBytes(StandardCharsets.UTF_8));
        }
    }

    private static void configureKind(ZMQ.Socket socket, SocketSettings s) {
        switch (s.kind()) {
            case router -> {
                socket.setRouterMandatory(s.pattern().mandatory());
                socket.setRouterHandover(s.pattern().handover());
            }
            case pub, xpub -> {
                socket.setXpubNoDrop(s.pattern().xpubNoDrop());
                if (s.kind() == SocketKind.xpub) {
                    // Each of these two sets what the other has set, too.
                    if (s.tuning().xpubVerboser()) {
                        socket.setXpubVerboser(true);
                    } else {
                        socket.setXpubVerbose(s.pattern().xpubVerbose());
                    }
                    socket.setXpubManual(s.tuning().xpubManual());
                }
            }
            case sub -> s.subscribe().forEach(topic -> socket.subscribe(topic.getBytes(StandardCharsets.ISO_8859_1)));
            default -> {}
        }
        if (s.pattern().conflate()) {
            socket.setConflate(true);
        }
    }

    private static Opened attach(
            SocketContext context, ZMQ.Socket socket, SocketSettings s, SocketEvents events, List<String> addresses)
            throws IOException {
        List<String> bound = new ArrayList<>();
        List<String> unknown = new ArrayList<>();
        for (String address : addresses) {
            try {
                IpcFiles.check(address);
            } catch (IOException e) {
                throw refused(s, address, String.valueOf(e.getMessage()), e);
            }
            try {
                if (s.bind()) {
                    refuseUnguarded(context, s, address);
                    IpcFiles.removeStale(address);
                    bind(context, socket, s, address);
                    bound.add(socket.getLastEndpoint());
                } else if (!connect(socket, address)) {
                    throw refused(s, address, SocketErrors.say(socket.errno()), null);
                } else if (!address.startsWith("inproc:")) {
                    events.reconnector().connecting(address, socket.getLastEndpoint());
                }
            } catch (ZMQException e) {
                if (!s.bind() && isUnknown(e)) {
                    unknown.add(address);
                    continue;
                }
                throw refused(s, address, SocketErrors.say(e.getErrorCode()), e);
            } catch (IllegalArgumentException e) {
                throw refused(s, address, String.valueOf(e.getMessage()), e);
            }
        }
        if (s.kind() == SocketKind.xsub) {
            for (String topic : s.subscribe()) {
                socket.send(subscription(topic));
            }
        }
        return new Opened(socket, List.copyOf(bound), List.copyOf(unknown));
    }

    /** Connects. A name that has only addresses of IPv6 turns IPv6 on for the socket, as each later attempt asks for it again. */
    static boolean connect(ZMQ.Socket socket, String address) {
        try {
            return socket.connect(address);
        } catch (ZMQException e) {
            if (!isUnknown(e) || socket.isIPv6()) {
                throw e;
            }
            socket.setIPv6(true);
            try {
                return socket.connect(address);
            } catch (ZMQException unknown) {
                // Else a name that becomes known with addresses of both kinds would be of IPv6 only.
                socket.setIPv6(false);
                throw unknown;
            }
        }
    }

    /** Whether a connection was not begun because nobody knows the host name. */
    static boolean isUnknown(ZMQException e) {
        return e.getErrorCode() == ZMQ.Error.EADDRNOTAVAIL.getCode();
    }

    private static void bind(SocketContext context, ZMQ.Socket socket, SocketSettings s, String address)
            throws IOException {
        boolean bound = false;
        while (!bound) {
            try {
                bound = socket.bind(address);
                if (!bound) {
                    throw refused(s, address, SocketErrors.say(socket.errno()), null);
                }
            } catch (ZMQException e) {
                if (e.getErrorCode() != ZMQ.Error.EADDRINUSE.getCode() || !context.closedJustNow(address)) {
                    throw e;
                }
                LockSupport.parkNanos(BIND_PAUSE_NANOS);
            }
        }
    }

    private static void refuseUnguarded(SocketContext context, SocketSettings s, String address) throws IOException {
        if (context.isBlind() && !s.limits().allowUnguarded() && !LocalAddress.isLoopbackOrInproc(address)) {
            throw refused(
                    s,
                    address,
                    "the limits of peers hold with fr.loghub:jeromq:" + JeroMq.VERSION
                            + " only, and the JeroMQ of the class path is another one; use that version, bind to"
                            + " 127.0.0.1, or set allowUnguarded=true where every peer is trusted",
                    null);
        }
    }

    private static byte[] subscription(String topic) {
        byte[] prefix = topic.getBytes(StandardCharsets.ISO_8859_1);
        byte[] frame = new byte[prefix.length + 1];
        frame[0] = 1;
        System.arraycopy(prefix, 0, frame, 1, prefix.length);
        return frame;
    }

    private static IOException refused(SocketSettings s, String address, String cause, @Nullable Exception exception) {
        return new IOException(
                "cannot " + (s.bind() ? "bind " : "connect ") + s.kind() + " to " + address + ": " + cause, exception);
    }
}
