package io.bactrian.gateway.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bactrian.gateway.core.BalancerCore.Change;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BalancerCoreTest {
    private static final int PRODUCERS_MAX = 5;

    private static BalancerCore core(String... workers) {
        TargetPool pool = new TargetPool(
                new TargetPoolSettings(BalancerPolicy.ROUND_ROBIN, 10, 3, 1_000, 1_000, 50, 0), new Random(1)::nextInt);
        for (String worker : workers) {
            pool.join(worker, 0);
        }
        return new BalancerCore(pool, PRODUCERS_MAX);
    }

    @Test
    void aProducerKeepsItsWorkerUntilItRegistersAgain() {
        BalancerCore core = core("a", "b");
        Change first = core.register(1, 0).orElseThrow();
        assertThat(first.mapping().worker()).isEqualTo("a");
        assertThat(first.release()).isNull();
        assertThat(core.holds(core.mapping(1), 0)).isTrue();
        assertThat(core.reassign(1, 0)).isEmpty();
        assertThat(core.register(1, 0).orElseThrow().mapping().worker()).isEqualTo("b");
    }

    @Test
    void whoMovesAGrantedProducerIsToldWhoMustReleaseIt() {
        BalancerCore core = core("a", "b");
        core.register(1, 0);
        assertThat(core.claim("a", List.of(1L), 0)).singleElement().satisfies(change -> {
            assertThat(change.mapping().granted()).isTrue();
            assertThat(change.release()).isNull();
        });
        Change moved = core.register(1, 0).orElseThrow();
        assertThat(moved.mapping().worker()).isEqualTo("b");
        assertThat(moved.mapping().granted()).isFalse();
        assertThat(moved.release()).isEqualTo("a");
        assertThat(core.register(1, 0).orElseThrow().release())
                .as("b had it not granted")
                .isNull();
    }

    @Test
    void aProducerThatRegistersAtTheSameWorkerStaysGranted() {
        BalancerCore core = core("a");
        core.register(1, 0);
        core.claim("a", List.of(1L), 0);
        Change again = core.register(1, 0).orElseThrow();
        assertThat(again.release()).isNull();
        assertThat(again.mapping().granted()).isTrue();
    }

    @Test
    void aWorkerThatProducersPostToGetsThemFromTheFormerOne() {
        BalancerCore core = core("a", "b");
        core.claim("a", List.of(1L, 2L), 0);
        assertThat(core.claim("b", List.of(2L), 0)).singleElement().satisfies(change -> {
            assertThat(change.release()).isEqualTo("a");
            assertThat(change.mapping()).isEqualTo(core.mapping(2));
        });
        core.pool().fall("a");
        assertThat(core.claim("a", List.of(2L), 0)).as("of one that is out").isEmpty();
    }

    @Test
    void theProducersOfAWorkerThatIsOutGoToAnother() {
        BalancerCore core = core("a", "b");
        core.register(1, 0);
        core.pool().fall("a");
        assertThat(core.holds(core.mapping(1), 0)).isFalse();
        assertThat(core.reassign(1, 0).orElseThrow().mapping().worker()).isEqualTo("b");
        core.pool().fall("b");
        assertThat(core.reassign(1, 0)).isEmpty();
        assertThat(core.register(2, 0)).isEmpty();
    }

    @Test
    void theNumberOfProducersIsBounded() {
        BalancerCore core = core("a");
        for (long id = 1; id <= PRODUCERS_MAX; id++) {
            core.register(id, 0);
        }
        assertThatThrownBy(() -> core.register(99, 0)).isInstanceOf(CapacityException.class);
        assertThat(core.register(1, 0)).as("one that is known").isPresent();
        assertThat(core.claim("a", List.of(98L), 0)).isEmpty();
        assertThat(core.merge(new Mapping(97, "a", 1, false))).isFalse();
        assertThat(core.producers()).isEqualTo(PRODUCERS_MAX);
    }

    @Test
    void twoBalancersThatGiveAProducerTheSameWorkerAtTheSameTimeKnowThatItIsGranted() {
        BalancerCore one = core("a", "b");
        BalancerCore two = core("a", "b");
        Mapping registered = one.register(1, 0).orElseThrow().mapping();
        Mapping claimed = two.claim("a", List.of(1L), 0).get(0).mapping();
        assertThat(registered.version()).isEqualTo(claimed.version());
        two.merge(registered);
        one.merge(claimed);
        assertThat(one.mapping(1)).isEqualTo(two.mapping(1)).isEqualTo(claimed);
        assertThat(one.register(1, 0).orElseThrow().release()).isEqualTo("a");
    }

    /** Two balancers tell each other what changes, in any order and twice; in the end both know the same. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void twoBalancersAgreeInTheEnd(long seed) {
        Random random = new Random(seed);
        BalancerCore one = core("a", "b", "c");
        BalancerCore two = core("c", "b", "a");
        List<Mapping> underWay = new ArrayList<>();
        for (int step = 0; step < 500; step++) {
            BalancerCore here = random.nextBoolean() ? one : two;
            long id = random.nextInt(PRODUCERS_MAX);
            if (random.nextInt(3) == 0) {
                here.claim("a", List.of(id), 0).forEach(change -> underWay.add(change.mapping()));
            } else {
                here.register(id, 0).ifPresent(change -> underWay.add(change.mapping()));
            }
            if (random.nextInt(4) == 0) {
                Collections.shuffle(underWay, random);
                int some = random.nextInt(underWay.size() + 1);
                for (Mapping mapping : underWay.subList(0, some)) {
                    one.merge(mapping);
                    two.merge(mapping);
                }
            }
        }
        underWay.forEach(one::merge);
        underWay.forEach(two::merge);
        assertThat(two.mappings()).containsExactlyInAnyOrderElementsOf(one.mappings());
    }
}
