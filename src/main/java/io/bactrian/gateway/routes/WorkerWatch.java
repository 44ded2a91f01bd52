package io.bactrian.gateway.routes;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Holds one silent connection to each worker that is up. The system closes it at the moment when the worker's process dies, long
 * before the next probe. Then this connects once more, and a worker that refuses that is gone. A worker that has merely closed the
 * connection takes the new one. One thread runs it; any thread adds workers.
 */
final class WorkerWatch {
    private static final Logger LOG = LoggerFactory.getLogger(WorkerWatch.class);
    private static final long SELECT_MS = 500;

    /** Before a worker takes the connection for one of a client that never sends its request. */
    private static final long RENEW_NS = TimeUnit.SECONDS.toNanos(10);

    /** Whoever refuses does it at once; a connection that is cut somewhere on the way says nothing about the worker. */
    private static final long REFUSED_NS = TimeUnit.SECONDS.toNanos(1);

    private final Consumer<String> gone;
    private final Selector selector;
    private final Map<String, SocketChannel> watched = new ConcurrentHashMap<>();
    private final Queue<String> added = new ConcurrentLinkedQueue<>();
    private volatile boolean stopping;

    /** Tells {@code gone} of each worker that refuses connections, on the thread of {@link #run}. */
    WorkerWatch(Consumer<String> gone) {
        this.gone = gone;
        try {
            selector = Selector.open();
        } catch (IOException e) {
            throw new IllegalStateException("Cannot watch workers: " + e.getMessage(), e);
        }
    }

    /** A connection and since when it is there. */
    private record Connection(String worker, long sinceNs) {}

    /** Watches a worker from now on, if it is not watched already. */
    void add(String worker) {
        if (!watched.containsKey(worker) && !stopping) {
            added.add(worker);
            selector.wakeup();
        }
    }

    /** Watches until {@link #stop}. */
    void run() {
        try (selector) {
            while (!stopping) {
                selector.select(SELECT_MS);
                for (SelectionKey key : selector.selectedKeys()) {
                    ready(key);
                }
                selector.selectedKeys().clear();
                renew();
                for (String worker = added.poll(); worker != null; worker = added.poll()) {
                    if (!watched.containsKey(worker)) {
                        connect(worker);
                    }
                }
            }
        } catch (IOException e) {
            LOG.warn("cannot watch workers, their death is seen by the next probe: {}", e.toString());
        } finally {
            stopping = true;
            new ArrayList<>(watched.keySet()).forEach(this::close);
        }
    }

    private void connect(String worker) {
        URI address = URI.create(worker);
        Connection connection = new Connection(worker, System.nanoTime());
        String host = address.getHost().replace("[", "").replace("]", "");
        try {
            SocketChannel channel = SocketChannel.open();
            watched.put(worker, channel);
            channel.configureBlocking(false);
            boolean connected = channel.connect(new InetSocketAddress(host, address.getPort()));
            channel.register(selector, connected ? SelectionKey.OP_READ : SelectionKey.OP_CONNECT, connection);
        } catch (IOException | RuntimeException e) {
            failed(connection, e);
        }
    }

    private void ready(SelectionKey key) {
        Connection connection = (Connection) key.attachment();
        SocketChannel channel = (SocketChannel) key.channel();
        if (key.isValid() && key.isConnectable()) {
            try {
                if (channel.finishConnect()) {
                    key.interestOps(SelectionKey.OP_READ);
                }
            } catch (IOException e) {
                failed(connection, e);
            }
        } else if (key.isValid() && isClosed(channel)) {
            close(connection.worker());
            connect(connection.worker());
        }
    }

    private static boolean isClosed(SocketChannel channel) {
        try {
            return channel.read(ByteBuffer.allocate(64)) < 0;
        } catch (IOException e) {
            LOG.debug("a worker has cut its connection", e);
            return true;
        }
    }

    /** The next probe that is answered has it watched again. */
    private void failed(Connection connection, Exception e) {
        String worker = connection.worker();
        close(worker);
        if (e instanceof ConnectException && System.nanoTime() - connection.sinceNs() < REFUSED_NS) {
            gone.accept(worker);
        } else {
            LOG.debug("cannot watch worker={}", worker, e);
        }
    }

    private void renew() {
        long nowNs = System.nanoTime();
        for (SelectionKey key : new ArrayList<>(selector.keys())) {
            if (key.isValid() && key.attachment() instanceof Connection one && nowNs - one.sinceNs() > RENEW_NS) {
                close(one.worker());
                connect(one.worker());
            }
        }
    }

    private void close(String worker) {
        SocketChannel channel = watched.remove(worker);
        if (channel != null) {
            try {
                channel.close();
            } catch (IOException e) {
                LOG.debug("cannot close the connection to worker={}", worker, e);
            }
        }
    }

    void stop() {
        stopping = true;
        selector.wakeup();
    }
}
