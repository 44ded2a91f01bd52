package io.bactrian.zeromq.socket;

import io.bactrian.support.service.ServiceDirectory;
import io.bactrian.support.thread.NamedThreads;
import io.bactrian.zeromq.socket.jeromq.JeroMq;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.zeromq.SocketType;
import org.zeromq.ZMQ;
import org.zeromq.ZMQException;

/**
 * A ZeroMQ context with its I/O threads. The death of an I/O thread (in JeroMQ an OutOfMemoryError, for
 * example) silences every socket of the context, so it is remembered and reported, and the owners of the sockets open
 * them again in a new ZeroMQ context, which takes the place of the dead one. Any thread.
 */
public final class SocketContext implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(SocketContext.class);
    private static final long TERM_TIMEOUT_MS = 10_000;
    private static final long FAILED_TERM_TIMEOUT_MS = 500;

    /** Of a context for one socket: it, the ZAP handler, and what ZeroMQ keeps for itself. */
    private static final int DEDICATED_SOCKETS = 8;

    private static final long PORT_FREE_NANOS = 2_000_000_000;

    /** How long health stays DOWN at least, and how long it takes to open everything again. */
    private static final long REVIVE_WAIT_NANOS = 1_000_000_000;

    private static final long REVIVE_WAIT_MAX_NANOS = 30_000_000_000L;
    private static final long SHORT_LIFE_NANOS = 60_000_000_000L;

    private final int ioThreads;
    private final int maxSockets;
    private final @Nullable SocketContext parent;
    private final ConnectionSweeper sweeper;
    private final @Nullable ServiceDirectory directory;
    private final SpareFrames spareFrames;
    private final NamedThreads threads;
    private final Function<ZMQ.Context, JeroMq> insight;
    private final PeerErrorLog errorLog = new PeerErrorLog("context", System::nanoTime);
    private final Map<String, Long> closedAtNanos;
    private final AtomicInteger dedicated = new AtomicInteger();
    private final AtomicInteger domains = new AtomicInteger();
    private volatile Life life;
    private long reviveWaitNanos = REVIVE_WAIT_NANOS;

    /** A ZeroMQ context until one of its I/O threads dies. */
    static final class Life {
        private final ZMQ.Context zmq;
        private final long bornAtNanos = System.nanoTime();
        private final AtomicBoolean impatient = new AtomicBoolean(true);
        private volatile JeroMq jeroMq = JeroMq.blind();
        private volatile @Nullable Throwable death;
        private volatile @Nullable Throwable zapFailure;
        private volatile long diedAtNanos;
        private @Nullable ZapHandler zap;

        private Life(ZMQ.Context zmq) {
            this.zmq = zmq;
        }

        /** Why it ended, or null. Its sockets have to be opened in another one then. */
        @Nullable Throwable death() {
            return death;
        }

        /** After the death: has the system close the channels that were closed, as the I/O thread does it no more. */
        void closeSelectors() {
            jeroMq.closeSelectors();
        }
    }

    /**
     * @param ioThreads 1 for each gigabyte a second
     * @param maxSockets bound of open sockets
     */
    public SocketContext(int ioThreads, int maxSockets) {
        this(ioThreads, maxSockets, null, NamedThreads.PLAIN);
    }

    /**
     * @param directory says where services are that addresses name, null if there is none
     * @param threads makes the threads of its sockets
     */
    public SocketContext(int ioThreads, int maxSockets, @Nullable ServiceDirectory directory, NamedThreads threads) {
        this(ioThreads, maxSockets, null, sweeper(threads), directory, threads, JeroMq::of);
    }

    /** @param insight looks into a ZeroMQ context that has its I/O threads */
    SocketContext(int ioThreads, int maxSockets, Function<ZMQ.Context, JeroMq> insight) {
        this(ioThreads, maxSockets, null, sweeper(NamedThreads.PLAIN), null, NamedThreads.PLAIN, insight);
    }

    SocketContext(int ioThreads, int maxSockets, @Nullable SocketContext parent, ConnectionSweeper sweeper) {
        this(ioThreads, maxSockets, parent, sweeper, null, NamedThreads.PLAIN, JeroMq::of);
    }

    private SocketContext(
            int ioThreads,
            int maxSockets,
            @Nullable SocketContext parent,
            ConnectionSweeper sweeper,
            @Nullable ServiceDirectory directory,
            NamedThreads threads,
            Function<ZMQ.Context, JeroMq> insight) {
        this.threads = threads;
        this.insight = insight;
        this.directory = directory;
        this.ioThreads = ioThreads;
        this.maxSockets = maxSockets;
        this.parent = parent;
        this.sweeper = sweeper;
        this.spareFrames = parent == null ? new SpareFrames() : parent.spareFrames;
        this.closedAtNanos = parent == null ? new ConcurrentHashMap<>() : parent.closedAtNanos;
        this.life = begin();
        sweeper.add(this);
    }

    private Life begin() {
        Life begun = new Life(ZMQ.context(ioThreads));
        begun.zmq.setMaxSockets(maxSockets);
        begun.zmq.setUncaughtExceptionHandler((thread, cause) -> ioThreadDied(begun, thread, cause));
        begun.zmq.setNotificationExceptionHandler((thread, e) -> {
            if (errorLog.report("ZeroMQ I/O error " + e, thread.getName())) {
                LOG.debug("ZeroMQ I/O error", e);
            }
        });
        return begun;
    }

    private static void ioThreadDied(Life life, Thread thread, Throwable cause) {
        life.diedAtNanos = System.nanoTime();
        life.death = cause;
        LOG.error(
                "ZeroMQ I/O thread died, its sockets are silent until they are opened again thread={}",
                thread.getName(),
                cause);
    }

    /** Why an I/O thread or the ZAP handler died, or null while all live. */
    public @Nullable Throwable failure() {
        Life now = life;
        Throwable death = now.death;
        return death == null ? now.zapFailure : death;
    }

    /**
     * Takes a frame that a socket has received for another that is to come, if it is large enough to be worth it. Nobody may
     * read or write the array any more, or give it a second time.
     */
    public void recycle(byte[] frame) {
        spareFrames.give(frame);
    }

    private static ConnectionSweeper sweeper(NamedThreads threads) {
        return new ConnectionSweeper(System::currentTimeMillis, threads);
    }

    /** Returns the factory of the threads of its sockets. */
    public NamedThreads threads() {
        return threads;
    }

    @Nullable ServiceDirectory directory() {
        return directory;
    }

    SpareFrames spareFrames() {
        return spareFrames;
    }

    /** Returns the life in which sockets are opened now. */
    Life life() {
        return life;
    }

    /**
     * A new life in place of one that has ended, begun by the first who asks, a while after the end: longer each time
     * if it was short. Returns null if that time has not come.
     */
    synchronized @Nullable Life revive(Life dead) {
        if (!dead.equals(life)) {
            return life;
        }
        if (System.nanoTime() - dead.diedAtNanos < reviveWaitNanos) {
            return null;
        }
        reviveWaitNanos = dead.diedAtNanos - dead.bornAtNanos < SHORT_LIFE_NANOS
                ? Math.min(2 * reviveWaitNanos, REVIVE_WAIT_MAX_NANOS)
                : REVIVE_WAIT_NANOS;
        stopZap();
        life = begin();
        LOG.info("ZeroMQ context is made anew after the death of an I/O thread");
        return life;
    }

    /** Returns the view of the present connections. */
    JeroMq jeroMq() {
        return life.jeroMq;
    }

    /** Whether its connections cannot be seen, although it has its I/O threads. */
    boolean isBlind() {
        return jeroMq().isBlind();
    }

    /** The wall clock was set back by so many milliseconds. */
    void clockSetBack(long byMs) {
        jeroMq().clockSetBack(byMs);
    }

    /** Looks after connections again and again, until {@link ConnectionSweeper#remove}. */
    ConnectionSweeper sweeper() {
        return sweeper;
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
        Life now = life;
        ZMQ.Socket socket;
        try {
            socket = now.zmq.socket(type);
        } catch (ZMQException e) {
            if (e.getErrorCode() != ZMQ.Error.EMFILE.getCode()) {
                throw e;
            }
            throw new IOException("more than maxSockets=" + maxSockets + " sockets are open", e);
        }
        if (now.impatient.compareAndSet(true, false)) {
            now.jeroMq = insight.apply(now.zmq);
        }
        JeroMq.keepLateSignals(now.zmq, socket);
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
        return new SocketContext(1, DEDICATED_SOCKETS, this, sweeper, directory, threads, insight);
    }

    /** The ZAP handler, started if need be. */
    synchronized ZapHandler zap() throws IOException, InterruptedException {
        Life now = life;
        ZapHandler handler = now.zap;
        if (handler == null) {
            handler = ZapHandler.start(this, cause -> now.zapFailure = cause);
            now.zap = handler;
        }
        return handler;
    }

    synchronized void zapIfOpen(Consumer<ZapHandler> action) {
        ZapHandler handler = life.zap;
        if (handler != null) {
            action.accept(handler);
        }
    }

    /** A ZAP domain that no other socket of this context has. */
    String newDomain() {
        return "bactrian-" + domains.incrementAndGet();
    }

    private void stopZap() {
        ZapHandler handler;
        synchronized (this) {
            handler = life.zap;
            life.zap = null;
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
        sweeper.remove(this);
        if (parent == null) {
            sweeper.close();
        } else {
            parent.dedicated.decrementAndGet();
        }
        Life last = life;
        Thread terminator = threads.newThread("bactrian-zeromq-term", last.zmq::term);
        terminator.start();
        try {
            terminator.join(last.death == null ? TERM_TIMEOUT_MS : FAILED_TERM_TIMEOUT_MS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (terminator.isAlive()) {
            LOG.error("ZeroMQ context did not end in time");
        }
    }
}
