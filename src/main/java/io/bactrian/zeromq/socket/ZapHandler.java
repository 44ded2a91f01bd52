package io.bactrian.zeromq.socket;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.bactrian.zeromq.socket.ZapAuthenticator.Decision;
import io.bactrian.zeromq.socket.ZapAuthenticator.Request;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.zeromq.SocketType;
import org.zeromq.ZMQ;

/**
 * The one ZAP handler of a context: answers for every peer that wants to connect to a PLAIN or CURVE server whether
 * it is admitted, by the rule of the server's domain. A domain that nobody registered admits nobody.
 *
 * <p>ZeroMQ admits everybody when there is no handler. So this one is there before the first server binds; and if its
 * thread dies its socket stays open, so that nobody is admitted any more, and the context counts as failed.
 * Source: RFC 27/ZAP.
 */
final class ZapHandler {
    private static final Logger LOG = LoggerFactory.getLogger(ZapHandler.class);
    private static final String ADDRESS = "inproc://zeromq.zap.01";
    private static final int CHUNK = 64;
    private static final int FRAMES_MAX = 12;
    private static final int FRAMES_BEFORE_CREDENTIALS = 8;
    private static final int SLOW_MAX = 64;
    private static final long IDLE_WAIT_MS = 1_000;
    private static final long STOP_MS = 5_000;

    /** A rule, and who hears of what it decided: the address and the decision. */
    private record Domain(ZapAuthenticator admission, BiConsumer<String, Decision> listener) {}

    /** The decision, for routing id, empty frame and request id. */
    private record ZapReply(List<byte[]> head, Decision decision) {}

    private final SocketContext context;
    private final Consumer<Throwable> died;
    private final Map<String, Domain> domains = new ConcurrentHashMap<>();
    private final Queue<ZapReply> replies = new ConcurrentLinkedQueue<>();
    private final Signal signal = new Signal();
    private final CompletableFuture<Void> opened = new CompletableFuture<>();
    private final Thread thread;
    private final ThreadPoolExecutor slow;
    private volatile boolean stopping;

    private ZapHandler(SocketContext context, Consumer<Throwable> died) throws IOException {
        this.context = context;
        this.died = died;
        this.thread = context.threads().newThread("bactrian-zap", this::run);
        this.slow = new ThreadPoolExecutor(
                1,
                1,
                10,
                TimeUnit.SECONDS,
                new ArrayBlockingQueue<>(SLOW_MAX),
                task -> context.threads().newThread("bactrian-zap-passwords", task));
        this.slow.allowCoreThreadTimeOut(true);
    }

    /** Returns when the handler answers. */
    static ZapHandler start(SocketContext context, Consumer<Throwable> died) throws IOException, InterruptedException {
        ZapHandler handler = new ZapHandler(context, died);
        handler.thread.start();
        try {
            handler.opened.get();
            return handler;
        } catch (ExecutionException e) {
            throw new IOException("cannot open the ZAP handler", e.getCause());
        }
    }

    /**
     * Registers a domain.
     *
     * @param listener hears of each decision, on the handler's thread; it must not wait
     * @throws IllegalArgumentException if there is one of that name
     */
    void register(String domain, ZapAuthenticator admission, BiConsumer<String, Decision> listener) {
        if (domains.putIfAbsent(domain, new Domain(admission, listener)) != null) {
            throw new IllegalArgumentException(
                    "zapDomain=" + domain + " is taken by another socket, each must have one of its own");
        }
    }

    void deregister(String domain) {
        domains.remove(domain);
    }

    /** Ends the handler, once the servers are closed that ask it. */
    void stop() throws InterruptedException {
        stopping = true;
        signal.wake();
        slow.shutdownNow();
        thread.join(STOP_MS);
        if (thread.isAlive()) {
            LOG.error("ZAP handler is not closed in time");
        }
    }

    private void run() {
        ZMQ.Socket socket;
        try {
            socket = context.open(SocketType.ROUTER);
            socket.setLinger(0);
            if (!socket.bind(ADDRESS)) {
                throw new IOException("cannot bind " + ADDRESS);
            }
            signal.watch(socket);
            opened.complete(null);
        } catch (Throwable e) {
            signal.close();
            opened.completeExceptionally(e);
            return;
        }
        try {
            while (!stopping) {
                boolean worked = receive(socket);
                worked |= reply(socket);
                if (!worked) {
                    await(socket);
                }
            }
        } catch (Throwable e) {
            LOG.error("ZAP handler died, no peer is admitted from now on", e);
            died.accept(e);
            awaitStop();
        } finally {
            signal.close();
            socket.close();
        }
    }

