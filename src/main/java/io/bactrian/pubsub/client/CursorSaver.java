package io.bactrian.pubsub.client;

import io.bactrian.support.thread.NamedThreads;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The thread that saves a subscriber's cursor: an interval after something has changed, when woken, and at the close. It is
 * never interrupted, as an interrupt closes the file of an embedded database. What cannot be saved is tried again after the
 * interval; until then nothing is acknowledged to the hub, and it sends no more than the window.
 */
final class CursorSaver implements Inbox.Listener {
    private static final Logger LOG = LoggerFactory.getLogger(CursorSaver.class);

    /** Saves; {@code mayAdvance} is false while somebody else may be writing the same cursor. */
    interface Work {
        void run(boolean mayAdvance);
    }

    private final Work work;
    private final boolean own;
    private final long intervalMs;
    private final Object signal = new Object();
    private final String id;
    private final Thread thread;
    /** Something is to be saved, at {@link #dueNanos} at the latest. Written while {@link #signal} is held. */
    private volatile boolean changed;

    private long dueNanos;
    private boolean woken;
    private volatile boolean saveLast = true;
    private volatile boolean closing;
    private volatile @Nullable String problem;

    CursorSaver(Work work, ClientSettings settings, NamedThreads threads) {
        this.work = work;
        this.id = settings.id;
        this.own = settings.acknowledge != Acknowledge.TRANSACTIONAL;
        this.intervalMs = settings.saveInterval.toMillis();
        thread = threads.newThread("bactrian-cursor-" + settings.id, this::run);
    }

    void start() {
        thread.start();
    }

    /** Has it look soon. Never blocks. */
    @Override
    public void hurry() {
        synchronized (signal) {
            woken = true;
            signal.notifyAll();
        }
    }

    /** Has it look after an interval, if it saves by itself. Never blocks. */
    @Override
    public void progressed() {
        if (own && !changed) {
            later();
        }
    }

    private void later() {
        synchronized (signal) {
            dueNanos = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(intervalMs);
            changed = true;
            signal.notifyAll();
        }
    }

    /** Why the cursor cannot be saved now, null if all is well. */
    @Nullable String problem() {
        return problem;
    }

    private void run() {
        while (!closing) {
            try {
                await();
            } catch (InterruptedException e) {
                LOG.warn("the thread of a cursor is not to be interrupted subscriber={}", id, e);
            }
            attempt(own);
        }
        if (saveLast) {
            attempt(true);
        }
    }

    private void await() throws InterruptedException {
        synchronized (signal) {
            while (!woken) {
                if (!changed) {
                    signal.wait();
                    continue;
                }
                long leftMs = TimeUnit.NANOSECONDS.toMillis(dueNanos - System.nanoTime() + 999_999);
                if (leftMs <= 0) {
                    break;
                }
                signal.wait(leftMs);
            }
            woken = false;
            changed = false; // before it looks, so that what changes meanwhile counts
        }
    }

    /** Looks now, on the thread that processes messages, which therefore writes no cursor of its own meanwhile. */
    void step() {
        attempt(true);
    }

    /** Runs something while nothing else is saved. */
    synchronized void exclusively(Runnable saves) {
        saves.run();
    }

    private synchronized void attempt(boolean mayAdvance) {
        try {
            work.run(mayAdvance);
            problem = null;
        } catch (RuntimeException e) {
            if (problem == null) {
                LOG.warn("a cursor cannot be saved, tries again every {} ms subscriber={}", intervalMs, id, e);
            }
            problem = String.valueOf(e.getMessage());
            later();
        }
    }

    /** Ends, and saves for the last time if that is wanted. */
    void close(boolean save) {
        saveLast = save;
        closing = true;
        hurry();
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
