package io.bactrian.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

/** The simulation notices when a core, or what it relies on, does not do its part; so its silence means something. */
class BrokenCoresTest {
    private static final int SEEDS_MAX = 3000;

    /** Where the search begins for flaws that few seeds show, to save time. */
    private static final Map<Flaw, Long> FIRST_SEEDS = Map.of(
            Flaw.PATTERNS_NOT_KEPT, 150L,
            Flaw.STARTS_NOT_KEPT, 150L,
            Flaw.CHECKPOINT_AHEAD, 265L,
            Flaw.PURGE_IGNORES_CHECKPOINT, 160L,
            Flaw.PIECES_KEPT_OVER_A_CUT, 255L,
            Flaw.PASSED_OVER_NOT_KEPT, 255L,
            Flaw.LEFT_UNDER_NEW_EPOCH, 540L,
            Flaw.RESTORED_EPOCHS_NOT_RAISED, 2_400L,
            Flaw.FORMER_EPOCHS_FORGOTTEN, 3_325L,
            Flaw.REPEATS_NOT_KNOWN, 5_050L);

    @ParameterizedTest
    @EnumSource(value = Flaw.class, mode = Mode.EXCLUDE, names = "NONE")
    void aFlawIsCaught(Flaw flaw) {
        String caught = "";
        long first = FIRST_SEEDS.getOrDefault(flaw, 1L);
        for (long seed = first; seed < first + SEEDS_MAX && caught.isEmpty(); seed++) {
            try {
                Simulation.run(seed, flaw);
            } catch (Broken e) {
                caught = String.valueOf(e.getMessage());
                System.out.println(flaw + " seed=" + seed + ": "
                        + caught.lines().findFirst().orElse(""));
            }
        }
        assertThat(caught).as("what the simulation says of %s", flaw).isNotEmpty();
    }
}
