package io.bactrian.gateway.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;

class BackoffTest {
    private static final double ALMOST_ONE = Math.nextDown(1.0);

    private final Backoff backoff = new Backoff(200, 10_000);

    @Test
    void theLongestWaitDoublesWithEachFailureUpToTheLongestOfAll() {
        assertThat(backoff.waitMs(1, () -> ALMOST_ONE)).isEqualTo(200);
        assertThat(backoff.waitMs(2, () -> ALMOST_ONE)).isEqualTo(400);
        assertThat(backoff.waitMs(6, () -> ALMOST_ONE)).isEqualTo(6_400);
        assertThat(backoff.waitMs(7, () -> ALMOST_ONE)).isEqualTo(10_000);
    }

    @Test
    void theWaitIsAnyPartOfTheLongestButNeverNone() {
        assertThat(backoff.waitMs(3, () -> 0)).isEqualTo(1);
        assertThat(backoff.waitMs(3, () -> 0.5)).isEqualTo(401);
        Random random = new Random(7);
        assertThat(random.ints(1_000, 1, 100).mapToLong(failures -> backoff.waitMs(failures, random::nextDouble)))
                .allMatch(ms -> ms >= 1 && ms <= 10_000)
                .as("clients that failed together do not come back together")
                .satisfies(
                        waits -> assertThat(waits.stream().distinct().count()).isGreaterThan(500));
    }

    @Test
    void anEndlessNumberOfFailuresIsNoLongerWait() {
        assertThat(backoff.waitMs(Integer.MAX_VALUE, () -> ALMOST_ONE)).isEqualTo(10_000);
        assertThat(new Backoff(3_600_000, 86_400_000).waitMs(Integer.MAX_VALUE, () -> ALMOST_ONE))
                .isEqualTo(86_400_000);
    }
}
