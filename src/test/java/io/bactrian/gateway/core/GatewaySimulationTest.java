package io.bactrian.gateway.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.gateway.core.GatewaySimulation.Flaw;
import io.bactrian.testing.Seeds;
import java.util.Optional;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Whole gateways of production cores; properties as in {@link Seeds}, named {@code bactrian.gateway}. */
class GatewaySimulationTest {
    private static final Seeds SEEDS = Seeds.of("bactrian.gateway", 1, 40);
    private static final int SEEDS_FLAW_MAX = 2_000;

    @Test
    void noAnswerIsEverStale() {
        long reads = 0;
        long fromMemory = 0;
        long accepted = 0;
        long hidden = 0;
        long late = 0;
        long moves = 0;
        for (long seed : SEEDS.stream().toArray()) {
            GatewaySimulation simulation = new GatewaySimulation(seed, Flaw.NONE);
            assertThat(simulation.run()).as("seed %d", seed).isEmpty();
            reads += simulation.reads;
            fromMemory += simulation.readsFromMemory;
            accepted += simulation.accepted;
            hidden += simulation.hidden;
            late += simulation.late;
            moves += simulation.moves;
        }
        if (SEEDS.isReplay()) {
            return;
        }
        assertThat(reads).isGreaterThan(100 * SEEDS.count());
        assertThat(accepted).isGreaterThan(100 * SEEDS.count());
        assertThat(hidden).as("of %d accepted", accepted).isLessThan(accepted / 20);
        assertThat(late).as("of %d reads", reads).isLessThan(reads / 100);
        assertThat(fromMemory).as("reads from memory of %d", reads).isGreaterThan(reads / 10);
        assertThat(moves)
                .as("producers that were taken from a worker that had them alone")
                .isGreaterThan(SEEDS.count());
    }

    /** Looked for from a seed on that is near one that shows it, as some take long to find. */
    @ParameterizedTest
    @CsvSource({
        "LEASE_RUNS_FROM_THE_ANSWER, 10",
        "MOVE_WITHOUT_RELEASE, 1",
        "RELEASE_BEFORE_THE_WRITE, 120",
        "GRANT_THOUGH_ANOTHER_BALANCER_REFUSED, 35",
        "NO_SECOND_LOOK_AT_THE_LEASE, 1",
        "READER_KEEPS_WHAT_A_WRITE_HAS_REPLACED, 1",
        "LEASE_RENEWED_WHILE_REVOKED, 130",
        "LEASE_OF_ONE_BALANCER_IS_ENOUGH, 1"
    })
    void aFlawIsFound(Flaw flaw, long from) {
        Optional<Long> found = LongStream.range(from, from + SEEDS_FLAW_MAX)
                .filter(seed -> new GatewaySimulation(seed, flaw).run().isPresent())
                .boxed()
                .findFirst();
        assertThat(found).as("a seed that shows %s", flaw).isPresent();
    }

    @Test
    void everyFlawIsLookedFor() throws NoSuchMethodException {
        CsvSource flaws = GatewaySimulationTest.class
                .getDeclaredMethod("aFlawIsFound", Flaw.class, long.class)
                .getAnnotation(CsvSource.class);
        assertThat(flaws.value()).hasSize(Flaw.values().length - 1);
    }
}
