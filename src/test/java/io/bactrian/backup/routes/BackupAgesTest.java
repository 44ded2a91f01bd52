package io.bactrian.backup.routes;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class BackupAgesTest {
    private static final long DAY_MS = TimeUnit.DAYS.toMillis(1);

    private final AtomicLong wallMs = new AtomicLong(1_700_000_000_000L);
    private final AtomicLong runNs = new AtomicLong(-5);
    private final Clock wall = new Clock() {
        @Override
        public Instant instant() {
            return Instant.ofEpochMilli(wallMs.get());
        }

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }
    };
    private final BackupAges clock = new BackupAges(wall, runNs::get);

    private void pass(long ms) {
        wallMs.addAndGet(ms);
        runNs.addAndGet(TimeUnit.MILLISECONDS.toNanos(ms));
    }

    @Test
    void itIsTheClockAsLongAsThatGoesOn() {
        pass(DAY_MS);
        assertThat(clock.millis()).isEqualTo(wallMs.get());
        wallMs.addAndGet(BackupAges.MARGIN_MS);
        assertThat(clock.millis()).as("set a little forwards").isEqualTo(wallMs.get());
        wallMs.addAndGet(-30 * DAY_MS);
        assertThat(clock.millis()).as("set back").isEqualTo(wallMs.get());
    }

    @Test
    void aJumpForwardsMakesNothingOld() {
        long beforeMs = clock.millis();
        wallMs.addAndGet(3650 * DAY_MS);
        assertThat(clock.millis()).isEqualTo(beforeMs + BackupAges.MARGIN_MS);
        pass(DAY_MS);
        assertThat(clock.millis()).isEqualTo(beforeMs + DAY_MS + BackupAges.MARGIN_MS);
        wallMs.addAndGet(-3650 * DAY_MS);
        assertThat(clock.millis()).as("set right again").isEqualTo(wallMs.get());
    }
}
