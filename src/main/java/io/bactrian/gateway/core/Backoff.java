package io.bactrian.gateway.core;

import java.util.function.DoubleSupplier;

/**
 * How long to wait before the next attempt: exponential, with full jitter, so that many clients that failed together do not
 * come back together.
 *
 * @param firstMs the longest first wait, in milliseconds
 * @param maxMs the longest wait of all
 */
public record Backoff(long firstMs, long maxMs) {
    private static final int SHIFT_MAX = 30;

    /**
     * The wait before an attempt.
     *
     * @param failures how many attempts have failed, from 1 on
     * @param random gives a number from 0 to below 1
     */
    public long waitMs(int failures, DoubleSupplier random) {
        long longest = Math.min(maxMs, firstMs << Math.min(Math.max(0, failures - 1), SHIFT_MAX));
        return 1 + (long) (random.getAsDouble() * longest);
    }
}
