package io.bactrian.simulation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import org.junit.jupiter.api.Test;

/**
 * The production cores of publisher, hub and subscriber keep their promises on a network that loses, doubles, delays,
 * reorders and is cut, while every process crashes at any step.
 *
 * <p>Properties: {@code bactrian.simulation.seeds} (at least so many, default 300), {@code bactrian.simulation.seconds}
 * (go on for so long, default 30), {@code bactrian.simulation.seed} (replay only this one).
 */
class SimulationTest {
    @Test
    void everySeedKeepsEveryPromise() {
        Long replayed = Long.getLong("bactrian.simulation.seed");
        if (replayed != null) {
            Simulation.run(replayed, Flaw.NONE);
            return;
        }
        long seeds = Long.getLong("bactrian.simulation.seeds", 300);
        long untilNanos = System.nanoTime() + Long.getLong("bactrian.simulation.seconds", 30) * 1_000_000_000L;
        long seed = 1;
        while (seed <= seeds || System.nanoTime() < untilNanos) {
            Simulation.run(seed++, Flaw.NONE);
        }
        System.out.println("simulation: " + (seed - 1) + " seeds passed");
        assertThat(seed).isGreaterThan(seeds);
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
