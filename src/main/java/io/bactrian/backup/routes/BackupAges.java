package io.bactrian.backup.routes;

import io.bactrian.support.timer.SteadyClock;
import java.time.Clock;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * The time by which backups are too old: that of the clock, but not ahead of what the process has run, but for a margin. So a
 * clock that jumps forwards for a moment deletes no backups; one that is ahead at the start does. It may be behind after a
 * sleep of the machine or a clock that was behind at the start: then old backups stay longer, up to their greatest number.
 * Any thread.
 */
final class BackupAges {
    /** By so much a clock may be set forwards at once. */
    static final long MARGIN_MS = TimeUnit.HOURS.toMillis(1);

    private final Clock clock;
    private final SteadyClock steady;

    /** Begins now. The second clock only moves on, as {@link System#nanoTime}. */
    BackupAges(Clock clock, LongSupplier nanoTime) {
        this.clock = clock;
        steady = new SteadyClock(clock, nanoTime);
    }

    /** Milliseconds since 1970. */
    long millis() {
        return Math.min(clock.millis(), steady.millis() + MARGIN_MS);
    }
}
