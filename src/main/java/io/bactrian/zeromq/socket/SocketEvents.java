package io.bactrian.zeromq.socket;

import io.bactrian.zeromq.socket.SocketCounters.Counter;
import io.bactrian.zeromq.socket.jeromq.JeroMq;
import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.channels.SocketChannel;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.zeromq.ZEvent;
import org.zeromq.ZMQ;

/** Counts, logs and passes on what happens to a socket's connections. Called on I/O threads: it never waits. */
final class SocketEvents implements ZEvent.ZEventConsummer {
    private static final Logger LOG = LoggerFactory.getLogger(SocketEvents.class);

    private final String socket;
    private final List<String> addresses;
    private final int sendBufferBytes;
    private final SocketCounters counters;
    private final PeerErrorLog errorLog;
    private final Consumer<Boolean> connections;
    private final Consumer<SocketEvent> listener;
    private final Reconnector reconnector;
    private final ConnectionTable peers;
    private final Frames frames;
    private final boolean binds;
    private final Map<String, CountDownLatch> closing = new ConcurrentHashMap<>();
    private volatile ZMQ.@Nullable Socket watched;

    /**
     * @param connections is told of each connection that is there (true) or gone (false)
     * @param listener is told of everything; it must neither wait nor throw
     */
    SocketEvents(
            SocketSettings settings,
            SocketCounters counters,
            PeerErrorLog errorLog,
            Frames frames,
            Consumer<Boolean> connections,
            Consumer<SocketEvent> listener) {
        this.connections = connections;
        this.listener = listener;
        this.frames = frames;
        this.peers = frames.peers();
        this.binds = settings.bind();
        this.reconnector = new Reconnector(settings, System::nanoTime);
        this.socket = settings.key();
        this.addresses = settings.addresses();
        this.sendBufferBytes = settings.tuning().sendBufferBytes();
        this.counters = counters;
        this.errorLog = errorLog;
    }

    ConnectionTable peers() {
        return peers;
    }

    Reconnector reconnector() {
        return reconnector;
    }

    private void tell(SocketEvent.Type type, @Nullable String address, String detail) {
        listener.accept(new SocketEvent(type, socket, addresses, String.valueOf(address), detail));
    }

    /** What the ZAP handler decided about a peer; on its thread. */
    void decided(String peer, ZapAuthenticator.Decision decision) {
        if (decision.admitted()) {
            counters.count(Counter.ADMITTED);
            tell(SocketEvent.Type.ADMITTED, peer, decision.peer() + ": " + decision.reason());
            LOG.debug("admitted socket={} peer={} {}", socket, peer, decision.peer());
        } else {
            counters.count(Counter.REFUSED);
            tell(SocketEvent.Type.REFUSED, peer, decision.peer() + ": " + decision.reason());
            errorLog.report("refused " + decision.peer() + ": " + decision.reason(), peer);
        }
    }

    void watch(ZMQ.Socket zmq) {
        watched = zmq;
        // An I/O thread reads the option when a connection begins.
        peers.patience().begin(zmq::setHandshakeIvl);
        zmq.setEventHook(this, ZMQ.EVENT_ALL);
    }

    /** Before it is bound or connected. */
    void countsDrops(ZMQ.Socket zmq) {
        JeroMq.countDrops(zmq, missed -> {
            counters.add(Counter.DROPPED_SENT, missed);
            errorLog.report("dropped a message to send: a subscriber takes no more now", "all");
        });
    }

    /** Does what closes a listener, and waits until its address is free again. Returns whether it is. */
    boolean awaitClosed(String address, long timeoutMs, Runnable unbind) {
        CountDownLatch latch = new CountDownLatch(1);
        closing.put(address, latch);
        try {
            unbind.run();
            return latch.await(timeoutMs, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        } finally {
            closing.remove(address);
        }
    }

    @Override
    public void consume(ZEvent event) {
        String address = String.valueOf(event.getAddress());
        switch (event.getEvent()) {
            case LISTENING -> {
                peers.listening(event.getValue());
                tell(SocketEvent.Type.LISTENING, address, "");
            }
            case ACCEPTED -> {
                tune(event.getValue(), address);
                connected(SocketEvent.Type.ACCEPTED, address, event.getValue());
            }
            case CONNECTED -> {
                peers.attend(event.getValue());
                connected(SocketEvent.Type.CONNECTED, address, event.getValue());
            }
            case HANDSHAKE_PROTOCOL -> {
                ZMQ.Socket greeted = watched;
                if (greeted != null) {
                    frames.greeted(greeted);
                }
            }
            case CONNECT_DELAYED -> reconnector.trying(address);
            case CONNECT_RETRIED -> {
                counters.count(Counter.CONNECT_RETRIED);
                reconnector.trying(address);
                tell(SocketEvent.Type.RETRIED, address, String.valueOf(event.<Object>getValue()));
            }
            case DISCONNECTED -> {
                counters.count(Counter.DISCONNECTED);
                peers.disconnected(event.getValue());
                reconnector.lost(address);
                connections.accept(false);
                tell(SocketEvent.Type.DISCONNECTED, address, "");
                if (binds) {
                    LOG.debug("disconnected socket={} address={}", socket, address);
                } else {
                    LOG.info("disconnected socket={} address={}", socket, address);
                }
            }
            case HANDSHAKE_FAILED_NO_DETAIL, HANDSHAKE_FAILED_PROTOCOL -> {
                counters.count(Counter.HANDSHAKE_FAILED);
                tell(SocketEvent.Type.HANDSHAKE_FAILED, address, "");
                errorLog.report("handshake failed", address);
            }
            case HANDSHAKE_FAILED_AUTH -> {
                counters.count(Counter.HANDSHAKE_FAILED);
                counters.count(Counter.NOT_ADMITTED);
                tell(SocketEvent.Type.NOT_ADMITTED, address, "");
                errorLog.report("the peer has not admitted this socket", address);
            }
            case CLOSED -> {
                peers.closed(event.getValue());
                closed(address);
            }
            case ACCEPT_FAILED, CLOSE_FAILED -> errorLog.report(String.valueOf(event.getEvent()), address);
            default -> LOG.trace("event={} socket={} address={}", event.getEvent(), socket, address);
        }
    }

    private void connected(SocketEvent.Type type, String address, @Nullable Object channel) {
        peers.connected(channel);
        counters.count(Counter.CONNECTED);
        reconnector.trying(address);
        connections.accept(true);
        tell(type, address, "");
        LOG.debug("connected socket={} address={}", socket, address);
    }

    private void tune(@Nullable Object channel, String address) {
        if (sendBufferBytes > 0 && channel instanceof SocketChannel accepted) {
            try {
                accepted.setOption(StandardSocketOptions.SO_SNDBUF, sendBufferBytes);
            } catch (IOException e) {
                errorLog.report("cannot set sendBufferBytes=" + sendBufferBytes + ": " + e.getMessage(), address);
            }
        }
    }

    private void closed(String address) {
        CountDownLatch latch = closing.get(address);
        if (latch != null) {
            latch.countDown();
        }
        tell(SocketEvent.Type.CLOSED, address, "");
        LOG.debug("closed socket={} address={}", socket, address);
    }
}
