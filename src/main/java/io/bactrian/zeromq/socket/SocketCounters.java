package io.bactrian.zeromq.socket;

import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

/** What happened on one socket since it was opened. Any thread. */
public final class SocketCounters {

    /** Things counted; the name in lower case is the name in metrics and in the dev console. */
    public enum Counter {
        RECEIVED_MESSAGES,
        RECEIVED_BYTES,
        SENT_MESSAGES,
        SENT_BYTES,
        /** Received with more frames than allowed, or otherwise not usable. */
        DROPPED_RECEIVED,
        /**
         * Sent to a peer that is not there, or without a routing id, or left over at the close; of pub and xpub also what a
         * subscriber did not get as its queue was full, once for each subscriber.
         */
        DROPPED_SENT,
        /** A producer found the queue full for the whole send timeout. */
        SEND_TIMEOUTS,
        REQUEST_TIMEOUTS,
        REQUEST_RETRIES,
        /** Answers that came after their request had ended. */
        STRAY_REPLIES,
        CONNECTED,
        DISCONNECTED,
        CONNECT_RETRIED,
        HANDSHAKE_SUCCEEDED,
        /** Peers that do not speak the protocol, or not with this security, or ended before they had said so. */
        HANDSHAKE_FAILED,
        /** Connections that were ended because the handshake took too long. */
        HANDSHAKE_TIMEOUTS,
        /** Connections that were ended because there were too many. */
        CONNECTIONS_REFUSED,
        /** Connections that were ended because of what the peer sent: messages or subscriptions without end. */
        CONNECTIONS_CUT,
        /** Large frames that were announced while too much was announced already. */
        FRAMES_REFUSED,
        /** Times that the socket was opened again after the death of an I/O thread. */
        REBUILT,
        /** Peers that asked to be let in and were, with security. */
        ADMITTED,
        /** Peers that were not admitted. */
        REFUSED,
        /** The peer has not admitted this socket. */
        NOT_ADMITTED
    }

    private final Map<Counter, LongAdder> adders = new EnumMap<>(Counter.class);

    /** Counted once for each message by the socket's owner alone, so without the price of a contended counter. */
    private final AtomicLong received = new AtomicLong();

    private final AtomicLong receivedBytes = new AtomicLong();

    public SocketCounters() {
        for (Counter counter : Counter.values()) {
            adders.put(counter, new LongAdder());
        }
    }

    /** The count so far. */
    public long get(Counter counter) {
        return switch (counter) {
            case RECEIVED_MESSAGES -> received.get();
            case RECEIVED_BYTES -> receivedBytes.get();
            default -> adder(counter).sum();
        };
    }

    private LongAdder adder(Counter counter) {
        LongAdder adder = adders.get(counter);
        if (adder == null) {
            throw new IllegalStateException("no counter " + counter);
        }
        return adder;
    }

    /** Owner: counts messages that were received. */
    void received(long messages, long bytes) {
        received.setRelease(received.getPlain() + messages);
        receivedBytes.setRelease(receivedBytes.getPlain() + bytes);
    }

    void count(Counter counter) {
        adder(counter).increment();
    }

    void add(Counter counter, long amount) {
        adder(counter).add(amount);
    }
}
