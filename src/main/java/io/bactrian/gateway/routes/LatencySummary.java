package io.bactrian.gateway.routes;

/** Counts times up to a minute to the millisecond, in bounded memory. Any thread. */
final class LatencySummary {
    private static final int MAX_MS = 60_000;

    private final long[] counts = new long[MAX_MS + 1];
    private long count;
    private long max;

    synchronized void add(long ms) {
        counts[(int) Math.max(0, Math.min(MAX_MS, ms))]++;
        count++;
        max = Math.max(max, ms);
    }

    synchronized long count() {
        return count;
    }

    synchronized long max() {
        return max;
    }

    /** The time within which so many percent were done, 0 if there were none; {@value #MAX_MS} stands for that or more. */
    synchronized long percentile(int percent) {
        long rank = (count * percent + 99) / 100;
        long seen = 0;
        for (int ms = 0; ms <= MAX_MS; ms++) {
            seen += counts[ms];
            if (seen >= rank) {
                return count == 0 ? 0 : ms;
            }
        }
        return MAX_MS;
    }
}
