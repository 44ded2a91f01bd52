package io.bactrian.pubsub.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class DeadLettersTest {
    @Test
    void numbersRiseWithTheEpochAndTheyAreTheOldOnesForTheFirstEpochs() {
        assertThat(DeadLetters.number(1, 2, 7)).isEqualTo((3L << 48) + 7);
        long before = 0;
        for (int epoch :
                new int[] {1, 2, (1 << 14) - 1, 1 << 14, (1 << 14) + 1, 200_000, (int) DeadLetters.EPOCHS_MAX}) {
            for (long position : new long[] {1, 2, (1L << 44) - 1}) {
                assertThat(DeadLetters.number(epoch, 0, position)).isGreaterThan(before);
                before = DeadLetters.number(epoch, 0, position);
            }
        }
    }

    @Test
    void numbersOfALogThatTellsWhenItWasMadeRiseWithEpochGenerationAndPosition() {
        int made = 57_000_000;
        long position = 1L << 40;
        long first = DeadLetters.number(made, 0, position);
        assertThat(DeadLetters.number(made, 0, position + 1)).isGreaterThan(first);
        assertThat(DeadLetters.number(made + 1, 0, position - 1_000_000))
                .as("the log has lost its end")
                .isGreaterThan(first);
        assertThat(DeadLetters.number(made, 1, 1)).as("back to the beginning").isGreaterThan(first);
        assertThat(DeadLetters.number(made, 200_000, (1L << 44) - 1)).isPositive();
    }

    @Test
    void withoutANumberThereIsAnError() {
        assertThatThrownBy(() -> DeadLetters.number(57_000_000, 1 << 20, 1))
                .isInstanceOf(BactrianException.class)
                .hasMessageContaining("another subscriber id");
        assertThatThrownBy(() -> DeadLetters.number(57_000_000, 1, 1L << 44)).isInstanceOf(BactrianException.class);
    }
}
