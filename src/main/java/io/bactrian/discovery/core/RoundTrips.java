package io.bactrian.discovery.core;

import java.util.Arrays;

/** The last 64 round-trip times of a node. */
final class RoundTrips {
    private static final int KEPT = 64;
    private static final int MEDIAN = 50;
    private static final int NEARLY_ALL = 99;
    private static final int PERCENT = 100;

    private final int[] us = new int[KEPT];
    private int count;

    void add(long roundTripUs) {
        us[count++ % KEPT] = (int) Math.min(Integer.MAX_VALUE, roundTripUs);
        if (count == 2 * KEPT) {
            count = KEPT;
        }
    }

    long p50() {
        return percentile(MEDIAN);
    }

    long p99() {
        return percentile(NEARLY_ALL);
    }

    private long percentile(int percent) {
        int size = Math.min(count, KEPT);
        if (size == 0) {
            return -1;
        }
        int[] sorted = Arrays.copyOf(us, size);
        Arrays.sort(sorted);
        return sorted[Math.min(size - 1, size * percent / PERCENT)];
    }
}
