package io.bactrian.gateway.routes;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class LatencySummaryTest {
    private final LatencySummary summary = new LatencySummary();

    @Test
    void withoutTimesEverythingIsZero() {
        assertThat(summary.count()).isZero();
        assertThat(summary.max()).isZero();
        assertThat(summary.percentile(50)).isZero();
        assertThat(summary.percentile(99)).isZero();
    }

    @Test
    void aPercentileIsTheTimeWithinWhichSoManyWereDone() {
        for (int ms = 100; ms >= 1; ms--) {
            summary.add(ms);
        }
        assertThat(summary.count()).isEqualTo(100);
        assertThat(summary.percentile(50)).isEqualTo(50);
        assertThat(summary.percentile(99)).isEqualTo(99);
        assertThat(summary.percentile(100)).isEqualTo(100);
        assertThat(summary.max()).isEqualTo(100);
    }

    @Test
    void ofFewTimesEachCounts() {
        summary.add(3);
        summary.add(900);
        assertThat(summary.percentile(50)).isEqualTo(3);
        assertThat(summary.percentile(51)).isEqualTo(900);
        assertThat(summary.percentile(99)).isEqualTo(900);
    }

    @Test
    void timesOutOfRangeCountAtItsEnds() {
        summary.add(-5);
        summary.add(3_600_000);
        assertThat(summary.percentile(50)).isZero();
        assertThat(summary.percentile(99)).isEqualTo(60_000);
        assertThat(summary.max()).isEqualTo(3_600_000);
    }
}
