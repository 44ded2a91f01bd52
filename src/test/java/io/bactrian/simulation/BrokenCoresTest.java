package io.bactrian.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

/** The simulation notices when a core, or what it relies on, does not do its part; so its silence means something. */
@Tag("simulation")
class BrokenCoresTest {
    private static final int SEEDS_MAX = 3000;

    /** Where the search begins for flaws that few seeds show, to save time. */
    private static final Map<Flaw, Long> FIRST_SEEDS = Map.ofEntries(
            Map.entry(Flaw.EPOCH_NOT_RAISED, 85L),
            Map.entry(Flaw.LOST_RANGE_NOT_TOLD, 45L),
            Map.entry(Flaw.PATTERNS_NOT_KEPT, 1_435L),
            Map.entry(Flaw.STARTS_NOT_KEPT, 5_820L),
            Map.entry(Flaw.CHECKPOINT_AHEAD, 4_005L),
            Map.entry(Flaw.PURGE_IGNORES_CHECKPOINT, 220L),
            Map.entry(Flaw.PIECES_KEPT_OVER_A_CUT, 1_545L),
            Map.entry(Flaw.PASSED_OVER_NOT_KEPT, 345L),
            Map.entry(Flaw.LEFT_UNDER_NEW_EPOCH, 6_295L),
            Map.entry(Flaw.RESTORED_EPOCHS_NOT_RAISED, 4_005L),
            Map.entry(Flaw.FORMER_EPOCHS_FORGOTTEN, 4_005L),
            Map.entry(Flaw.REPEATS_NOT_KNOWN, 8_390L));

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
