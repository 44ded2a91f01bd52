package io.bactrian.zeromq.socket;

import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

/** The counts of one socket since it was opened. Any thread. */
public final class SocketCounters {

    /** Things counted; the name in lower case is the name in metrics and in the dev console. */
    public enum Counter {
        RECEIVED_MESSAGES("Messages received"),
        RECEIVED_BYTES("Bytes of the messages received"),
        SENT_MESSAGES("Messages sent"),
        SENT_BYTES("Bytes of the messages sent"),
        DROPPED_RECEIVED("Messages received that had more frames than allowed, or could not be used otherwise"),
        DROPPED_SENT("Messages not sent: no such peer, no routing id, left over at the close, or once for each"
                + " subscriber whose queue was full"),
        SEND_TIMEOUTS("Times that a producer found the queue full for the whole send timeout"),
        REQUEST_TIMEOUTS("Requests without an answer in time"),
        REQUEST_RETRIES("Requests sent again"),
        STRAY_REPLIES("Answers that came after their request had ended"),
        CONNECTED("Connections made or accepted"),
        DISCONNECTED("Connections that ended"),
        CONNECT_RETRIED("Attempts to connect again"),
        HANDSHAKE_SUCCEEDED("Handshakes completed"),
        HANDSHAKE_FAILED(
                "Peers that do not speak the protocol, or not with this security, or ended before they had said"
                        + " so"),
        HANDSHAKE_TIMEOUTS("Connections ended because the handshake took too long"),
        CONNECTIONS_REFUSED("Connections ended because there were too many"),
        CONNECTIONS_CUT("Connections ended because of what the peer sent: messages or subscriptions without end"),
        FRAMES_REFUSED("Large frames announced while too much was announced already"),
        REBUILT("Times that the socket was opened again after the death of an I/O thread"),
        ADMITTED("Peers that asked to be let in and were, with security"),
        REFUSED("Peers that were not admitted"),
        NOT_ADMITTED("Times that the peer has not admitted this socket");

        private final String help;

        Counter(String help) {
            this.help = help;
        }

        /** Returns what it counts, in one sentence for an operator. */
        public String help() {
            return help;
        }
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
