package io.bactrian.zeromq.socket;

import io.bactrian.zeromq.socket.SocketCounters.Counter;
import java.util.ArrayDeque;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.zeromq.ZMQ;
import org.zeromq.ZMQException;

/**
 * The bounded queue between the producers of a socket and its owner thread. Any thread offers; only the
 * owner calls the rest.
 */
final class SendBuffer {
    private static final int CHUNK = 256;
    private static final long FULL = -1;
    private static final long REFUSED = -2;
    private static final byte[] NOTHING = new byte[0];
    private static final String DROPPED = "dropped messages to send: their peer takes no more now";

    private final boolean routed;
    private final boolean dropping;
    private final int capacity;
    private final SendQueue<SendItem> queue;
    private final ArrayDeque<SendItem> taken = new ArrayDeque<>();
    private final SocketCounters counters;
    private final PeerErrorLog errorLog;
    private final SlowPeers slow = new SlowPeers(System::nanoTime);
    private boolean blocked;
    private long itemsSent;

    SendBuffer(SocketSettings settings, SocketCounters counters, PeerErrorLog errorLog) {
        this.routed = settings.kind() == SocketKind.router;
        this.dropping = routed && !settings.pattern().mandatory();
        this.capacity = settings.queues().pendingQueue();
        this.queue = new SendQueue<>(capacity);
        this.counters = counters;
        this.errorLog = errorLog;
    }

    /** Any thread but the owner. Waits for room up to the timeout. */
    boolean offer(SendItem item, long timeoutMs) throws InterruptedException {
        return queue.offer(item, timeoutMs);
    }

    /** Owner thread: offers without going through the queue, keeping the order. */
    void addFromOwner(SendItem item) {
        take(capacity);
        taken.add(item);
    }

    private void take(int itemsMax) {
        for (int i = 0; i < itemsMax; i++) {
            SendItem item = queue.poll();
            if (item == null) {
                return;
            }
            taken.add(item);
        }
    }

    /** Items in wait, those taken by the owner included. */
    boolean full() {
        return taken.size() >= capacity;
    }

    int size() {
        return queue.size();
    }

    /** Items sent so far: messages and batches. */
    long itemsSent() {
        return itemsSent;
    }

    /** Whether the last pump stopped because ZeroMQ takes no more now. */
    boolean blocked() {
        return blocked;
    }

    boolean isEmpty() {
        return taken.isEmpty() && queue.isEmpty();
    }

    /**
     * Sends what waits, up to a number of items. Returns whether anything was sent.
     *
     * <p>It counts in local variables: the senders read fields of this object for each message, and would wait for each
     * change of another.
     */
    boolean pump(ZMQ.Socket socket) {
        if (taken.isEmpty()) {
            take(CHUNK);
        }
        long items = 0;
        long messages = 0;
        long bytes = 0;
        boolean worked = false;
        boolean full = false;
        SendItem item = taken.peek();
        while (item != null && !full) {
            SocketMessage message = item.next();
            if (message == null) {
                taken.remove();
                item.finish();
                items++;
                item = taken.peek();
            } else {
                long octets = send(socket, item, message);
                full = octets == FULL;
                if (!full) {
                    item.advance();
                    worked = true;
                }
                if (octets >= 0) {
                    messages++;
                    bytes += octets;
                }
            }
        }
        blocked = full;
        if (items > 0) {
            itemsSent += items;
        }
        if (messages > 0) {
            counters.add(Counter.SENT_MESSAGES, messages);
            counters.add(Counter.SENT_BYTES, bytes);
        }
        return worked || items > 0;
    }

    /** Returns the octets of the message, {@link #FULL} if it has to wait, or {@link #REFUSED} if it is dropped. */
    private long send(ZMQ.Socket socket, SendItem item, SocketMessage message) {
        try {
            long octets = send(socket, message);
            if (octets != FULL || !dropping) {
                if (!slow.isEmpty() && slow.took(peer(message))) {
                    errorLog.report(DROPPED, message.routingId());
                }
                return octets;
            }
            counters.count(Counter.DROPPED_SENT);
            if (slow.full(peer(message))) {
                errorLog.report(DROPPED, message.routingId());
            }
            return REFUSED;
        } catch (ZMQException e) {
            if (e.getErrorCode() == ZMQ.Error.ETERM.getCode()) {
                throw e;
            }
            refuse(item, message, e);
            return REFUSED;
        }
    }

    /** Returns the octets of the message, or {@link #FULL}. Only the first frame can be held back. */
    private long send(ZMQ.Socket socket, SocketMessage message) {
        if (routed) {
            byte[] routingId = message.routingId();
            if (routingId == null) {
                throw new ZMQException("no routing id", ZMQ.Error.EINVAL.getCode());
            }
            if (!socket.send(routingId, ZMQ.DONTWAIT | ZMQ.SNDMORE)) {
                return FULL;
            }
        }
        long bytes = 0;
        int last = message.size() - 1;
        for (int i = 0; i <= last; i++) {
            byte[] frame = message.frame(i);
            if (!socket.send(frame, i < last ? ZMQ.DONTWAIT | ZMQ.SNDMORE : ZMQ.DONTWAIT)) {
                return FULL;
            }
            bytes += frame.length;
        }
        return bytes;
    }

    private void refuse(SendItem item, SocketMessage message, ZMQException e) {
        String cause = e.getErrorCode() == ZMQ.Error.EHOSTUNREACH.getCode() ? "no peer with this routing id" : text(e);
        counters.count(Counter.DROPPED_SENT);
        if (dropping && e.getErrorCode() == ZMQ.Error.EHOSTUNREACH.getCode()) {
            // It has left, as peers do.
            slow.left(peer(message));
            return;
        }
        byte[] routingId = message.routingId();
        if (!item.awaited()) {
            errorLog.report("dropped a message to send: " + cause, routingId);
        }
        item.failed(new SendFailedException(
                cause + " routingId=" + PeerErrorLog.hex(routingId == null ? NOTHING : routingId), e));
    }

    /** The peer of a message that a router has sent or dropped. */
    private static byte[] peer(SocketMessage message) {
        return Objects.requireNonNull(message.routingId());
    }

    private static String text(ZMQException e) {
        String text = e.getMessage();
        return text == null ? "error " + e.getErrorCode() : text;
    }

    /**
     * Drops everything that waits, for the given reason. For the owner at its end, and after it for those
     * who come too late. Returns the number of messages dropped.
     */
    synchronized long discard(String reason, @Nullable Throwable cause) {
        take(Integer.MAX_VALUE);
        long dropped = 0;
        for (SendItem item : taken) {
            dropped += item.remaining();
            item.discard(new SendFailedException(reason, cause));
        }
        taken.clear();
        counters.add(Counter.DROPPED_SENT, dropped);
        return dropped;
    }
}
