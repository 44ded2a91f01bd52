package io.bactrian.zeromq.socket;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.zeromq.ZMQ;
import zmq.Msg;

/**
 * A socket for a protocol that repeats what gets lost: one thread owns it and runs the protocol on what it receives.
 *
 * <p>Nothing is handed to another thread on the way in, so an answer takes one change of threads. Frames are sent as
 * they are; on a ROUTER the first one is the peer. What finds no room, or no connection, is dropped and counted: the
 * protocol sends it again. To the protocol the death of an I/O thread is a lost connection: this class reopens
 * its socket in the new context, and its agent goes on meanwhile.
 */
public final class ProtocolSocket {
    private static final Logger LOG = LoggerFactory.getLogger(ProtocolSocket.class);
    private static final int CHUNK = 256;
    private static final long STOP_MARGIN_MS = 5_000;
    private static final long RECONNECT_LOOK_MS = 200;
    private static final long REVIVE_LOOK_NANOS = 20_000_000;
    private static final long REVIVE_RETRY_NANOS = 500_000_000;

    /** The protocol that runs on the thread of the socket. All calls come from that thread; none may block or throw. */
    public interface Agent {
        /** Takes one message; its frames are the agent's to keep. */
        void received(List<byte[]> frames);

        /**
         * Called after each round of messages, after each {@link ProtocolSocket#wake}, and when the time is over that it has
         * returned last.
         *
         * @return milliseconds after which it wants to be called again at the latest, at least 1
         */
        long work();

        /** There is a connection, perhaps to a peer that has forgotten everything. */
        void connected();

        /** The socket has failed, and sends nothing more. */
        void failed(Throwable cause);
    }

    private final SocketSecurity security;
    private final Targets targets;
    private final SocketSettings settings;
    private final Agent agent;
    private final SocketEvents events;
    private final SocketCounters counters = new SocketCounters();
    private final ArrayBlockingQueue<List<byte[]>> queue;
    private final ArrayDeque<List<byte[]>> taken = new ArrayDeque<>();
    private final Signal signal = new Signal();
    private final Thread thread;
    private final CompletableFuture<List<String>> opened = new CompletableFuture<>();
    private final AtomicLong connections = new AtomicLong();
    private final LongAdder dropped = new LongAdder();

    private volatile boolean connected = true;
    private volatile @Nullable String obstacle;
    private volatile boolean stopping;
    private volatile boolean sleeping;
    private volatile boolean woken;
    private boolean blocked;
    private ZMQ.@Nullable Socket zmq;
    private SocketContext.@Nullable Life life;
    private long retryAtNanos;
    private final int maxFrames;
    private final PeerErrorLog errorLog;

    private ProtocolSocket(SocketContext context, SocketSettings settings, Agent agent) throws IOException {
        this.settings = settings;
        this.agent = agent;
        this.maxFrames = settings.queues().maxFrames();
        this.queue = new ArrayBlockingQueue<>(settings.queues().pendingQueue());
        this.errorLog = new PeerErrorLog(settings.key(), System::nanoTime);
        ConnectionTable peers = new ConnectionTable(settings, counters, errorLog, System::nanoTime);
        Frames frames = new Frames(settings, peers, context.spareFrames());
        this.events = new SocketEvents(settings, counters, errorLog, frames, this::connection, this::noted);
        this.security = new SocketSecurity(context, settings, events, frames);
        this.targets = new Targets(settings, context, true, this::wake);
        this.thread = context.threads().newThread("bactrian-" + settings.key(), this::run);
    }

    /**
     * Opens a socket. Returns when it is bound or connecting.
     *
     * @throws IOException if it cannot be bound, or the address is not valid
     */
    public static ProtocolSocket open(SocketContext context, SocketSettings settings, Agent agent)
            throws IOException, InterruptedException {
        ProtocolSocket socket = new ProtocolSocket(context, settings, agent);
        socket.thread.start();
        try {
            socket.opened.get();
            return socket;
        } catch (ExecutionException e) {
            throw e.getCause() instanceof IOException cause
                    ? cause
                    : new IOException("cannot open " + settings.key() + ": " + e.getMessage(), e.getCause());
        }
    }

    /** The real addresses, with the ports that were chosen; empty if the socket connects. */
    public List<String> boundAddresses() {
        return opened.join();
    }

    /** Whether there is a connection, as far as is known. */
    public boolean isConnected() {
        return connected;
    }

