package io.bactrian.pubsub.core;

/**
 * How many octets of a publisher may wait to be accepted. It adapts to how long the hub takes: more is no faster, it only
 * waits longer. So it grows while what is accepted has waited little longer than the shortest time of late, and shrinks
 * otherwise: it is small where the hub is near, and as large as it must be over a slow link.
 *
 * <p>While nothing at all is accepted, the hub is away or stands still, and as much may wait as is configured. Not
 * thread-safe; times are milliseconds of any clock that never goes back.
 */
final class PublisherWindow {
    private static final long BYTES_MIN = 256 << 10;
    private static final long BYTES_FIRST = 1 << 20;
    /** What is accepted may have waited so much longer than the shortest. */
    private static final long QUEUE_MS = 40;
    /** For so long the shortest time counts, once or twice. */
    private static final long PERIOD_MS = 10_000;
    /** So long nothing was accepted when as much as is configured may wait. */
    static final long STANDSTILL_MS = 500;

    private static final double GROWTH_MAX = 0.25;
    private static final double SHRINK_MAX = 0.5;

    private final long bytesMax;
    private final long bytesMin;
    private long bytes;
    private long shortestMs = Long.MAX_VALUE;
    private long formerShortestMs = Long.MAX_VALUE;
    private long periodEndMs = Long.MIN_VALUE;
    private long acceptedMs;
    /** In this period the window was not full all the time. */
    private boolean lessWaited;

    PublisherWindow(long bytesMax) {
        this.bytesMax = bytesMax;
        bytesMin = Math.min(bytesMax, BYTES_MIN);
        bytes = Math.min(bytesMax, BYTES_FIRST);
    }

    /** Whether so many octets more may wait. */
    boolean takes(long waiting, long more, long nowMs) {
        if (waiting == 0) {
            acceptedMs = nowMs;
            return true;
        }
        return waiting + more <= (nowMs - acceptedMs >= STANDSTILL_MS ? bytesMax : bytes);
    }

    /**
     * Some of what waited was accepted.
     *
     * @param octets of that
     * @param waited how many waited until now, these among them
     * @param tookMs how long these did
     */
    void accepted(long octets, long waited, long tookMs, long nowMs) {
        acceptedMs = nowMs;
        if (nowMs >= periodEndMs) {
            beginPeriod(nowMs);
        }
        shortestMs = Math.min(shortestMs, tookMs);
        lessWaited |= waited < bytes / 2;
        // By this factor the window would be right if all else stayed: each octet brings its part of that.
        long wantedMs = Math.min(shortestMs, formerShortestMs) + QUEUE_MS;
        double factor = (double) wantedMs / Math.max(1, tookMs);
        if (factor < 1) {
            bytes = Math.max(bytesMin, bytes - (long) (Math.min(1 - factor, SHRINK_MAX) * octets));
        } else if (waited >= bytes / 2) {
            bytes = Math.min(bytesMax, bytes + (long) (Math.min(factor - 1, GROWTH_MAX) * octets));
        }
    }

    /** Where much waits all the time, the shortest time is seen only after less has waited for a moment: so less may wait now. */
    private void beginPeriod(long nowMs) {
        periodEndMs = nowMs + PERIOD_MS;
        formerShortestMs = shortestMs;
        shortestMs = Long.MAX_VALUE;
        boolean full = !lessWaited;
        lessWaited = false;
        if (full && formerShortestMs != Long.MAX_VALUE) {
            double kept = (double) formerShortestMs / (formerShortestMs + QUEUE_MS);
            bytes = Math.max(bytesMin, (long) (Math.max(kept, SHRINK_MAX) * bytes));
        }
    }
}
