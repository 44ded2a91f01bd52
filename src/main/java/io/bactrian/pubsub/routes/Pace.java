package io.bactrian.pubsub.routes;

import java.time.Duration;
import java.util.function.BooleanSupplier;

/**
 * Has the intake yield to the feed: while a live subscriber lags, publishers get their acknowledgements later, and so send
 * less. A bound for each round keeps the intake going whatever the feed does. Thread-safe.
 */
final class Pace {
    private final long waitNanosMax;
    private long rounds;
    private long pacedRounds;

    /** {@code waitMax} bounds the wait of one round of the intake; 0 for none. */
    Pace(Duration waitMax) {
        waitNanosMax = waitMax.toNanos();
    }

    /** Waits while the feed lags, and at most for the bound. Ends at once, and stays interrupted, if the thread is interrupted. */
    void await(BooleanSupplier lags) {
        long started = System.nanoTime();
        boolean waited = false;
        while (true) {
            long seen = rounds();
            long left = waitNanosMax - (System.nanoTime() - started);
            if (left <= 0 || !lags.getAsBoolean()) {
                break;
            }
            waited = true;
            if (!awaitRound(seen, left)) {
                break;
            }
        }
        if (waited) {
            count();
        }
    }

    private synchronized boolean awaitRound(long seen, long nanos) {
        try {
            long until = System.nanoTime() + nanos;
            for (long left = nanos; rounds == seen && left > 0; left = until - System.nanoTime()) {
                wait(1 + left / 1_000_000);
            }
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private synchronized long rounds() {
        return rounds;
    }

    private synchronized void count() {
        pacedRounds++;
    }

    /** A round of the feed has ended. */
    synchronized void fed() {
        rounds++;
        notifyAll();
    }

    /** How many rounds of the intake have waited. */
    synchronized long pacedRounds() {
        return pacedRounds;
    }
}
