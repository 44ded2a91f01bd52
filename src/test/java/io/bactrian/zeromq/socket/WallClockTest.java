package io.bactrian.zeromq.socket;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class WallClockTest {
    private long wallMs = 1_000_000;
    private long nanos = 42;
    private final WallClock clock = new WallClock(() -> wallMs, () -> nanos);

    private void pass(long ms) {
        wallMs += ms;
        nanos += ms * 1_000_000;
    }

    @Test
    void onlyAStepBackIsSeenAndEachOnce() {
        assertThat(clock.setBackMs()).isZero();
        pass(86_400_000);
        assertThat(clock.setBackMs()).isZero();
        wallMs += 3_600_000;
        assertThat(clock.setBackMs()).as("forwards").isZero();
        pass(100);
        wallMs -= 5_000;
        assertThat(clock.setBackMs()).isEqualTo(5_000);
        assertThat(clock.setBackMs()).isZero();
        wallMs -= 99;
        assertThat(clock.setBackMs()).as("slowed down").isZero();
    }
}
