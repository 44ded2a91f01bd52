package io.bactrian.zeromq.socket;

import io.bactrian.zeromq.socket.SocketCounters.Counter;
import io.bactrian.zeromq.socket.jeromq.ConnectionState;
import io.bactrian.zeromq.socket.jeromq.JeroMq;
import io.bactrian.zeromq.socket.jeromq.PeerInspector;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SocketChannel;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.zeromq.ZMQ;

/**
 * The connections of a socket: how many there are, and which are not ready yet. One that breaks a limit is cut: its
 * input is shut, so that the I/O thread finds it ended and clears up after it. I/O threads tell what happens to
 * connections; the watch of the context sweeps.
 */
final class ConnectionTable {
    private static final Logger LOG = LoggerFactory.getLogger(ConnectionTable.class);

    /** All subscribers of a socket together may take so many times as much as one. */
    private static final long PEERS_FACTOR = 32;

    private final int maxConnections;
    private final int maxSubscriptionBytes;
    private final AtomicLong subscriptionBytes = new AtomicLong();
    private final long handshakeNanos;
    private final boolean allowOldPeers;
    private final SocketCounters counters;
    private final PeerErrorLog errorLog;
    private final HandshakePatience patience;
    private final LongSupplier nanoClock;
    private final Incomplete incomplete;
    private final BrokenHandshakes handshakes = new BrokenHandshakes();
    private volatile @Nullable SocketContext context;
    private final Map<SelectableChannel, Peer> open = new ConcurrentHashMap<>();
    private final Queue<Peer> unready = new ConcurrentLinkedQueue<>();
    private final Set<SelectableChannel> listeners = ConcurrentHashMap.newKeySet();

    ConnectionTable(SocketSettings settings, SocketCounters counters, PeerErrorLog errorLog, LongSupplier nanoClock) {
        PeerLimits limits = settings.limits();
        this.patience = new HandshakePatience(settings.connections().handshakeInterval());
        this.maxConnections = limits.maxConnections();
        this.maxSubscriptionBytes = limits.maxSubscriptionBytes();
        this.handshakeNanos = limits.handshakeTimeout() * 1_000_000L;
        this.allowOldPeers = limits.allowOldPeers();
        this.counters = counters;
        this.errorLog = errorLog;
        this.nanoClock = nanoClock;
        this.incomplete = new Incomplete(limits.maxIncompleteBytes());
    }

    /** How long a greeting may take. */
    HandshakePatience patience() {
        return patience;
    }

    /** I/O thread: the greeting of a connection has come. */
    Peer greeted(SocketChannel connection) {
        Peer peer = of(connection);
        peer.greets();
        patience.greeted(nanoClock.getAsLong() - peer.sinceNanos());
        return peer;
    }

    /** The context whose connections these will be. */
    void in(SocketContext opened) {
        context = opened;
    }

    private JeroMq jeroMq() {
        SocketContext current = context;
        return current == null ? JeroMq.blind() : current.jeroMq();
    }

    private ConnectionState state(Peer peer) {
        return jeroMq().state(peer.channel());
    }

    /** Returns the count of what peers have begun to send and not completed. */
    Incomplete incomplete() {
        return incomplete;
    }

    /** I/O thread: there was no room for a frame that was announced. */
    void refusedFrame(String cause) {
        counters.count(Counter.FRAMES_REFUSED);
        errorLog.report("refused a frame: " + cause, "-");
    }

    /** The peer at the other end of a connection, which may not have been announced yet. */
    Peer of(SocketChannel connection) {
        return open.computeIfAbsent(
                connection, channel -> new Peer(connection, address(connection), nanoClock.getAsLong()));
    }

    /** I/O thread: gives an inspector to each connection of the socket that has greeted and has none. */
    void inspect(ZMQ.Socket socket, Function<SocketChannel, PeerInspector> inspectors) {
        jeroMq().inspect(socket, inspectors);
    }

    /** Whether connections cannot be seen. */
    boolean isBlind() {
        return jeroMq().isBlind();
    }

    void listening(@Nullable Object channel) {
        if (channel instanceof SelectableChannel listener) {
            listeners.add(listener);
        }
    }

    void closed(@Nullable Object channel) {
        if (channel != null) {
            listeners.remove(channel);
        }
    }

    /** I/O thread: a connection was made from here. */
    void attend(@Nullable Object channel) {
        if (channel instanceof SocketChannel connection) {
            jeroMq().attend(connection);
        }
    }

    /** A connection is there. */
    void connected(@Nullable Object channel) {
        if (!(channel instanceof SocketChannel connection)) {
            return;
        }
        Peer peer = of(connection);
        unready.add(peer);
        if (open.size() > maxConnections) {
            makeRoom(peer);
        }
    }

    /** A connection has ended. */
    void disconnected(@Nullable Object channel) {
        Peer peer = channel == null ? null : open.get(channel);
        if (peer != null) {
            if (jeroMq().frame(peer.channel()) instanceof Frames.Large frame) {
                frame.ended();
            }
            if (!peer.hasGreeted() && !peer.isCut()) {
                patience.ended(nanoClock.getAsLong() - peer.sinceNanos());
            }
            if (!settled(peer) && !peer.isCut()) {
                counters.count(Counter.HANDSHAKE_FAILED);
                brokenOff(peer);
            }
            forget(peer);
        }
    }

