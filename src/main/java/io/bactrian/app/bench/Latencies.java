package io.bactrian.app.bench;

import java.util.Arrays;
import java.util.Locale;

/** Times of single messages; one thread. What comes after the bound is not kept. */
final class Latencies {
    private final long[] nanos;
    private int count;

    Latencies(int max) {
        nanos = new long[Math.max(1, max)];
    }

    void add(long time) {
        if (count < nanos.length) {
            nanos[count++] = time;
        }
    }

    /** The time that so many of a hundred do not exceed, in microseconds; 0 without any. */
    double micros(int percent) {
        long[] sorted = Arrays.copyOf(nanos, count);
        Arrays.sort(sorted);
        return count == 0 ? 0 : sorted[Math.min(count - 1, count * percent / 100)] / 1e3;
    }

    /** {@code p50=... p99=...}, in microseconds. */
    String text() {
        return String.format(Locale.ROOT, "p50=%.1f p99=%.1f", micros(50), micros(99));
    }
}
