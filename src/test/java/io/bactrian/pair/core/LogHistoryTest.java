package io.bactrian.pair.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

/** Two logs agree on their common past. */
class LogHistoryTest {
    private static LogHistory log(long end, Long... starts) {
        return new LogHistory("a", 1, end, List.of(starts));
    }

    private static void common(LogHistory a, LogHistory b, long position) {
        assertThat(a.commonEnd(b)).isEqualTo(position);
        assertThat(b.commonEnd(a)).isEqualTo(position);
    }

    @Test
    void theShorterOfOneEpochIsTheCommonPast() {
        common(log(100, 1L), log(70, 1L), 70);
    }

    @Test
    void whatFollowsInDifferentEpochsIsNotCommon() {
        common(log(100, 1L, 51L, 51L), log(80, 1L, 61L), 50);
        common(log(100, 1L, 1L, 51L), log(80, 1L, 1L, 41L, 41L), 40);
    }

    @Test
    void emptyEpochsMakeNoDifference() {
        common(log(50, 1L, 51L, 51L), log(90, 1L, 51L, 51L, 51L), 50);
    }

    @Test
    void logsOfOtherIdsHaveNothingInCommon() {
        common(log(10, 1L), new LogHistory("b", 1, 10, List.of(1L)), 0);
        common(log(0, 1L), log(10, 1L), 0);
    }

    @Test
    void theLaterEpochOfTheLastEntryIsMoreRecent() {
        assertThat(log(60, 1L, 51L).isAsRecentAs(log(100, 1L))).isTrue();
        assertThat(log(100, 1L).isAsRecentAs(log(60, 1L, 51L))).isFalse();
        assertThat(log(100, 1L).isAsRecentAs(log(100, 1L, 101L))).isTrue();
        assertThat(log(0, 1L, 1L, 1L).isAsRecentAs(log(1, 1L))).isFalse();
    }
}
