package io.bactrian.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/**
 * Two hubs on a pair, their witness and their clients keep every promise through faults of every kind.
 *
 * <p>Properties: {@code bactrian.pair.hub.seeds} (how many), {@code bactrian.pair.hub.from} (the first, default 1), {@code
 * bactrian.pair.hub.seed} (replay only this one).
 */
class HubPairSimulationTest {
    @Test
    void everySeedKeepsEveryPromise() {
        Long replayed = Long.getLong("bactrian.pair.hub.seed");
        if (replayed != null) {
            HubPairSimulation.run(replayed, PairFlaw.NONE, true);
            return;
        }
        long from = Long.getLong("bactrian.pair.hub.from", 1);
        long seeds = Long.getLong("bactrian.pair.hub.seeds", 60);
        long takeovers = 0;
        long messages = 0;
        for (long seed = from; seed < from + seeds; seed++) {
            HubPairSimulation.Outcome outcome = HubPairSimulation.run(seed, PairFlaw.NONE, true);
            takeovers += outcome.takeovers();
            messages += outcome.messages();
        }
        System.out.println("hubs on a pair: seeds=" + seeds + " takeovers=" + takeovers + " messages=" + messages);
        assertThat(takeovers / (double) seeds).as("takeovers a run").isGreaterThan(2);
        assertThat(messages / seeds).as("messages a run").isGreaterThan(50);
    }

    @Test
    void aSeedReplaysIdentically() {
        assertThat(HubPairSimulation.run(7, PairFlaw.NONE, true))
                .isEqualTo(HubPairSimulation.run(7, PairFlaw.NONE, true));
    }
}
