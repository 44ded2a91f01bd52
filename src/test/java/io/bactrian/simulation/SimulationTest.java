package io.bactrian.simulation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import org.junit.jupiter.api.Test;

/**
 * The production cores of publisher, hub and subscriber keep their promises on a network that loses, doubles, delays,
 * reorders and is cut, while every process crashes at any step.
 *
 * <p>Properties: {@code bactrian.simulation.seeds} (how many, default 300), {@code bactrian.simulation.from} (the first,
 * default 1), {@code bactrian.simulation.seed} (replay only this one).
 */
class SimulationTest {
    @Test
    void everySeedKeepsEveryPromise() {
        Long replayed = Long.getLong("bactrian.simulation.seed");
        if (replayed != null) {
            Simulation.run(replayed, Flaw.NONE);
            return;
        }
        long from = Long.getLong("bactrian.simulation.from", 1);
        long seeds = Long.getLong("bactrian.simulation.seeds", 300);
        for (long seed = from; seed < from + seeds; seed++) {
            Simulation.run(seed, Flaw.NONE);
        }
        System.out.println("simulation: " + seeds + " seeds passed");
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
