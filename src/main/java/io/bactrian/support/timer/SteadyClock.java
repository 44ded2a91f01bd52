package io.bactrian.support.timer;

import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * The wall clock's time when the process began, and since then what has passed by a clock that only moves on. So a wall clock
 * that is set makes nobody absent, idle or old, and lets nothing wait. What people read is told by {@link #wallMs}. Any
 * thread.
 */
public final class SteadyClock extends Clock {
    private final Clock wall;
    private final LongSupplier nanoTime;
    private final long startedMs;
    private final long startedNs;

    /** Begins now. The second clock only moves on, as {@link System#nanoTime}. */
    public SteadyClock(Clock wall, LongSupplier nanoTime) {
        this.wall = wall;
        this.nanoTime = nanoTime;
        startedMs = wall.millis();
        startedNs = nanoTime.getAsLong();
    }

    /** Milliseconds since 1970 as they would be if nobody had set the wall clock. */
    @Override
    public long millis() {
        return startedMs + TimeUnit.NANOSECONDS.toMillis(nanoTime.getAsLong() - startedNs);
    }

    /** Returns the time of the wall clock, as it is set now, for a time of this clock. */
    public long wallMs(long steadyMs) {
        return steadyMs + wall.millis() - millis();
    }

    @Override
    public Instant instant() {
        return Instant.ofEpochMilli(millis());
    }

    @Override
    public ZoneId getZone() {
        return wall.getZone();
    }

    @Override
    public Clock withZone(ZoneId zone) {
        return new SteadyClock(wall.withZone(zone), nanoTime);
    }
}
