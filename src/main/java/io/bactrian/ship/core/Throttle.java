package io.bactrian.ship.core;

/** How much may be sent now under a limit for each second: a token bucket. Time comes from outside and may stand still. */
final class Throttle {
    private final long bytesPerSecond;
    private final long burstBytes;
    private double tokens;
    private long lastMs;
    private boolean started;

    /** No limit if it is 0. */
    Throttle(long bytesPerSecond) {
        this.bytesPerSecond = bytesPerSecond;
        // A tenth of a second at once, but so that the largest frame passes.
        burstBytes = Math.max(1, bytesPerSecond / 10);
    }

    /** Whether something may be sent; one frame may overdraw the account, and then the next waits. */
    boolean ready(long nowMs) {
        if (bytesPerSecond == 0) {
            return true;
        }
        if (!started) {
            started = true;
            tokens = burstBytes;
        } else {
            tokens = Math.min((double) burstBytes, tokens + Math.max(0, nowMs - lastMs) / 1000.0 * bytesPerSecond);
        }
        lastMs = nowMs;
        return tokens > 0;
    }

    void sent(long bytes) {
        tokens -= bytes;
    }
}