    private void brokenOff(Peer peer) {
        if (jeroMq().isSilent(peer.channel())) {
            // Monitoring and load balancers look so whether somebody listens.
            LOG.debug("a connection has ended before its peer said anything peer={}", peer.address());
        } else if (handshakes.brokenOff(host(peer))) {
            errorLog.report("the handshake was not completed", host(peer));
        } else {
            LOG.info("a peer has ended its connection before the handshake was complete peer={}", peer.address());
        }
    }

    private void forget(Peer peer) {
        if (open.remove(peer.channel(), peer)) {
            subscriptionBytes.addAndGet(-peer.close(incomplete));
        }
    }

    /** The one that has waited for longest has to go, or if all are ready the new one. */
    private void makeRoom(Peer latest) {
        open.values().stream().filter(peer -> !peer.channel().isOpen()).toList().forEach(this::forget);
        Peer oldest = unready.poll();
        while (open.size() > maxConnections && oldest != null) {
            if (open.containsKey(oldest.channel()) && !settled(oldest)) {
                cut(oldest, Counter.CONNECTIONS_REFUSED, "more than maxConnections=" + maxConnections + " connections");
                forget(oldest);
            }
            oldest = open.size() > maxConnections ? unready.poll() : null;
        }
        if (open.size() > maxConnections) {
            cut(latest, Counter.CONNECTIONS_REFUSED, "more than maxConnections=" + maxConnections + " connections");
            forget(latest);
        }
    }

    /** Looks after connections that are not ready. To be called again and again, by one thread. */
    void sweep() {
        long now = nanoClock.getAsLong();
        unready.removeIf(peer -> {
            if (!peer.channel().isOpen()) {
                forget(peer);
                return true;
            }
            if (settled(peer) || peer.isCut()) {
                return true;
            }
            ConnectionState state = state(peer);
            if (state == ConnectionState.OLD) {
                cut(peer, Counter.HANDSHAKE_FAILED, "the peer speaks a version of ZMTP before 3");
                return true;
            }
            if (state == ConnectionState.HANDSHAKE && handshakeNanos > 0 && now - peer.sinceNanos() >= handshakeNanos) {
                cut(peer, Counter.HANDSHAKE_TIMEOUTS, "the handshake took too long");
                return true;
            }
            return false;
        });
    }

    private boolean settled(Peer peer) {
        if (!peer.ready()) {
            ConnectionState state = state(peer);
            if (state == ConnectionState.READY || (state == ConnectionState.OLD && allowOldPeers)) {
                ready(peer);
            }
        }
        return peer.ready();
    }

    /** The handshake of a connection is done. */
    void ready(Peer peer) {
        if (peer.becomesReady()) {
            counters.count(Counter.HANDSHAKE_SUCCEEDED);
            handshakes.completed(host(peer));
        }
    }

    /** I/O thread: a subscription, or the end of one. Returns whether its peer, or all together, take too much now. */
    boolean subscribed(Peer peer, byte[] frame) {
        int more = peer.subscribe(frame);
        long all = subscriptionBytes.addAndGet(more);
        return more > 0
                && (peer.subscriptionBytes() > maxSubscriptionBytes || all > PEERS_FACTOR * maxSubscriptionBytes);
    }

    /** Ends a connection from outside of its I/O thread. */
    void cut(Peer peer, Counter counter, String cause) {
        if (peer.becomesCut()) {
            counters.count(counter);
            errorLog.report("disconnected: " + cause, host(peer));
            try {
                peer.channel().shutdownInput();
            } catch (IOException e) {
                LOG.debug("the connection has ended already peer={}", peer.address(), e);
            }
        }
    }

    /** Closes everything, because the I/O thread that should do it is dead. */
    void abandon() {
        listeners.forEach(ConnectionTable::close);
        listeners.clear();
        for (Peer peer : List.copyOf(open.values())) {
            forget(peer);
            close(peer.channel());
        }
        unready.clear();
        incomplete.clear();
    }

    private static void close(SelectableChannel channel) {
        try {
            channel.close();
        } catch (IOException e) {
            LOG.warn("cannot close channel={}", channel, e);
        }
    }

    /** Without the port, which a peer changes with each connection: it is to be told once a minute, not each time. */
    private static String host(Peer peer) {
        int colon = peer.address().lastIndexOf(':');
        return colon < 0 ? "local" : peer.address().substring(0, colon);
    }

    private static String address(SocketChannel channel) {
        try {
            SocketAddress remote = channel.getRemoteAddress();
            return remote instanceof InetSocketAddress inet && inet.getAddress() != null
                    ? inet.getAddress().getHostAddress() + ":" + inet.getPort()
                    : "";
        } catch (IOException e) {
            LOG.debug("the peer is gone channel={}", channel, e);
            return "";
        }
    }
}