    /** The socket of a dead handler stays open: without one ZeroMQ would admit everybody. */
    private void awaitStop() {
        while (!stopping) {
            try {
                signal.sleep(IDLE_WAIT_MS);
            } catch (IOException e) {
                LOG.warn("ZAP handler cannot sleep", e);
                LockSupport.parkNanos(IDLE_WAIT_MS * 1_000_000);
            }
        }
    }

    private void await(ZMQ.Socket socket) throws IOException {
        signal.arm();
        if (stopping || !replies.isEmpty() || (socket.getEvents() & ZMQ.Poller.POLLIN) != 0) {
            signal.disarm();
        } else {
            signal.sleep(IDLE_WAIT_MS);
        }
    }

    private boolean receive(ZMQ.Socket socket) {
        for (int i = 0; i < CHUNK; i++) {
            byte[] first = socket.recv(ZMQ.DONTWAIT);
            if (first == null) {
                return i > 0;
            }
            List<byte[]> frames = new ArrayList<>(FRAMES_MAX);
            frames.add(first);
            while (socket.hasReceiveMore()) {
                byte[] frame = socket.recv(0);
                if (frame != null && frames.size() < FRAMES_MAX) {
                    frames.add(frame);
                }
            }
            handle(frames);
        }
        return true;
    }

    /** Frames: routing id, empty, version, request id, domain, address, identity, mechanism, credentials. */
    private void handle(List<byte[]> frames) {
        if (frames.size() < FRAMES_BEFORE_CREDENTIALS) {
            LOG.warn("ZAP request is cut short frames={}", frames.size());
            return;
        }
        List<byte[]> head = List.of(frames.get(0), frames.get(1), frames.get(3));
        String name = new String(frames.get(4), StandardCharsets.UTF_8);
        String address = new String(frames.get(5), StandardCharsets.UTF_8);
        Request request = new Request(
                address,
                new String(frames.get(7), US_ASCII),
                List.copyOf(frames.subList(FRAMES_BEFORE_CREDENTIALS, frames.size())));
        Domain domain = domains.get(name);
        if (domain == null) {
            LOG.warn("refused a peer of an unknown ZAP domain peer={} domain={}", address, name);
            answer(head, new Decision(Decision.REFUSED, "-", "unknown domain"));
            return;
        }
        try {
            domain.admission().decide(request, slow, decision -> {
                domain.listener().accept(address, decision);
                answer(head, decision);
            });
        } catch (RuntimeException e) {
            LOG.error("refused a peer that could not be judged peer={} domain={}", address, name, e);
            answer(head, new Decision(Decision.REFUSED, "-", "it could not be judged"));
        }
    }

    private void answer(List<byte[]> head, Decision decision) {
        replies.add(new ZapReply(head, decision));
        signal.wake();
    }

    /** Sends what was decided. A peer that is gone meanwhile gets nothing: the ROUTER drops that. */
    private boolean reply(ZMQ.Socket socket) {
        ZapReply reply = replies.poll();
        boolean worked = reply != null;
        while (reply != null) {
            boolean admitted = reply.decision().admitted();
            send(socket, reply.head().get(0), true);
            send(socket, reply.head().get(1), true);
            send(socket, "1.0".getBytes(US_ASCII), true);
            send(socket, reply.head().get(2), true);
            send(socket, Integer.toString(reply.decision().status()).getBytes(US_ASCII), true);
            send(socket, (admitted ? "OK" : "refused").getBytes(US_ASCII), true);
            send(socket, new byte[0], true);
            send(socket, new byte[0], false);
            reply = replies.poll();
        }
        return worked;
    }

    private static void send(ZMQ.Socket socket, byte[] frame, boolean more) {
        socket.send(frame, more ? ZMQ.DONTWAIT | ZMQ.SNDMORE : ZMQ.DONTWAIT);
    }
}
