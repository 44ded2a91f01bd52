package io.bactrian.simulation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import io.bactrian.testing.Seeds;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * The production cores of publisher, hub and subscriber keep their promises on a network that loses, doubles, delays,
 * reorders and is cut, while every process crashes at any step.
 *
 * <p>Properties as in {@link Seeds}, named {@code bactrian.simulation}.
 */
@Tag("simulation")
class SimulationTest {
    private static final Seeds SEEDS = Seeds.of("bactrian.simulation", 1, 300);

    @Test
    void everySeedKeepsEveryPromise() {
        for (long seed : SEEDS.stream().toArray()) {
            Simulation.run(seed, Flaw.NONE);
        }
        System.out.println("simulation: " + SEEDS.count() + " seeds passed");
    }

    @Test
    void aSeedReplaysIdentically() {
        assertThat(Simulation.run(7, Flaw.NONE)).isEqualTo(Simulation.run(7, Flaw.NONE));
        assertThat(Simulation.run(7, Flaw.NONE)).isNotEqualTo(Simulation.run(8, Flaw.NONE));
    }

    @Test
    void aRunWithoutFaultsIsQuiet() {
        assertThatCode(() -> Simulation.run(1, Flaw.NONE, false)).doesNotThrowAnyException();
    }
}
