package io.bactrian.support.database;

import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * One sync for all who wait for one: whoever asks while a sync runs is served by the next, together with all who asked
 * meanwhile. Thread-safe.
 */
final class GroupSync {
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private long asked;
    private long done;
    private boolean running;
    private long failed;
    private @Nullable RuntimeException failure;

    /**
     * Returns after a sync that began after the call.
     *
     * @param sync is run by one of those who wait; if it fails, it fails for all of them
     */
    void run(Runnable sync) {
        lock.lock();
        try {
            long mine = ++asked;
            while (done < mine) {
                if (failure != null && failed >= mine) {
                    throw failure;
                } else if (running) {
                    changed.awaitUninterruptibly();
                } else {
                    lead(sync);
                }
            }
        } finally {
            lock.unlock();
        }
    }

    /** Holds the lock, but not while it syncs. */
    private void lead(Runnable sync) {
        long upTo = asked;
        running = true;
        lock.unlock();
        RuntimeException thrown = null;
        try {
            sync.run();
        } catch (RuntimeException e) {
            thrown = e;
        }
        lock.lock();
        running = false;
        if (thrown == null) {
            done = upTo;
        } else {
            failed = upTo;
            failure = thrown;
        }
        changed.signalAll();
    }
}
