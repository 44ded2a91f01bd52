package io.bactrian.gateway.routes;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.NotYetConnectedException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Holds one silent connection to each worker that is up. The system closes it at the moment when the worker's process dies, long
 * before the next probe. Then this connects once more, and a worker that refuses that is gone. A worker that has merely closed the
 * connection takes the new one. A worker that cannot be watched is left out until {@link #add} names it again.
 *
 * <p>{@link #doubt} lets whoever is about to send somebody to a worker look at its connection: on a machine that is busy, the thread that
 * watches may run long after the client that has seen the death.
 *
 * <p>The connection is plain TCP for TLS, too: it is renewed before a worker takes it for one of a client that never sends its
 * request. One thread runs this; any thread adds and forgets workers. There are as many connections as workers that are wanted.
 */
final class WorkerMonitor {
    private static final Logger LOG = LoggerFactory.getLogger(WorkerMonitor.class);
    private static final long SELECT_MS = 250;

    /** Half of what a server of TLS waits for a handshake, unless it is told otherwise. */
    private static final long RENEW_MAX_MS = 5_000;

    private static final long RENEW_MIN_MS = 500;

    /** Whoever refuses does it at once; a connection that is cut somewhere on the way says nothing about the worker. */
    private static final long REFUSED_NS = TimeUnit.SECONDS.toNanos(1);

    private static final int CLOSINGS_MAX = 5;
    private static final ThreadLocal<ByteBuffer> OCTET = ThreadLocal.withInitial(() -> ByteBuffer.allocateDirect(1));

    private final Consumer<String> gone;
    private final long renewNs;
    private final Selector selector;
    private final Set<String> wanted = ConcurrentHashMap.newKeySet();
    private volatile boolean stopping;

    /** Changed by the thread of {@link #run} only. */
    private final Map<String, Connection> watched = new ConcurrentHashMap<>();

    /** Workers whose connection was found closed and of whom it is not decided yet whether they are gone. */
    private final Map<String, CompletableFuture<@Nullable Void>> doubts = new ConcurrentHashMap<>();

    /**
     * Watches nobody yet.
     *
     * @param requestTimeoutMs after which workers cut off a connection without a request
     * @param gone is told of each worker that refuses connections, on the thread of {@link #run}
     */
    WorkerMonitor(long requestTimeoutMs, Consumer<String> gone) {
        this.gone = gone;
        this.renewNs =
                TimeUnit.MILLISECONDS.toNanos(Math.max(RENEW_MIN_MS, Math.min(RENEW_MAX_MS, requestTimeoutMs / 2)));
        try {
            selector = Selector.open();
        } catch (IOException e) {
            throw new IllegalStateException("Cannot watch workers: " + e.getMessage(), e);
        }
    }

    /**
     * A connection.
     *
     * @param sinceNs since when it is there
     * @param renewNs after what time it is renewed
     * @param closings how many before it the worker has closed at once
     */
    private record Connection(String worker, SocketChannel channel, long sinceNs, long renewNs, int closings) {}

    /** Watches a worker from now on, if it is not watched already. */
    void add(String worker) {
        if (wanted.add(worker)) {
            selector.wakeup();
        }
    }

    /**
     * Looks whether a worker's connection is closed, without waiting. Any thread, also an event loop.
     *
     * @return null if there is no doubt about the worker; else it is done when the worker is known to be gone or to live
     */
    @Nullable CompletableFuture<@Nullable Void> doubt(String worker) {
        CompletableFuture<@Nullable Void> doubted = doubts.get(worker);
        if (doubted != null) {
            return doubted;
        }
        Connection connection = watched.get(worker);
        if (connection == null || !connection.channel().isConnected() || read(connection.channel()) >= 0) {
            return null;
        }
        CompletableFuture<@Nullable Void> made = new CompletableFuture<>();
        doubted = doubts.putIfAbsent(worker, made);
        if (doubted != null) {
            return doubted;
        }
        if (!connection.equals(watched.get(worker))) {
            // It was decided while this looked.
            doubts.remove(worker, made);
            made.complete(null);
        }
        selector.wakeup();
        return made;
    }

    private void decided(String worker) {
        CompletableFuture<@Nullable Void> doubted = doubts.remove(worker);
        if (doubted != null) {
            doubted.complete(null);
        }
    }

    /** Ends the watch of a worker. */
    void forget(String worker) {
        if (wanted.remove(worker)) {
            selector.wakeup();
        }
    }

    /** Watches until {@link #stop}. A failure of one worker's watch is not one of the others. */
    void run() {
        boolean failed = false;
        try (selector) {
            while (!stopping) {
                try {
                    selector.select(SELECT_MS);
                    readyOnes();
                    follow();
                    failed = false;
                } catch (IOException | RuntimeException e) {
                    if (!failed && !stopping) {
                        LOG.warn("cannot watch workers, their death is seen by the next probe: {}", e.toString());
                    }
                    failed = true;
                    LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(SELECT_MS));
                }
            }
        } catch (IOException e) {
            LOG.debug("cannot close the selector", e);
        } finally {
            List.copyOf(watched.values()).forEach(this::close);
        }
    }

    private void readyOnes() {
        List<SelectionKey> ready = List.copyOf(selector.selectedKeys());
        selector.selectedKeys().clear();
        for (SelectionKey key : ready) {
            if (key.attachment() instanceof Connection connection && key.isValid()) {
                try {
                    ready(key, connection);
                } catch (IOException | RuntimeException e) {
                    failed(connection.worker(), connection.sinceNs(), e);
                }
            }
        }
    }

    private void ready(SelectionKey key, Connection connection) throws IOException {
        if (key.isConnectable()) {
            if (connection.channel().finishConnect()) {
                key.interestOps(SelectionKey.OP_READ);
                decided(connection.worker());
            }
        } else if (read(connection.channel()) != 0) {
            // A worker has nothing to say on this connection; one that does is not read on.
            closed(connection);
        }
    }

    /** How many octets have come; below 0 if the connection is closed. */
    private static int read(SocketChannel channel) {
        ByteBuffer octet = OCTET.get();
        octet.clear();
        try {
            return channel.read(octet);
        } catch (NotYetConnectedException e) {
            return 0;
        } catch (IOException e) {
            LOG.debug("a worker has cut its connection", e);
            return -1;
        }
    }

    /**
     * One that closes several connections in a row at once takes no more of them now: it lives. One is not enough, because a process
     * that dies may still take a connection between the end of its others and that of its listening socket.
     */
    private void closed(Connection connection) {
        doubts.putIfAbsent(connection.worker(), new CompletableFuture<>());
        disconnect(connection);
        long ageNs = System.nanoTime() - connection.sinceNs();
        int closings = ageNs < REFUSED_NS ? connection.closings() + 1 : 0;
        if (closings > CLOSINGS_MAX) {
            wanted.remove(connection.worker());
            decided(connection.worker());
            return;
        }
        // A worker may allow less time than this process is told.
        long renew = Math.max(TimeUnit.MILLISECONDS.toNanos(RENEW_MIN_MS), Math.min(connection.renewNs(), ageNs / 2));
        connect(connection.worker(), ageNs < REFUSED_NS ? connection.renewNs() : renew, closings);
    }

    /** Brings the connections to what is wanted. */
    private void follow() {
        long nowNs = System.nanoTime();
        for (Connection connection : new ArrayList<>(watched.values())) {
            if (!wanted.contains(connection.worker())) {
                close(connection);
            } else if (nowNs - connection.sinceNs() > connection.renewNs()) {
                close(connection);
                connect(connection.worker(), connection.renewNs(), 0);
            }
        }
        for (String worker : wanted) {
            if (!watched.containsKey(worker) && !stopping) {
                connect(worker, renewNs, 0);
            }
        }
    }

    private void connect(String worker, long renew, int closings) {
        long nowNs = System.nanoTime();
        try {
            InetSocketAddress address = address(worker);
            SocketChannel channel = SocketChannel.open();
            Connection connection = new Connection(worker, channel, nowNs, renew, closings);
            watched.put(worker, connection);
            channel.configureBlocking(false);
            boolean connected = channel.connect(address);
            channel.register(selector, connected ? SelectionKey.OP_READ : SelectionKey.OP_CONNECT, connection);
            if (connected) {
                decided(worker);
            }
        } catch (IOException | RuntimeException e) {
            failed(worker, nowNs, e);
        }
    }

    private static InetSocketAddress address(String worker) {
        URI address = URI.create(worker);
        String host = address.getHost();
        if (host == null) {
            throw new IllegalArgumentException("The address of worker " + worker + " has no host");
        }
        return new InetSocketAddress(host.replace("[", "").replace("]", ""), address.getPort());
    }

    /** The next probe that is answered has it watched again. */
    private void failed(String worker, long sinceNs, Exception e) {
        Connection connection = watched.get(worker);
        boolean late = System.nanoTime() - sinceNs >= REFUSED_NS;
        if (connection != null) {
            disconnect(connection);
            boolean telling = e instanceof ConnectException && !late;
            if (e instanceof IOException && !telling && connection.closings() < CLOSINGS_MAX) {
                // Refused on a machine that is busy, or cut on the way, or cut by a process that took it and died
                // before this thread has seen that: the next one tells.
                connect(worker, connection.renewNs(), connection.closings() + 1);
                return;
            }
        }
        try {
            // Whoever has it forgotten meanwhile does not want to hear of it.
            boolean stillWanted = wanted.remove(worker);
            if (stillWanted && e instanceof ConnectException && !late) {
                gone.accept(worker);
            } else {
                LOG.debug("cannot watch worker={}", worker, e);
            }
        } finally {
            decided(worker);
        }
    }

    private void close(Connection connection) {
        disconnect(connection);
        decided(connection.worker());
    }

    private void disconnect(Connection connection) {
        watched.remove(connection.worker(), connection);
        try {
            connection.channel().close();
        } catch (IOException e) {
            LOG.debug("cannot close the connection to worker={}", connection.worker(), e);
        }
    }

    /** Ends {@link #run}. */
    void stop() {
        stopping = true;
        selector.wakeup();
    }
}
