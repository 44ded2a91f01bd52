package io.bactrian.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.simulation.PairSimulation.Defect;
import io.bactrian.testing.Seeds;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Seeded runs of a pair through faults of every kind; properties as in {@link Seeds}, named {@code bactrian.pair}. */
class PairSimulationTest {
    private static final Seeds SEEDS = Seeds.of("bactrian.pair", 0, 500);
    private static final int STEPS = 2_500;
    private static final int TRACE_MAX = 5_000;
    private static final int SEEDS_TO_CATCH = 150;

    @Test
    void withAWitnessNothingAcknowledgedIsEverLostOrChanged() {
        run(true, SEEDS);
    }

    @Test
    void withoutAWitnessThePairComesRightAgain() {
        run(false, SEEDS.part(4));
    }

    private static void run(boolean witnessed, Seeds seeds) {
        long acknowledgements = 0;
        long takeovers = 0;
        long moved = 0;
        long damages = 0;
        long refusals = 0;
        for (long seed : seeds.stream().toArray()) {
            PairSimulation simulation = new PairSimulation(seed, witnessed, Defect.NONE);
            try {
                simulation.run(STEPS);
            } catch (AssertionError | RuntimeException e) {
                throw new AssertionError(
                        "seed=" + seed + " witnessed=" + witnessed + ": " + e.getMessage() + "\n"
                                + String.join(
                                        "\n",
                                        simulation.trace.stream()
                                                .limit(TRACE_MAX)
                                                .toList()),
                        e);
            }
            acknowledgements += simulation.acknowledgements();
            takeovers += simulation.takeovers;
            moved += simulation.movedAside;
            damages += simulation.damages;
            refusals += simulation.refusals;
        }
        if (seeds.isReplay()) {
            return;
        }
        assertThat(acknowledgements / seeds.count())
                .as("acknowledgements a run")
                .isGreaterThan(50);
        assertThat(takeovers / seeds.count()).as("takeovers a run").isGreaterThan(2);
        assertThat(moved).as("logs that had parted").isPositive();
        if (witnessed) {
            assertThat(damages / seeds.count()).as("damaged entries a run").isPositive();
            assertThat(refusals / seeds.count())
                    .as("entries in blocks that a disk refused, a run")
                    .isPositive();
        }
    }

    @ParameterizedTest
    @EnumSource(value = Defect.class, names = "NONE", mode = EnumSource.Mode.EXCLUDE)
    void aCoreThatIsBrokenOnPurposeIsCaught(Defect defect) {
        assertThat(caught(defect)).as("a seed that shows it").isPresent();
    }

    private static Optional<String> caught(Defect defect) {
        for (long seed = 0; seed < SEEDS_TO_CATCH; seed++) {
            try {
                // With a witness its record stands in for the forgotten epoch.
                new PairSimulation(seed, defect != Defect.EPOCH_IS_NOT_DURABLE, defect).run(STEPS);
            } catch (PairSimulation.BrokenRule e) {
                return Optional.of(e.getMessage());
            }
        }
        return Optional.empty();
    }
}
