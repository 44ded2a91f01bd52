package io.bactrian.speed.core;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** The last Average of each second. */
class AverageHistoryTest {
    private final AverageHistory history = new AverageHistory(3);

    @Test
    void theLastAverageOfASecondCountsAndEmptySecondsAreSeen() {
        history.add(10, 80);
        history.add(10, 81);
        history.add(12, 90);
        assertThat(history.until(12)).containsExactly(81L, AverageHistory.NONE, 90L);
    }

    @Test
    void whatIsOlderThanTheHistoryIsGone() {
        history.add(10, 80);
        assertThat(history.until(13)).containsOnly(AverageHistory.NONE);
        history.add(13, 70);
        history.add(10, 99);
        assertThat(history.until(13)).containsExactly(AverageHistory.NONE, AverageHistory.NONE, 70L);
    }
}
