package io.bactrian.socket;

import io.bactrian.socket.SocketCounters.Counter;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.zeromq.ZEvent;
import org.zeromq.ZMQ;

/** Counts and logs what ZeroMQ reports of a socket's connections. Called on I/O threads: it never waits. */
final class SocketEvents implements ZEvent.ZEventConsummer {
    private static final Logger LOG = LoggerFactory.getLogger(SocketEvents.class);

    private final String socket;
    private final SocketCounters counters;
    private final Complaints complaints;
    private final Consumer<Boolean> connections;
    private final Map<String, CountDownLatch> closing = new ConcurrentHashMap<>();

    SocketEvents(String socket, SocketCounters counters, Complaints complaints) {
        this(socket, counters, complaints, up -> {});
    }

    /** Tells a listener of each connection that is there (true) or gone (false). */
    SocketEvents(String socket, SocketCounters counters, Complaints complaints, Consumer<Boolean> connections) {
        this.connections = connections;
        this.socket = socket;
        this.counters = counters;
        this.complaints = complaints;
    }

    void watch(ZMQ.Socket zmq) {
        zmq.setEventHook(this, ZMQ.EVENT_ALL);
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
        switch (event.getEvent()) {
            case CONNECTED, ACCEPTED -> {
                counters.count(Counter.CONNECTED);
                connections.accept(true);
                LOG.debug("connected socket={} address={}", socket, event.getAddress());
            }
            case DISCONNECTED -> {
                counters.count(Counter.DISCONNECTED);
                connections.accept(false);
                LOG.info("disconnected socket={} address={}", socket, event.getAddress());
            }
            case CONNECT_RETRIED -> counters.count(Counter.CONNECT_RETRIED);
            case HANDSHAKE_SUCCEEDED -> counters.count(Counter.HANDSHAKE_SUCCEEDED);
            case HANDSHAKE_FAILED_NO_DETAIL, HANDSHAKE_FAILED_PROTOCOL, HANDSHAKE_FAILED_AUTH -> {
                counters.count(Counter.HANDSHAKE_FAILED);
                complaints.complain("handshake failed", event.getAddress());
            }
            case CLOSED -> {
                CountDownLatch latch = closing.get(String.valueOf(event.getAddress()));
                if (latch != null) {
                    latch.countDown();
                }
                LOG.debug("closed socket={} address={}", socket, event.getAddress());
            }
            case ACCEPT_FAILED, CLOSE_FAILED ->
                complaints.complain(String.valueOf(event.getEvent()), event.getAddress());
            default -> LOG.trace("event={} socket={} address={}", event.getEvent(), socket, event.getAddress());
        }
    }
}
