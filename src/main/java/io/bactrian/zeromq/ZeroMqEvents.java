package io.bactrian.zeromq;

import io.bactrian.zeromq.socket.SocketEvent;
import io.bactrian.zeromq.socket.SocketListener;
import io.bactrian.zeromq.socket.SocketView;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import org.apache.camel.CamelContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Carries events of connections from ZeroMQ's own threads, which must not wait, to Camel's event notifiers and to the
 * consumers of {@code zeromq:monitor}. One thread does that, in order. What it cannot keep up with is dropped and
 * counted.
 */
final class ZeroMqEvents implements SocketListener {
    private static final Logger LOG = LoggerFactory.getLogger(ZeroMqEvents.class);
    private static final int QUEUE = 1_000;

    private final CamelContext camel;
    private final SocketListener next;
    private final List<Consumer<SocketEvent>> monitors = new CopyOnWriteArrayList<>();
    private final LongAdder dropped = new LongAdder();
    private final ExecutorService thread;

    /** @param next hears of opened and closed sockets, too */
    ZeroMqEvents(CamelContext camel, SocketListener next) {
        this.camel = camel;
        this.next = next;
        ThreadPoolExecutor one = new ThreadPoolExecutor(
                1,
                1,
                10,
                TimeUnit.SECONDS,
                new ArrayBlockingQueue<>(QUEUE),
                task -> camel.getExecutorServiceManager().newThread("ZeroMqEvents", task));
        one.allowCoreThreadTimeOut(true);
        this.thread = one;
    }

    @Override
    public void opened(SocketView socket) {
        next.opened(socket);
    }

    @Override
    public void closed(SocketView socket) {
        next.closed(socket);
    }

    @Override
    public void happened(SocketEvent event) {
        if (monitors.isEmpty()
                && camel.getManagementStrategy().getEventNotifiers().isEmpty()) {
            return;
        }
        long now = System.currentTimeMillis();
        try {
            thread.execute(() -> deliver(event, now));
        } catch (RejectedExecutionException e) {
            dropped.increment();
            LOG.debug("event dropped event={}", event);
        }
    }

    private void deliver(SocketEvent event, long timestamp) {
        try {
            camel.getManagementStrategy().notify(new ZeroMqConnectionEvent(camel, event, timestamp));
        } catch (Exception e) {
            LOG.warn("an event notifier failed event={}", event, e);
        }
        for (Consumer<SocketEvent> monitor : monitors) {
            monitor.accept(event);
        }
    }

    /** Has events handed to a consumer, which must not throw. */
    void add(Consumer<SocketEvent> monitor) {
        monitors.add(monitor);
    }

    void remove(Consumer<SocketEvent> monitor) {
        monitors.remove(monitor);
    }

    /** Events that came too fast for those who hear of them. */
    long dropped() {
        return dropped.sum();
    }

    /** Delivers what is queued, then ends. */
    void close() {
        camel.getExecutorServiceManager().shutdownGraceful(thread);
    }
}
