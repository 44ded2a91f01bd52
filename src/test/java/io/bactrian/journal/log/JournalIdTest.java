package io.bactrian.journal.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.Random;
import org.junit.jupiter.api.Test;

class JournalIdTest {
    @Test
    void anIdTellsTheHalfSecondInWhichTheJournalWasMade() {
        long made = Instant.parse("2031-05-06T07:08:09.600Z").toEpochMilli();
        long id = JournalId.draw(made, new Random(1));
        assertThat(JournalId.madeMs(id)).isEqualTo(made - 100);
        assertThat(JournalId.draw(made, new Random(2))).as("the rest is random").isNotEqualTo(id);
    }

    @Test
    void anIdThatWasDrawnWhileTheClockWasWrongTellsNothing() {
        for (int seed = 0; seed < 1_000; seed++) {
            assertThat(JournalId.madeMs(JournalId.draw(0, new Random(seed)))).isZero();
        }
    }
}
