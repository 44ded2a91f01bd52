package io.bactrian.gateway.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class TargetPoolTest {
    private static final int ERRORS = 3;
    private static final long EJECTION_MS = 1_000;
    private static final long EJECTION_MAX_MS = 2_500;

    private final Random random = new Random(7);

    private TargetPool pool(BalancerPolicy policy, int slowStartMs, String... names) {
        TargetPool pool = new TargetPool(
                new TargetPoolSettings(policy, 10, ERRORS, EJECTION_MS, EJECTION_MAX_MS, 50, slowStartMs),
                random::nextInt);
        for (String name : names) {
            pool.join(name, 0);
        }
        return pool;
    }

    private static Map<String, Integer> assign(TargetPool pool, int keys, long nowMs) {
        Map<String, Integer> shares = new TreeMap<>();
        for (int key = 0; key < keys; key++) {
            pool.assign(key, nowMs).ifPresent(name -> shares.merge(name, 1, Integer::sum));
        }
        return shares;
    }

    @Test
    void roundRobinGivesEachInTurn() {
        TargetPool pool = pool(BalancerPolicy.ROUND_ROBIN, 0, "a", "b", "c");
        List<String> turns = new ArrayList<>();
        for (int i = 0; i < 7; i++) {
            turns.add(pool.assign(i, 0).orElseThrow());
        }
        assertThat(turns).containsExactly("a", "b", "c", "a", "b", "c", "a");
    }

    /** One that fails at once has the least to do, and would be chosen again and again. */
    @ParameterizedTest
    @EnumSource(BalancerPolicy.class)
    void aRequestThatHasFailedAtOneTargetGoesToAnother(BalancerPolicy policy) {
        TargetPool pool = pool(policy, 0, "a", "b", "c");
        for (long key = 0; key < 100; key++) {
            pool.begin(key, Set.of("a"), 0);
        }
        for (long key = 0; key < 100; key++) {
            Set<String> tried = new HashSet<>();
            for (int attempt = 0; attempt < 3; attempt++) {
                tried.add(pool.begin(key, tried, 0).orElseThrow());
            }
            assertThat(tried).containsExactlyInAnyOrder("a", "b", "c");
            assertThat(pool.begin(key, tried, 0)).isEmpty();
        }
    }

    @Test
    void leastRequestsEvensOut() {
        TargetPool pool = pool(BalancerPolicy.LEAST_REQUESTS, 0, "a", "b");
        for (int i = 0; i < 10; i++) {
            pool.count("a");
        }
        assertThat(assign(pool, 10, 0)).isEqualTo(Map.of("b", 10));
        assertThat(assign(pool, 10, 0)).isEqualTo(Map.of("a", 5, "b", 5));
    }

    @Test
    void powerOfTwoChoicesIsFarMoreEvenThanChance() {
        TargetPool pool = pool(BalancerPolicy.POWER_OF_TWO, 0, "a", "b", "c", "d", "e");
        assertThat(assign(pool, 5_000, 0).values())
                .hasSize(5)
                .allSatisfy(share -> assertThat(share).isCloseTo(1_000, within(15)));
    }

    @Test
    void stickyKeepsAKeyAndMovesOnlyTheKeysOfATargetThatIsOut() {
        TargetPool pool = pool(BalancerPolicy.STICKY, 0, "a", "b", "c");
        Map<Long, String> before = new HashMap<>();
        for (long key = 0; key < 3_000; key++) {
            before.put(key, pool.assign(key, 0).orElseThrow());
        }
        assertThat(before.values().stream().filter("a"::equals).count()).isCloseTo(1_000L, within(100L));
        pool.fall("b");
        before.forEach((key, name) -> {
            String now = pool.assign(key, 0).orElseThrow();
            assertThat(now).isNotEqualTo("b");
            assertThat(name.equals("b") || now.equals(name)).isTrue();
        });
        pool.rise("b", 0);
        before.forEach((key, name) -> assertThat(pool.assign(key, 0)).contains(name));
    }

    @ParameterizedTest
    @EnumSource(BalancerPolicy.class)
    void nobodyGetsATargetThatIsDownDrainingOrGone(BalancerPolicy policy) {
        TargetPool pool = pool(policy, 0, "a", "b", "c", "d");
        pool.fall("a");
        pool.drain("b");
        pool.leave("c");
        assertThat(assign(pool, 200, 0)).isEqualTo(Map.of("d", 200));
        pool.fall("d");
        assertThat(pool.assign(1, 0)).isEmpty();
        pool.rise("a", 0);
        assertThat(pool.assign(1, 0)).contains("a");
    }

    @Test
    void aDrainingTargetServesWhatItHas() {
        TargetPool pool = pool(BalancerPolicy.ROUND_ROBIN, 0, "a");
        pool.drain("a");
        assertThat(pool.serves("a", 0)).isTrue();
        pool.fall("a");
        assertThat(pool.serves("a", 0)).isFalse();
    }

    @Test
    void errorsInARowEjectForLongerEachTimeUpToALimit() {
        TargetPool pool = pool(BalancerPolicy.ROUND_ROBIN, 0, "a", "b");
        List<Long> ejections = new ArrayList<>();
        long nowMs = 0;
        for (int round = 0; round < 4; round++) {
            long ejectedMs = 0;
            for (int error = 0; error < ERRORS; error++) {
                assertThat(ejectedMs).isZero();
                ejectedMs = pool.report("a", true, nowMs);
            }
            ejections.add(ejectedMs);
            assertThat(assign(pool, 4, nowMs + ejectedMs - 1)).isEqualTo(Map.of("b", 4));
            nowMs += ejectedMs;
            assertThat(assign(pool, 4, nowMs)).isEqualTo(Map.of("a", 2, "b", 2));
        }
        assertThat(ejections).containsExactly(1_000L, 2_000L, 2_500L, 2_500L);
    }

    @Test
    void aSuccessBetweenErrorsStartsTheCountAnew() {
        TargetPool pool = pool(BalancerPolicy.ROUND_ROBIN, 0, "a", "b");
        for (int i = 0; i < 10; i++) {
            assertThat(pool.report("a", true, i)).isZero();
            assertThat(pool.report("a", true, i)).isZero();
            assertThat(pool.report("a", false, i)).isZero();
        }
    }

    @Test
    void atMostTheStatedShareIsEjected() {
        TargetPool pool = pool(BalancerPolicy.ROUND_ROBIN, 0, "a", "b", "c");
        for (String name : List.of("a", "b", "c")) {
            for (int error = 0; error < 2 * ERRORS; error++) {
                pool.report(name, true, 0);
            }
        }
        assertThat(pool.status(0))
                .filteredOn(target -> target.state() == TargetStatus.State.EJECTED)
                .hasSize(1);
    }

    @Test
    void aTargetThatComesBackGetsAGrowingShare() {
        TargetPool pool = pool(BalancerPolicy.ROUND_ROBIN, 10_000, "a", "b");
        pool.fall("b");
        pool.rise("b", 100_000);
        int early = assign(pool, 1_000, 101_000).get("b");
        int later = assign(pool, 1_000, 105_000).get("b");
        int full = assign(pool, 1_000, 110_000).get("b");
        assertThat(early).isBetween(20, 100);
        assertThat(later).isBetween(180, 320);
        assertThat(full).isEqualTo(500);
    }

    @Test
    void thePoolIsBounded() {
        TargetPool pool = pool(BalancerPolicy.ROUND_ROBIN, 0);
        for (int i = 0; i < 10; i++) {
            assertThat(pool.join("t" + i, 0)).isTrue();
        }
        assertThat(pool.join("one too many", 0)).isFalse();
        assertThat(pool.join("t3", 0)).as("one that is known").isTrue();
        assertThat(pool.names()).hasSize(10);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void whateverHappensOnlyUsableTargetsAreChosen(long seed) {
        Random events = new Random(seed);
        for (BalancerPolicy policy : BalancerPolicy.values()) {
            TargetPool pool = pool(policy, 500);
            Set<String> down = new HashSet<>();
            Set<String> there = new HashSet<>();
            for (int step = 0; step < 3_000; step++) {
                String name = "t" + events.nextInt(6);
                switch (events.nextInt(7)) {
                    case 0 -> {
                        pool.join(name, step);
                        there.add(name);
                    }
                    case 1 -> {
                        pool.leave(name);
                        there.remove(name);
                        down.remove(name);
                    }
                    case 2 -> {
                        pool.fall(name);
                        if (there.contains(name)) {
                            down.add(name);
                        }
                    }
                    case 3 -> {
                        pool.rise(name, step);
                        down.remove(name);
                    }
                    case 4 -> pool.report(name, events.nextBoolean(), step);
                    default -> {
                        Optional<String> chosen = pool.assign(events.nextInt(100), step);
                        chosen.ifPresent(target -> assertThat(there).contains(target));
                        chosen.ifPresent(target -> assertThat(down).doesNotContain(target));
                    }
                }
            }
        }
    }
}
