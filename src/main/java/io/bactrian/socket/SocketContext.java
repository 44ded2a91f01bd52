package io.bactrian.socket;

import java.io.IOException;
import java.nio.channels.SelectableChannel;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.zeromq.SocketType;
import org.zeromq.ZMQ;
import org.zeromq.ZMQException;
import zmq.ZError;

/**
 * A ZeroMQ context with its I/O threads. The death of an I/O thread (in JeroMQ an OutOfMemoryError, for
 * example) silences every socket of the context, so it is remembered and reported. Any thread.
 */
public final class SocketContext implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(SocketContext.class);
    private static final long TERM_TIMEOUT_MS = 10_000;
    private static final long FAILED_TERM_TIMEOUT_MS = 500;

    /** Of a context for one socket: it, the ZAP handler, and what ZeroMQ keeps for itself. */
    private static final int DEDICATED_SOCKETS = 8;

    private static final long PORT_FREE_NANOS = 2_000_000_000;

    private final ZMQ.Context context;
    private final int maxSockets;
    private final @Nullable SocketContext parent;
    private final Watch watch;
    private final Complaints complaints = new Complaints("context", System::nanoTime);
    private final Map<String, Long> closedAtNanos;
    private final AtomicInteger dedicated = new AtomicInteger();
    private final AtomicInteger domains = new AtomicInteger();
    private @Nullable ZapHandler zap;
    private final AtomicBoolean impatient = new AtomicBoolean(true);
    private volatile @Nullable Engines engines;
    private volatile @Nullable Throwable failure;

    /**
     * @param ioThreads 1 for each gigabyte a second
     * @param maxSockets bound of open sockets
     */
    public SocketContext(int ioThreads, int maxSockets) {
        this(ioThreads, maxSockets, null);
    }

    private SocketContext(int ioThreads, int maxSockets, @Nullable SocketContext parent) {
        this.maxSockets = maxSockets;
        this.parent = parent;
        this.watch = parent == null ? new Watch() : parent.watch;
        this.closedAtNanos = parent == null ? new ConcurrentHashMap<>() : parent.closedAtNanos;
        context = ZMQ.context(ioThreads);
        context.setMaxSockets(maxSockets);
        context.setUncaughtExceptionHandler(this::ioThreadDied);
        context.setNotificationExceptionHandler((thread, e) -> {
            if (complaints.complain("ZeroMQ I/O error " + e, thread.getName())) {
                LOG.debug("ZeroMQ I/O error", e);
            }
        });
    }

    private void ioThreadDied(Thread thread, Throwable cause) {
        failure = cause;
        LOG.error("ZeroMQ I/O thread died, its sockets are silent from now on thread={}", thread.getName(), cause);
    }

    /** Why an I/O thread died, or null while all live. */
    public @Nullable Throwable failure() {
        return failure;
    }

    /** What is known about the handshake of a connection. */
    Engines.State state(SelectableChannel channel) {
        Engines seen = engines;
        return seen == null ? Engines.State.UNKNOWN : seen.state(channel);
    }

    /** On the I/O thread of a connection: the frame that is on its way in, or the last one, or null. */
    @Nullable Object frame(SelectableChannel channel) {
        Engines seen = engines;
        return seen == null ? null : seen.frame(channel);
    }

    /** Looks after connections again and again, until {@link Watch#remove}. */
    Watch watch() {
        return watch;
    }

    /** Remembers that a listener of ours was closed, with the address as configured. */
    void closed(String address) {
        long now = System.nanoTime();
        closedAtNanos.values().removeIf(at -> now - at > PORT_FREE_NANOS);
        closedAtNanos.put(address, now);
    }

    /**
     * Whether a listener of ours on that address was closed just now. The system frees its port only when the
     * I/O thread comes by again, a little after ZeroMQ says that it is closed.
     */
    boolean closedJustNow(String address) {
        Long at = closedAtNanos.get(address);
        return at != null && System.nanoTime() - at < PORT_FREE_NANOS;
    }

    /** @throws IOException if there are as many as there may be sockets */
    ZMQ.Socket open(SocketType type) throws IOException {
        ZMQ.Socket socket;
        try {
            socket = context.socket(type);
        } catch (ZMQException e) {
            if (e.getErrorCode() != ZError.EMFILE) {
                throw e;
            }
            throw new IOException("more than maxSockets=" + maxSockets + " sockets are open", e);
        }
        if (impatient.compareAndSet(true, false)) {
            PatientIoThreads.in(context);
            engines = Engines.of(context);
        }
        return socket;
    }

    /**
     * A context with one I/O thread for one socket, which closes it. It counts as a socket of this one.
     *
     * @throws IOException if there are as many as there may be sockets
     */
    SocketContext dedicated() throws IOException {
        if (dedicated.incrementAndGet() > maxSockets) {
            dedicated.decrementAndGet();
            throw new IOException("more than maxSockets=" + maxSockets + " sockets with security=curve are open");
        }
        return new SocketContext(1, DEDICATED_SOCKETS, this);
    }

    /** The ZAP handler, started if need be. */
    synchronized ZapHandler zap() throws IOException, InterruptedException {
        ZapHandler handler = zap;
        if (handler == null) {
            handler = ZapHandler.start(this, cause -> failure = cause);
            zap = handler;
        }
        return handler;
    }

    synchronized void zapIfOpen(Consumer<ZapHandler> action) {
        if (zap != null) {
            action.accept(zap);
        }
    }

    /** A ZAP domain that no other socket of this context has. */
    String newDomain() {
        return "bactrian-" + domains.incrementAndGet();
    }

    private void stopZap() {
        ZapHandler handler;
        synchronized (this) {
            handler = zap;
            zap = null;
        }
        if (handler != null) {
            try {
                handler.stop();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Ends the context once its sockets are closed. Waits for what they linger, but at most 10 s, and less after the death of an I/O thread. */
    @Override
    public void close() {
        stopZap();
        if (parent == null) {
            watch.close();
        } else {
            parent.dedicated.decrementAndGet();
        }
        Thread terminator = new Thread(context::term, "bactrian-zeromq-term");
        terminator.setDaemon(true);
        terminator.start();
        try {
            terminator.join(failure == null ? TERM_TIMEOUT_MS : FAILED_TERM_TIMEOUT_MS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (terminator.isAlive()) {
            LOG.error("ZeroMQ context did not end in time");
        }
    }
}
