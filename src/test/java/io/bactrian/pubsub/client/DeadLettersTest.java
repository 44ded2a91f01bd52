package io.bactrian.pubsub.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class DeadLettersTest {
    @Test
    void numbersRiseWithTheEpochAndTheyAreTheOldOnesForTheFirstEpochs() {
        assertThat(DeadLetters.number(3, 7)).isEqualTo((3L << 48) + 7);
        long before = 0;
        for (long epoch : new long[] {1, 2, (1 << 14) - 1, 1 << 14, (1 << 14) + 1, 200_000, DeadLetters.EPOCHS_MAX}) {
            for (long position : new long[] {1, 2, (1L << 44) - 1}) {
                assertThat(DeadLetters.number(epoch, position)).isGreaterThan(before);
                before = DeadLetters.number(epoch, position);
            }
        }
        assertThatThrownBy(() -> DeadLetters.number(DeadLetters.EPOCHS_MAX + 1, 1))
                .isInstanceOf(BactrianException.class)
                .hasMessageContaining("another subscriber id");
    }
}
