package io.bactrian.app.demo;

/** The longest time in which a count did not grow. Thread-safe. */
final class PauseMeter {
    private long count;
    private long grewNs;
    private long longestNs;

    /** Looks at the count; times are of {@link System#nanoTime}. */
    synchronized void look(long newCount, long nowNs) {
        if (newCount != count || count == 0) {
            count = newCount;
            longestNs = Math.max(longestNs, grewNs == 0 ? 0 : nowNs - grewNs);
            grewNs = nowNs;
        } else {
            longestNs = Math.max(longestNs, nowNs - grewNs);
        }
    }

    /** The longest one since the last call. */
    synchronized long longestNs() {
        long found = longestNs;
        longestNs = 0;
        return found;
    }
}
