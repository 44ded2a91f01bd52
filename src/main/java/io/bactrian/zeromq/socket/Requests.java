package io.bactrian.zeromq.socket;

import io.bactrian.zeromq.socket.SocketCounters.Counter;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The requests of a DEALER that wait for their answers. A request is the frames
 * {@code [correlation, empty, body...]}; a REP, or a ROUTER that keeps the envelope, gives the first two
 * back. The correlation is 4 octets drawn for this socket and 8 octets that count, so an answer to a
 * former life of the socket matches nothing. Any thread registers; the owner does the rest.
 */
final class Requests<M extends SocketMessage> {
    private static final int CORRELATION_BYTES = 12;
    private static final byte[] EMPTY = new byte[0];
    private static final long SCAN_NANOS = 10_000_000;

    private record Pending<M extends SocketMessage>(
            ReplyHandler<M> handler, SendItem item, long deadlineNanos, long timeoutMs) {}

    private final int instance = ThreadLocalRandom.current().nextInt();
    private final AtomicLong last = new AtomicLong();
    private final Map<Long, Pending<M>> pending = new ConcurrentHashMap<>();
    private final MessageFactory<M> factory;
    private final SocketCounters counters;
    private final int bound;
    private long nextScanNanos = System.nanoTime();

    Requests(MessageFactory<M> factory, SocketCounters counters, int bound) {
        this.factory = factory;
        this.counters = counters;
        this.bound = bound;
    }

    /** A request that was registered under a number, and is to be sent. */
    record Registered(long number, SendItem item) {}

    /** Registers a request; the answer may arrive as soon as the message is sent. */
    Registered register(M body, long timeoutMs, ReplyHandler<M> handler) throws SendFailedException {
        if (pending.size() >= bound) {
            throw new SendFailedException("too many requests wait for an answer pendingQueue=" + bound);
        }
        long number = last.incrementAndGet();
        List<byte[]> frames = new ArrayList<>(body.size() + 2);
        frames.add(ByteBuffer.allocate(CORRELATION_BYTES)
                .putInt(instance)
                .putLong(number)
                .array());
        frames.add(EMPTY);
        for (int i = 0; i < body.size(); i++) {
            frames.add(body.frame(i));
        }
        SendItem item = new SendItem(factory.multi(body.routingId(), frames), null);
        pending.put(number, new Pending<>(handler, item, System.nanoTime() + timeoutMs * 1_000_000, timeoutMs));
        return new Registered(number, item);
    }

    /** Takes back a request that was not sent. Returns false if it ended already. */
    boolean cancel(long number) {
        return pending.remove(number) != null;
    }

    boolean isEmpty() {
        return pending.isEmpty();
    }

    int size() {
        return pending.size();
    }

    /** Takes a message if it is the answer to a request of ours, also if that has ended. */
    boolean take(M message) {
        if (message.size() < 2 || message.frame(0).length != CORRELATION_BYTES || message.frame(1).length != 0) {
            return false;
        }
        ByteBuffer correlation = ByteBuffer.wrap(message.frame(0));
        if (correlation.getInt() != instance) {
            return false;
        }
        Pending<M> request = pending.remove(correlation.getLong());
        if (request == null) {
            counters.count(Counter.STRAY_REPLIES);
        } else {
            request.handler().replied(body(message));
        }
        return true;
    }

    private M body(M message) {
        if (message.size() == 2) {
            return factory.single(message.routingId(), EMPTY);
        }
        if (message.size() == 3) {
            return factory.single(message.routingId(), message.frame(2));
        }
        List<byte[]> frames = new ArrayList<>(message.size() - 2);
        for (int i = 2; i < message.size(); i++) {
            frames.add(message.frame(i));
        }
        return factory.multi(message.routingId(), frames);
    }

    /**
     * Ends the requests whose time is over, and those that wait to be sent will not be. A look costs as much as there are
     * requests, so it is rare. Returns whether there were any.
     */
    boolean expire() {
        long now = System.nanoTime();
        if (pending.isEmpty() || now - nextScanNanos < 0) {
            return false;
        }
        boolean expired = false;
        nextScanNanos = now + SCAN_NANOS;
        for (Iterator<Map.Entry<Long, Pending<M>>> i = pending.entrySet().iterator(); i.hasNext(); ) {
            Map.Entry<Long, Pending<M>> entry = i.next();
            Pending<M> request = entry.getValue();
            if (now - request.deadlineNanos() >= 0 && pending.remove(entry.getKey()) != null) {
                expired = true;
                request.item().withdraw();
                counters.count(Counter.REQUEST_TIMEOUTS);
                request.handler().failed(new RequestTimeoutException(request.timeoutMs(), 0));
            }
        }
        return expired;
    }

    /** Ends all requests, because the socket ends. */
    void failAll(SendFailedException cause) {
        for (Long number : List.copyOf(pending.keySet())) {
            Pending<M> request = pending.remove(number);
            if (request != null) {
                request.handler().failed(cause);
            }
        }
    }
}
