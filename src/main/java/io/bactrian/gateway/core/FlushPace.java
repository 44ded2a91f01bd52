package io.bactrian.gateway.core;

/**
 * When heartbeats are written behind that are due by their number. The next write begins only after a pause of several times what
 * the last one took, so that the database has the greater part of its time for others, and a producer that posts often costs one row
 * a pause. The pause is bounded, and there is none while much is unwritten. Times are in milliseconds, from 0 on. One thread at a time.
 */
public final class FlushPace {
    private static final int PAUSE_FACTOR = 4;
    private static final long PAUSE_MAX_MS = 1_000;

    private final int muchUnwritten;
    private long pauseUntilMs;

    /** {@code muchUnwritten}: with so many unwritten heartbeats there is no pause. */
    public FlushPace(int muchUnwritten) {
        this.muchUnwritten = muchUnwritten;
    }

    /** A write has ended. */
    public void ended(long beganMs, long nowMs) {
        pauseUntilMs = nowMs + Math.min(PAUSE_MAX_MS, PAUSE_FACTOR * (nowMs - beganMs));
    }

    /** How long to wait before the next write, 0 to begin at once. */
    public long delayMs(long unwritten, long nowMs) {
        return unwritten >= muchUnwritten ? 0 : Math.max(0, pauseUntilMs - nowMs);
    }
}
