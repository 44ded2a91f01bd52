package io.bactrian.discovery.routes;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.apache.camel.CamelContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Wakes a router when something is due, and not before: a router in peace has little to do. One thread of its own; any thread
 * may say that something is due sooner.
 */
final class RouterClock implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(RouterClock.class);
    /** So long it sleeps at least, also if a tick that failed has left something due. */
    private static final long SLEEP_MIN_MS = 10;
    /** It wakes up so often at least. */
    private static final long SLEEP_MAX_MS = 1_000;

    private static final long STOP_MS = 5_000;

    private final LongSupplier nowMs;
    private final LongSupplier dueMs;
    private final Runnable tick;
    private final Thread thread;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition sooner = lock.newCondition();
    private long wakesAtMs;
    private boolean closed;

    /**
     * A clock that does not run yet.
     *
     * @param nowMs the time
     * @param dueMs when something is due next, by the same clock
     * @param tick does what is due; called by the thread of this clock
     */
    RouterClock(CamelContext context, LongSupplier nowMs, LongSupplier dueMs, Runnable tick) {
        this.nowMs = nowMs;
        this.dueMs = dueMs;
        this.tick = tick;
        thread = context.getExecutorServiceManager().newThread("bactrian-discovery-clock", this::run);
    }

    void start() {
        thread.start();
    }

    /** Something is due at that time; a later time than was known changes nothing. */
    void due(long atMs) {
        lock.lock();
        try {
            if (atMs < wakesAtMs) {
                wakesAtMs = atMs;
                sooner.signal();
            }
        } finally {
            lock.unlock();
        }
    }

    private void run() {
        while (sleep()) {
            try {
                tick.run();
            } catch (RuntimeException e) {
                // The route's error handling has told it; time goes on.
                LOG.debug("a tick of the discovery failed: {}", e.toString());
            }
        }
    }

    /** Sleeps until something is due; false when the clock is closed. */
    private boolean sleep() {
        lock.lock();
        try {
            long now = nowMs.getAsLong();
            wakesAtMs = Math.max(Math.min(dueMs.getAsLong(), now + SLEEP_MAX_MS), now + SLEEP_MIN_MS);
            while (!closed) {
                long leftMs = wakesAtMs - nowMs.getAsLong();
                if (leftMs <= 0) {
                    // Until the next sleep nobody needs to call.
                    wakesAtMs = Long.MIN_VALUE;
                    return true;
                }
                if (sooner.await(leftMs, TimeUnit.MILLISECONDS)) {
                    LOG.trace("something is due sooner");
                }
            }
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            sooner.signal();
        } finally {
            lock.unlock();
        }
        try {
            thread.join(STOP_MS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
