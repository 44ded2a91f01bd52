package io.bactrian.app.bench;

import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** Counts the messages that arrive. One thread counts, one waits. */
final class Meter {
    private static final long WAIT_NANOS = 60_000_000_000L;

    private volatile long count;
    private volatile long expected = Long.MAX_VALUE;
    private volatile @Nullable Thread waiter;

    /** Counts messages; the receiving thread only. */
    @SuppressWarnings("NonAtomicOperationOnVolatileField")
    void add(long messages) {
        long now = count + messages;
        count = now;
        if (now >= expected) {
            LockSupport.unpark(waiter);
        }
    }

    long count() {
        return count;
    }

    /** Waits until that many messages have arrived since the beginning. */
    void await(long total) {
        long deadline = System.nanoTime() + WAIT_NANOS;
        waiter = Thread.currentThread();
        expected = total;
        while (count < total) {
            LockSupport.parkNanos(this, WAIT_NANOS / 1_000);
            if (System.nanoTime() - deadline >= 0) {
                throw new IllegalStateException("only " + count + " of " + total + " messages arrived");
            }
        }
        expected = Long.MAX_VALUE;
    }
}
