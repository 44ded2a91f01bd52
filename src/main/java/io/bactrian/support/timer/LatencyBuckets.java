package io.bactrian.support.timer;

import java.time.Duration;

/** The bounds of histograms of what touches a disk, from what a fast one needs to what an operator is called for. */
public final class LatencyBuckets {
    private static final long[] MICROS = {
        200,
        500,
        1_000,
        2_000,
        5_000,
        10_000,
        20_000,
        50_000,
        100_000,
        200_000,
        500_000,
        1_000_000,
        2_000_000,
        5_000_000,
        10_000_000
    };

    private LatencyBuckets() {}

    /** The bounds, the lowest first. */
    public static Duration[] bounds() {
        Duration[] bounds = new Duration[MICROS.length];
        for (int i = 0; i < bounds.length; i++) {
            bounds[i] = Duration.ofNanos(MICROS[i] * 1_000);
        }
        return bounds;
    }
}
