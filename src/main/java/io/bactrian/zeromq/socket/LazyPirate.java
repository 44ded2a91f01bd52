package io.bactrian.zeromq.socket;

import io.bactrian.zeromq.socket.SocketCounters.Counter;
import java.io.IOException;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.zeromq.ZMQ;

/**
 * The requests of a REQ, one at a time. One without an answer in time is sent again on a new socket, a
 * number of times. Source: ZeroMQ Guide, chapter 4, Client-Side Reliability. Any thread offers; only the
 * owner calls the rest.
 */
final class LazyPirate<M extends SocketMessage> {

    private record Request<M extends SocketMessage>(M message, long timeoutMs, ReplyHandler<M> handler) {}

    /** Closes the socket and makes a new one. */
    interface Reopening {
        ZMQ.Socket reopen() throws IOException;
    }

    private final int retries;
    private final ArrayBlockingQueue<Request<M>> queue;
    private final MessageReader<M> reader;
    private final SocketCounters counters;
    private final Reopening reopening;

    private volatile @Nullable Request<M> current;
    private boolean sent;
    private int tries;
    private long deadlineNanos;

    LazyPirate(SocketSettings settings, MessageReader<M> reader, SocketCounters counters, Reopening reopening) {
        this.retries = settings.pattern().retries();
        this.queue = new ArrayBlockingQueue<>(settings.queues().pendingQueue());
        this.reader = reader;
        this.counters = counters;
        this.reopening = reopening;
    }

    /** Any thread: queues a request, waiting for room. Returns false if there was none. */
    boolean offer(M message, long sendTimeoutMs, long timeoutMs, ReplyHandler<M> handler) throws InterruptedException {
        return queue.offer(new Request<>(message, timeoutMs, handler), sendTimeoutMs, TimeUnit.MILLISECONDS);
    }

    /** Requests without an answer yet. */
    int size() {
        return queue.size() + (current == null ? 0 : 1);
    }

    /** How long the owner may sleep if nothing happens, in milliseconds; 0 not to sleep. */
    long sleepMs(long idleMs) {
        if (current == null) {
            return queue.isEmpty() ? idleMs : 0;
        }
        return Math.max(0, Math.min(idleMs, (deadlineNanos - System.nanoTime()) / 1_000_000 + 1));
    }

    /** Whether ZeroMQ has what this waits for, as events of the socket. */
    boolean ready(int events) {
        return current != null && (events & (sent ? ZMQ.Poller.POLLIN : ZMQ.Poller.POLLOUT)) != 0;
    }

    /** Does what can be done now. Returns whether that was anything. */
    boolean step(ZMQ.Socket socket) throws IOException {
        Request<M> request = current;
        if (request == null) {
            request = queue.poll();
            if (request == null) {
                return false;
            }
            current = request;
            tries = 0;
            begin(request);
        }
        boolean worked = false;
        if (!sent) {
            sent = send(socket, request.message());
            worked = sent;
        }
        if (sent) {
            M reply = reader.read(socket, ZMQ.DONTWAIT);
            if (reply != null) {
                counters.received(1, reply.bytes());
                current = null;
                request.handler().replied(reply);
                return true;
            }
        }
        if (System.nanoTime() - deadlineNanos >= 0) {
            retry(request);
            return true;
        }
        return worked;
    }

    private void begin(Request<M> request) {
        sent = false;
        deadlineNanos = System.nanoTime() + request.timeoutMs() * 1_000_000;
    }

    private void retry(Request<M> request) throws IOException {
        reopening.reopen();
        if (tries < retries) {
            tries++;
            counters.count(Counter.REQUEST_RETRIES);
            begin(request);
        } else {
            current = null;
            counters.count(Counter.REQUEST_TIMEOUTS);
            request.handler().failed(new RequestTimeoutException(request.timeoutMs(), retries));
        }
    }

    private boolean send(ZMQ.Socket socket, M message) {
        int last = message.size() - 1;
        for (int i = 0; i <= last; i++) {
            if (!socket.send(message.frame(i), i < last ? ZMQ.DONTWAIT | ZMQ.SNDMORE : ZMQ.DONTWAIT)) {
                return false;
            }
        }
        counters.count(Counter.SENT_MESSAGES);
        counters.add(Counter.SENT_BYTES, message.bytes());
        return true;
    }

    /** Ends all requests, because the socket ends. */
    void failAll(SendFailedException cause) {
        Request<M> request = current == null ? queue.poll() : current;
        current = null;
        while (request != null) {
            request.handler().failed(cause);
            request = queue.poll();
        }
    }
}
