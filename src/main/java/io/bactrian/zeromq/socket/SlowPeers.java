package io.bactrian.zeromq.socket;

import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * The peers of a router that took no more. A peer that leaves takes nothing in the moment before ZeroMQ drops its connection, which
 * is no fault: a warning is due only for a peer that still takes nothing a second later, or that takes messages again. Owner thread only.
 */
final class SlowPeers {
    private static final long LEAVING_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final int REMEMBERED_MAX = 1_000;

    private final LongSupplier nanoClock;
    private final Map<ByteBuffer, Long> sinceNanos = new LinkedHashMap<>();

    SlowPeers(LongSupplier nanoClock) {
        this.nanoClock = nanoClock;
    }

    boolean isEmpty() {
        return sinceNanos.isEmpty();
    }

    /** A message to this peer was dropped. Returns whether to warn. */
    boolean full(byte[] peer) {
        long now = nanoClock.getAsLong();
        Long since = sinceNanos.putIfAbsent(ByteBuffer.wrap(peer), now);
        if (sinceNanos.size() > REMEMBERED_MAX) {
            sinceNanos.remove(sinceNanos.keySet().iterator().next());
        }
        return since != null && now - since > LEAVING_NANOS;
    }

    /** A message to this peer was sent. Returns whether to warn: it lives, and messages before this one were dropped. */
    boolean took(byte[] peer) {
        return sinceNanos.remove(ByteBuffer.wrap(peer)) != null;
    }

    /** ZeroMQ knows this peer no more. */
    void left(byte[] peer) {
        sinceNanos.remove(ByteBuffer.wrap(peer));
    }
}
