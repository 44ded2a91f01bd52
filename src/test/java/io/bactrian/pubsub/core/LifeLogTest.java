package io.bactrian.pubsub.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.wire.Batch;
import io.bactrian.wire.BatchBuilder;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Two logs never tell clients the same epoch, and an epoch of another log has no positions in this one. */
class LifeLogTest {
    private static final int LIFE = 50_000_000;

    private final MemoryLog log = new MemoryLog();

    @Test
    void aLogWithoutALifeCountsAsItAlwaysDid() {
        LifeLog told = told(0, Map.of());
        append(3);
        told.raiseEpoch(2);
        append(4);
        assertThat(told.epoch()).isEqualTo(2);
        assertThat(told.endOfEpoch(1)).isEqualTo(3);
        assertThat(told.endOfEpoch(2)).isEqualTo(7);
    }

    @Test
    void anEpochOfAFormerLogEndsBeforeTheFirstPosition() {
        LifeLog told = told(LIFE, Map.of());
        append(5);
        assertThat(told.epoch()).isEqualTo(LIFE + 1);
        assertThat(told.hasEpoch(7)).isFalse();
        assertThat(told.endOfEpoch(7)).isZero();
        assertThat(told.hasEpoch(LIFE + 1)).isTrue();
    }

    @Test
    void anotherLifeOfTheSameLogKeepsWhatTheFormerEpochsMean() {
        LifeLog told = told(LIFE, Map.of());
        append(5);
        told.raiseEpoch(LIFE + 2);
        append(5);
        told.raiseEpoch(LIFE + 900_000);
        append(5);
        assertThat(log.epoch()).as("a number for each epoch would be too many").isEqualTo(3);
        assertThat(told.epoch()).isEqualTo(LIFE + 900_000);
        assertThat(told.endOfEpoch(LIFE + 1)).isEqualTo(5);
        assertThat(told.endOfEpoch(LIFE + 2)).isEqualTo(10);
        assertThat(told.hasEpoch(LIFE + 500_000))
                .as("of the log between the two lives")
                .isFalse();
        assertThat(told.endOfEpoch(LIFE + 500_000)).isZero();

        Map<Integer, Integer> kept = new HashMap<>();
        told.lives().stream()
                .map(ControlRecord.LogLives.class::cast)
                .forEach(lives -> kept.put(lives.fromEpoch(), lives.life()));
        LifeLog again = told(LIFE, kept);
        assertThat(again.epoch()).isEqualTo(LIFE + 900_000);
        assertThat(again.endOfEpoch(LIFE + 2)).isEqualTo(10);
        again.raiseEpoch(LIFE + 900_001);
        assertThat(log.epoch()).isEqualTo(4);
    }

    @Test
    void logsThatWereMadeWhileTheClockWasWrongHaveNoEpochInCommon() {
        Set<Integer> lives = new HashSet<>();
        Random random = new Random(1);
        for (int made = 0; made < 100; made++) {
            lives.add(LogLife.of(random.nextLong(), 0));
        }
        assertThat(lives).hasSize(100);
        int rightClock = LogLife.at(1_798_000_000_000L);
        assertThat(lives).allSatisfy(life -> assertThat(life).isPositive().isLessThan(rightClock));
    }

    @Test
    void anotherLifeThatBeginsHasNothingOfTheEpochsInBetween() {
        LifeLog told = told(LIFE, Map.of());
        append(5);
        told.beginLife(LIFE + 4);
        append(5);
        assertThat(told.epoch()).isEqualTo(LIFE + 4);
        assertThat(told.endOfEpoch(LIFE + 1)).isEqualTo(5);
        assertThat(told.hasEpoch(LIFE + 3)).isFalse();
        assertThat(told.endOfEpoch(LIFE + 3)).isZero();
    }

    @Test
    void whatNoLogCanHaveToldIsNotBelieved() {
        long nowMs = 1_798_000_000_000L;
        int now = LogLife.at(nowMs);
        assertThat(LogLife.canHaveTold(now + 10, nowMs)).isTrue();
        assertThat(LogLife.canHaveTold(Integer.MAX_VALUE, nowMs)).isFalse();
        assertThat(LogLife.canHaveTold(Integer.MAX_VALUE, 0)).isFalse();
        assertThat(LogLife.canHaveTold(now, 0)).as("this clock knows nothing").isTrue();
        assertThat(LogLife.above(7, nowMs)).isGreaterThan(now);
        assertThat(LogLife.above(now, 0)).isGreaterThan(now);
    }

    @Test
    void aClockThatWasSetBackLowersNoEpoch() {
        append(5);
        assertThat(told(LIFE, Map.of(1, 1_000)).epoch()).isEqualTo(LIFE + 1);
    }

    private LifeLog told(int life, Map<Integer, Integer> lives) {
        log.life = life;
        LifeLog told = new LifeLog(log);
        told.load(new HubState(
                0,
                0,
                0,
                List.of(),
                List.of(),
                0,
                0,
                List.of(),
                List.of(),
                List.of(),
                Map.of(),
                log.identity(),
                lives,
                0,
                LogPosition.NONE));
        return told;
    }

    private void append(int count) {
        BatchBuilder batch = new BatchBuilder("p", "t", 1, 1);
        for (int i = 0; i < count; i++) {
            batch.append(new byte[0]);
        }
        Batch built = batch.build();
        log.append(List.of(built));
    }
}