    /** Why there is no connection that can be used, as far as is known; null if nothing speaks against it. */
    public @Nullable String obstacle() {
        String unknown = targets.obstacle();
        return unknown == null ? obstacle : unknown;
    }

    private void noted(SocketEvent event) {
        switch (event.type()) {
            case NOT_ADMITTED -> obstacle = "it does not admit this key or user";
            case HANDSHAKE_FAILED -> obstacle = "the handshake failed, as with another security or key there than here";
            case RETRIED -> {
                if (obstacle == null) {
                    obstacle = "nobody listens there, or the name is not known";
                }
            }
            case DISCONNECTED -> {
                if (obstacle == null) {
                    obstacle = "it closes the connection, as with another security or a key that it does not know";
                }
            }
            default -> LOG.trace("event={}", event);
        }
    }

    /** Messages that were not sent for want of room or of a connection. */
    public long dropped() {
        return dropped.sum();
    }

    /** Sends one frame; see {@link #send(List)}. */
    public boolean send(byte[] frame) {
        return send(List.of(frame));
    }

    /** Queues a message and returns whether there was room. The frames must not be changed afterwards. Any thread. */
    public boolean send(List<byte[]> frames) {
        if (!connected || stopping || !queue.offer(frames)) {
            dropped.increment();
            return false;
        }
        wake();
        return true;
    }

    /** Has {@link Agent#work} called soon. Any thread. */
    public void wake() {
        woken = true;
        if (sleeping) {
            signal.wake();
        }
    }

    private void connection(boolean up) {
        connected = up || settings.bind();
        if (up) {
            connections.incrementAndGet();
        }
        wake();
    }

    private void run() {
        try {
            security.open();
            targets.begin();
            opened.complete(open());
        } catch (Throwable e) {
            targets.close();
            signal.close();
            closeSecurity();
            opened.completeExceptionally(e);
            return;
        }
        try {
            loop();
        } catch (Throwable e) {
            stopping = true;
            LOG.error("socket thread ended by an error socket={}", settings.key(), e);
            agent.failed(e);
        } finally {
            close(zmq);
        }
    }

    /** Opens the socket, for the first time or once more. Returns the real addresses, or none if it connects. */
    private List<String> open() throws IOException {
        life = security.context().life();
        events.peers().in(security.context());
        boolean again = settings.bind() && opened.isDone();
        SocketOpener.Opened made =
                SocketOpener.open(security, settings, events, again ? boundAddresses() : targets.opening());
        zmq = made.socket();
        targets.unknown(made.unknown());
        signal.watch(made.socket());
        security.context().sweeper().add(events.peers());
        return settings.bind() ? made.boundAddresses() : List.of();
    }

    private void loop() throws IOException, InterruptedException {
        long seen = 0;
        while (!stopping) {
            if (dead()) {
                revive();
                continue;
            }
            Throwable zapFailure = security.context().failure();
            if (zapFailure != null && !dead()) {
                throw new IllegalStateException("the ZAP handler, which authenticates peers, has died", zapFailure);
            }
            ZMQ.Socket socket = Objects.requireNonNull(zmq);
            long now = connections.get();
            if (now != seen) {
                seen = now;
                agent.connected();
            }
            if (targets.moved()) {
                targets.move(socket, events.reconnector());
            }
            if (events.reconnector().waiting()) {
                events.reconnector().reconnect(socket, targets);
            }
            boolean worked = receive(socket);
            // Before the work: a wake-up that comes while the agent works has it called again.
            woken = false;
            long waitMs = agent.work();
            worked |= send(socket);
            security.sending(blocked);
            if (worked) {
                signal.worked();
            } else {
                await(socket, waitMs, seen);
            }
        }
    }

    /** Whether an I/O thread has died, so that the socket is to be opened once more. */
    private boolean dead() {
        SocketContext.Life current = life;
        return zmq == null || (current != null && current.death() != null);
    }

    /** Leaves the socket to the dead context, and opens it in the new one as soon as that is there. The agent works on. */
    private void revive() throws IOException, InterruptedException {
        SocketContext.Life current = Objects.requireNonNull(life);
        leave(current);
        boolean there = current.death() == null || security.context().revive(current) != null;
        if (!there || System.nanoTime() - retryAtNanos < 0) {
            agent.work();
            LockSupport.parkNanos(this, REVIVE_LOOK_NANOS);
            return;
        }
        try {
            security.reopen();
            open();
            connected = true;
            counters.count(SocketCounters.Counter.REBUILT);
            LOG.info("socket reopened after an I/O thread had died socket={}", settings.key());
        } catch (IOException | RuntimeException e) {
            retryAtNanos = System.nanoTime() + REVIVE_RETRY_NANOS;
            errorLog.report("cannot reopen the socket: " + e.getMessage(), "-");
        }
    }

