package io.bactrian.zeromq.socket;

import java.util.function.LongSupplier;

/** Sees that the wall clock was set back, by a clock that only moves on. One thread. */
final class WallClock {
    /** Less is taken for a clock that is slowed down. */
    static final long STEP_MS_MIN = 100;

    private final LongSupplier wallMs;
    private final LongSupplier nanoClock;
    private long aheadMs;

    /** Begins now, with clocks as {@link System#currentTimeMillis} and {@link System#nanoTime}. */
    WallClock(LongSupplier wallMs, LongSupplier nanoClock) {
        this.wallMs = wallMs;
        this.nanoClock = nanoClock;
        this.aheadMs = ahead();
    }

    private long ahead() {
        return wallMs.getAsLong() - nanoClock.getAsLong() / 1_000_000;
    }

    /** By how many milliseconds it was set back since the last call, 0 if it was not. */
    long setBackMs() {
        long before = aheadMs;
        aheadMs = ahead();
        long byMs = before - aheadMs;
        return byMs < STEP_MS_MIN ? 0 : byMs;
    }
}
