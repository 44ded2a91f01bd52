package io.bactrian.zeromq.socket;

import java.util.function.IntConsumer;

/**
 * How long a socket waits for the greeting of a new connection. Where many connections begin at once, or the processors are
 * busy, a fixed time would end greetings that are only slow, and each that begins again makes the others slower. So the
 * time doubles when a connection has used it up, up to {@link #MAX_MS}, and halves when a greeting took less than the
 * socket's own interval, down to that. I/O threads.
 */
final class HandshakePatience {
    static final int MAX_MS = 30_000;

    /** A timer counts whole milliseconds, and begins a little after the connection. */
    private static final long MARGIN_NANOS = 20_000_000;

    private final int intervalMs;
    private int nowMs;
    private IntConsumer change = ms -> {};

    /** @param intervalMs what the socket was given, 0 for no limit */
    HandshakePatience(int intervalMs) {
        this.intervalMs = intervalMs;
        this.nowMs = intervalMs;
    }

    /** The socket is open, with its own interval; each other one is told. */
    synchronized void begin(IntConsumer change) {
        this.nowMs = intervalMs;
        this.change = change;
    }

    /** A connection has greeted. */
    synchronized void greeted(long afterNanos) {
        if (nowMs > intervalMs && afterNanos < intervalMs * 1_000_000L) {
            set(Math.max(intervalMs, nowMs / 2));
        }
    }

    /** A connection has ended that had not greeted. */
    synchronized void ended(long afterNanos) {
        if (intervalMs > 0 && nowMs < MAX_MS && afterNanos >= nowMs * 1_000_000L - MARGIN_NANOS) {
            set(Math.min(MAX_MS, 2 * nowMs));
        }
    }

    private void set(int ms) {
        nowMs = ms;
        change.accept(ms);
    }
}
