package io.bactrian.pair.routes;

import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets whoever is about to append in, while the node is active. Closing it waits for those who are inside, so that nothing is
 * appended in an epoch for which it was not meant. Thread-safe.
 */
final class WriteGate {
    private static final Logger LOG = LoggerFactory.getLogger(WriteGate.class);
    private static final long WAIT_MS = 5_000;

    private boolean open;
    private int inside;

    synchronized boolean enter() {
        if (open) {
            inside++;
        }
        return open;
    }

    synchronized void leave() {
        inside--;
        notifyAll();
    }

    synchronized void open() {
        open = true;
    }

    /** Returns when nobody is inside, or after 5 s; the journal refuses those who are late. */
    synchronized void close() {
        open = false;
        long until = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(WAIT_MS);
        boolean interrupted = false;
        while (inside > 0 && until - System.nanoTime() > 0) {
            try {
                TimeUnit.NANOSECONDS.timedWait(this, Math.max(1, until - System.nanoTime()));
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (inside > 0) {
            LOG.warn("{} appends are still under way after {} ms", inside, WAIT_MS);
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
