package io.bactrian.federation.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.testing.Seeds;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Nodes in three levels under cuts, lost messages, crashes and lost disks; properties as in {@link Seeds}, named {@code
 * bactrian.federation}. A failure names its seed.
 */
class TreeSimulationTest {
    private static final Seeds SEEDS = Seeds.of("bactrian.federation", 0, 200);

    /** What was wrong in the first seed in which something was; empty if nothing was. */
    private static List<String> first(Seeds seeds, TreeSimulation.Flaw flaw, int middle, int leaves) {
        return seeds.stream()
                .parallel()
                .mapToObj(seed -> {
                    List<String> problems = new TreeSimulation(seed, flaw, middle, leaves).run();
                    return problems.isEmpty() ? List.<String>of() : List.of("seed=" + seed + " " + problems);
                })
                .filter(problems -> !problems.isEmpty())
                .findFirst()
                .orElse(List.of());
    }

    @Test
    void allNodesHaveTheStateOfEachOwnerWhenTheFaultsAreOver() {
        assertThat(first(SEEDS, TreeSimulation.Flaw.NONE, 3, 3)).isEmpty();
    }

    @Test
    @Tag("simulation")
    void fiftyNodesToo() {
        assertThat(first(SEEDS, TreeSimulation.Flaw.NONE, 7, 6)).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "NONE")
    void aNodeThatIsBrokenOnPurposeIsFound(TreeSimulation.Flaw flaw) {
        assertThat(first(new Seeds(0, 20, false), flaw, 3, 3))
                .as("a flaw that nothing shows")
                .isNotEmpty();
    }

    @Test
    void aSeedIsAlwaysTheSameRun() {
        assertThat(new TreeSimulation(7, TreeSimulation.Flaw.NO_COMPARISON, 3, 3).run())
                .isEqualTo(new TreeSimulation(7, TreeSimulation.Flaw.NO_COMPARISON, 3, 3).run());
    }
}
