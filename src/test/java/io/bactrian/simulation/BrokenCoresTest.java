package io.bactrian.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

/** The simulation notices when a core, or what it relies on, does not do its part; so its silence means something. */
class BrokenCoresTest {
    private static final int SEEDS_MAX = 3000;

    @ParameterizedTest
    @EnumSource(value = Flaw.class, mode = Mode.EXCLUDE, names = "NONE")
    void aFlawIsCaught(Flaw flaw) {
        String caught = "";
        for (long seed = 1; seed <= SEEDS_MAX && caught.isEmpty(); seed++) {
            try {
                Simulation.run(seed, flaw);
            } catch (Broken e) {
                caught = String.valueOf(e.getMessage());
                System.out.println(flaw + ": " + caught.lines().findFirst().orElse(""));
            }
        }
        assertThat(caught).as("what the simulation says of %s", flaw).isNotEmpty();
    }
}