    /** What waits to be sent was meant for connections that are gone. */
    private void leave(SocketContext.Life dead) throws IOException {
        ZMQ.Socket former = zmq;
        if (former != null) {
            connected = false;
            zmq = null;
            signal.unwatch();
            security.abandon(former, dead, boundAddresses());
            dropped.add(queue.size() + taken.size());
            queue.clear();
            taken.clear();
            retryAtNanos = System.nanoTime();
        }
    }

    private void await(ZMQ.Socket socket, long waitMs, long seen) throws IOException {
        signal.arm();
        sleeping = true;
        int ready = socket.getEvents();
        boolean work = stopping
                || woken
                || connections.get() != seen
                || (ready & ZMQ.Poller.POLLIN) != 0
                || (blocked ? (ready & ZMQ.Poller.POLLOUT) != 0 : !queue.isEmpty());
        if (work) {
            signal.disarm();
        } else {
            signal.sleep(Math.max(1, events.reconnector().waiting() ? Math.min(waitMs, RECONNECT_LOOK_MS) : waitMs));
        }
        sleeping = false;
    }

    private boolean receive(ZMQ.Socket socket) {
        for (int i = 0; i < CHUNK; i++) {
            Msg first = socket.recvMsg(ZMQ.DONTWAIT);
            if (first == null) {
                security.emptied();
                return i > 0;
            }
            List<byte[]> frames = frames(socket, first);
            if (frames != null) {
                obstacle = null;
                agent.received(frames);
            }
        }
        return true;
    }

    /** The rest of a message is there once its first frame is, so this does not wait. */
    private @Nullable List<byte[]> frames(ZMQ.Socket socket, Msg first) {
        if (!first.hasMore()) {
            return List.of(first.data());
        }
        List<byte[]> frames = new ArrayList<>(3);
        Msg next = first;
        int count = 0;
        while (next != null) {
            if (++count <= maxFrames) {
                frames.add(next.data());
            }
            next = next.hasMore() ? socket.recvMsg(0) : null;
        }
        if (count > maxFrames) {
            counters.count(SocketCounters.Counter.DROPPED_RECEIVED);
            return null;
        }
        return frames;
    }

    private boolean send(ZMQ.Socket socket) {
        blocked = false;
        if (taken.isEmpty() && queue.drainTo(taken, CHUNK) == 0) {
            return false;
        }
        boolean worked = false;
        while (!taken.isEmpty()) {
            if (!send(socket, Objects.requireNonNull(taken.peek()))) {
                blocked = true;
                return worked;
            }
            taken.remove();
            worked = true;
        }
        return worked;
    }

    /** Only the first frame of a message can be held back. */
    private static boolean send(ZMQ.Socket socket, List<byte[]> frames) {
        int last = frames.size() - 1;
        for (int i = 0; i <= last; i++) {
            if (!socket.send(frames.get(i), i < last ? ZMQ.DONTWAIT | ZMQ.SNDMORE : ZMQ.DONTWAIT)) {
                return false;
            }
        }
        return true;
    }

    private void close(ZMQ.@Nullable Socket socket) {
        boolean dead = dead();
        targets.close();
        while (socket != null && !dead && send(socket)) {
            // what was queued before the close still goes out
        }
        signal.close();
        security.release();
        security.context().sweeper().remove(events.peers());
        if (socket != null && dead) {
            security.abandon(socket, Objects.requireNonNull(life), boundAddresses());
        } else if (socket != null) {
            for (String address : settings.bind() ? boundAddresses() : List.<String>of()) {
                events.awaitClosed(address, 1_000, () -> socket.unbind(address));
            }
            socket.close();
        }
        closeSecurity();
    }

    private void closeSecurity() {
        try {
            security.close();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Hands over to ZeroMQ what is queued, and closes. Returns when the socket is closed. */
    public void close() throws InterruptedException {
        stopping = true;
        signal.wake();
        if (Thread.currentThread() != thread) {
            thread.join(settings.queues().linger() + STOP_MARGIN_MS);
            if (thread.isAlive()) {
                LOG.error(
                        "socket not closed within {} ms socket={}",
                        settings.queues().linger() + STOP_MARGIN_MS,
                        settings.key());
            }
        }
    }
}
