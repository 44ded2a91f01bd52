package io.bactrian.zeromq.socket;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.zeromq.ZMQ;
import org.zeromq.ZMQException;

/**
 * Connects again where ZeroMQ has given up: after an error of the protocol, and when the peer has refused it, JeroMQ
 * ends the session for good without a word. A connection that was lost and is not tried again within an interval is
 * made anew. I/O threads tell what happens; the owner does the rest.
 */
final class Reconnector {
    private static final Logger LOG = LoggerFactory.getLogger(Reconnector.class);
    private static final long WAIT_MIN_MS = 500;

    private final String socket;
    private final long waitNanos;
    private final LongSupplier nanoClock;

    /** Addresses as ZeroMQ writes them in events, and as they were configured. */
    private final Map<String, String> configured = new HashMap<>();

    private final Map<String, Long> lostAtNanos = new HashMap<>();
    private volatile boolean waiting;

    Reconnector(SocketSettings settings, LongSupplier nanoClock) {
        this.socket = settings.key();
        this.waitNanos = 1_000_000
                * Math.max(
                        WAIT_MIN_MS,
                        Math.max(
                                settings.connections().reconnectInterval(),
                                settings.connections().reconnectIntervalMax()));
        this.nanoClock = nanoClock;
    }

    /** Owner: the socket connects to an address, which ZeroMQ writes in its own way. */
    synchronized void connecting(String address, String written) {
        configured.put(written, address);
    }

    /** Owner: the socket leaves an address. */
    synchronized void forget(String address) {
        configured.entrySet().removeIf(entry -> {
            boolean left = entry.getValue().equals(address);
            if (left) {
                lostAtNanos.remove(entry.getKey());
            }
            return left;
        });
        waiting = !lostAtNanos.isEmpty();
    }

    /** I/O thread: a connection has ended. */
    synchronized void lost(String written) {
        if (configured.containsKey(written)) {
            lostAtNanos.put(written, nanoClock.getAsLong());
            waiting = true;
        }
    }

    /** I/O thread: ZeroMQ tries again, or has connected again. */
    synchronized void trying(String written) {
        lostAtNanos.remove(written);
        waiting = !lostAtNanos.isEmpty();
    }

    /** Whether there may be something to do. */
    boolean waiting() {
        return waiting;
    }

    /** Owner: connects again what has waited for long enough. */
    void reconnect(ZMQ.Socket zmq, Targets targets) {
        for (String written : due()) {
            String address = Objects.requireNonNull(configured.get(written));
            LOG.info("ZeroMQ had given up, connecting again socket={} address={}", socket, address);
            zmq.disconnect(address);
            try {
                SocketOpener.connect(zmq, address);
            } catch (ZMQException e) {
                if (!SocketOpener.isUnknown(e)) {
                    throw e;
                }
                targets.unknown(List.of(address));
            }
        }
    }

    private synchronized Iterable<String> due() {
        long now = nanoClock.getAsLong();
        var due = lostAtNanos.entrySet().stream()
                .filter(entry -> now - entry.getValue() >= waitNanos)
                .map(Map.Entry::getKey)
                .toList();
        due.forEach(this::trying);
        return due;
    }
}
