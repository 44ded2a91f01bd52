package io.bactrian.gateway.core;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class FlushPaceTest {
    private final FlushPace pace = new FlushPace(5_000);

    @Test
    void theFirstWriteBeginsAtOnce() {
        assertThat(pace.delayMs(100, 50_000)).isZero();
        assertThat(pace.delayMs(100, 0)).isZero();
    }

    @Test
    void theDatabaseHasFourTimesThePauseOfTheLastWrite() {
        pace.ended(1_000, 1_050);
        assertThat(pace.delayMs(100, 1_050)).isEqualTo(200);
        assertThat(pace.delayMs(100, 1_200)).isEqualTo(50);
        assertThat(pace.delayMs(100, 1_300)).isZero();
    }

    @Test
    void aSlowWriteDoesNotPutOffTheNextForMoreThanASecond() {
        pace.ended(0, 8_000);
        assertThat(pace.delayMs(100, 8_000)).isEqualTo(1_000);
    }

    @Test
    void thereIsNoPauseWhileMuchIsUnwritten() {
        pace.ended(0, 8_000);
        assertThat(pace.delayMs(5_000, 8_000)).isZero();
    }
}
