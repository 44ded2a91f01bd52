package io.bactrian.discovery.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.testing.Seeds;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Whole clusters of production cores; properties as in {@link Seeds}, named {@code bactrian.discovery.simulation} for small
 * clusters and {@code bactrian.discovery.simulation.large} for large ones.
 */
@Tag("simulation")
class DiscoverySimulationTest {
    private static final Seeds SEEDS = Seeds.of("bactrian.discovery.simulation", 0, 200);
    private static final Seeds LARGE_SEEDS = Seeds.of("bactrian.discovery.simulation.large", 0, 10);
    /** Registries are equal within so many comparisons of digests, which are 400 ms apart. */
    private static final int ROUNDS_MAX = 50;

    private static final int ROUND_MS = RouterSettings.defaults().syncIntervalMs();

    private static SimCluster cluster(long seed, int routers, int sensors, boolean encoded) {
        return new SimCluster(seed, routers, sensors, RouterSettings.defaults(), Rules.STANDARD, encoded);
    }

    private static SimCluster troubled(long seed, int routers, int sensors, Rules rules, boolean encoded) {
        SimCluster cluster = new SimCluster(seed, routers, sensors, RouterSettings.defaults(), rules, encoded);
        cluster.run(1_500);
        trouble(cluster, true);
        return cluster;
    }

    /**
     * A sensor that only helpers reach, loss of 20 %, deaths and returns, a router that is held up, a partition and a one-way
     * link, then peace. Without the partition each router has a one-way link.
     */
    private static void trouble(SimCluster cluster, boolean splits) {
        int routers = cluster.routers.size();
        int sensors = cluster.sensors.size();
        SimCluster.SimSensor hidden = cluster.sensors.get(cluster.random.nextInt(sensors));
        hidden.hidden = true;
        cluster.run(2_500);
        hidden.hidden = false;
        cluster.loss = 0.2;
        cluster.strict = true;
        int deaths = Math.max(1, sensors / 20);
        for (int i = 0; i < deaths; i++) {
            cluster.kill(cluster.sensors.get(cluster.random.nextInt(sensors)));
        }
        SimCluster.SimRouter victim = cluster.routers.get(cluster.random.nextInt(routers));
        cluster.kill(victim);
        cluster.run(3_000);
        cluster.strict = false;
        cluster.stop(cluster.routers.get(cluster.random.nextInt(routers)), 1_500);
        if (splits) {
            cluster.partition(1 + cluster.random.nextInt(routers - 1), true);
        } else {
            for (int i = 0; i < routers; i++) {
                cluster.cut(i, cluster.random.nextInt(routers), true);
            }
        }
        cluster.run(2_500);
        cluster.heal();
        cluster.cut(cluster.random.nextInt(routers), cluster.random.nextInt(routers), true);
        for (SimCluster.SimSensor sensor : cluster.sensors) {
            if (!sensor.alive && cluster.random.nextBoolean()) {
                cluster.revive(sensor);
            }
        }
        cluster.run(1_000);
        cluster.start(victim);
        cluster.heal();
        cluster.loss = 0;
        long tookMs = cluster.runUntil((long) ROUNDS_MAX * ROUND_MS, cluster::equal);
        if (tookMs < 0) {
            cluster.violations.add("registries differ " + ROUNDS_MAX + " rounds after peace");
        }
        // What died last is still being noticed.
        cluster.run(3_000);
        if (cluster.runUntil((long) ROUNDS_MAX * ROUND_MS, cluster::equal) < 0) {
            cluster.violations.add("registries differ again");
        }
        cluster.checkTruth();
    }

    private static List<String> violations(long seed, SimCluster cluster) {
        return cluster.violations.stream()
                .limit(3)
                .map(text -> "seed " + seed + ": " + text)
                .toList();
    }

    @Test
    void smallClustersAgreeOnTheTruthAfterTrouble() {
        List<String> wrong = SEEDS.stream()
                .parallel()
                .boxed()
                .flatMap(seed -> violations(seed, troubled(seed, 5, 50, Rules.STANDARD, true)).stream())
                .collect(Collectors.toList());
        assertThat(wrong).isEmpty();
    }

    @Test
    void clustersOfFiftyRoutersAndFiveThousandSensorsAgreeOnTheTruthAfterTrouble() {
        List<String> wrong = LARGE_SEEDS.part(3).stream()
                .boxed()
                .flatMap(seed -> violations(seed, troubled(seed, 50, 5_000, Rules.STANDARD, false)).stream())
                .collect(Collectors.toList());
        assertThat(wrong).isEmpty();
    }

    @Test
    @Tag("campaign")
    void aClusterOfFullSizeAgreesOnTheTruthAfterEachOfManyTroubles() {
        List<String> wrong = new ArrayList<>();
        // What a trouble has left behind is there in the next one.
        SimCluster cluster = cluster(0, 50, 5_000, false);
        cluster.run(1_500);
        for (long seed : LARGE_SEEDS.stream().toArray()) {
            cluster.random.setSeed(seed);
            trouble(cluster, seed % 3 == 0);
            wrong.addAll(violations(seed, cluster));
            cluster.violations.clear();
            cluster.sensors.stream().filter(sensor -> !sensor.alive).forEach(cluster::revive);
        }
        assertThat(wrong).isEmpty();
    }

    @Test
    void aDeadRouterIsDownEverywhereWithinTwoSeconds() {
        SimCluster cluster = cluster(1, 50, 50, false);
        cluster.run(5_000);
        List<Long> took = new ArrayList<>();
        for (int trial = 0; trial < 20; trial++) {
            SimCluster.SimRouter victim = cluster.routers.get(cluster.random.nextInt(50));
            cluster.kill(victim);
            took.add(cluster.runUntil(10_000, () -> cluster.downEverywhere(victim)));
            cluster.start(victim);
            cluster.run(3_000);
        }
        assertThat(took).allSatisfy(ms -> assertThat(ms).isBetween(0L, 2_000L));
        assertThat(cluster.violations).isEmpty();
    }

    @Test
    void neighboursOfTheRingThatDieAtOnceAreDownEverywhereWithinTwoSeconds() {
        SimCluster cluster = cluster(1, 50, 50, false);
        cluster.run(5_000);
        List<SimCluster.SimRouter> ring = new ArrayList<>(cluster.routers);
        ring.sort((a, b) -> Long.compareUnsigned(Hashes.of(a.id()), Hashes.of(b.id())));
        List<Long> took = new ArrayList<>();
        for (int trial = 0; trial < 20; trial++) {
            int first = cluster.random.nextInt(48);
            List<SimCluster.SimRouter> victims = ring.subList(first, first + 2 + trial % 2);
            victims.forEach(cluster::kill);
            took.add(cluster.runUntil(10_000, () -> victims.stream().allMatch(cluster::downEverywhere)));
            cluster.strict = false;
            victims.forEach(cluster::start);
            cluster.run(3_000);
            cluster.strict = true;
        }
        assertThat(took).allSatisfy(ms -> assertThat(ms).isBetween(0L, 2_000L));
        assertThat(cluster.violations).isEmpty();
    }

    @Test
    void aDeadSensorIsNoticedWithinTwoHeartbeatsAndDownEverywhereWithinTwoSeconds() {
        SimCluster cluster = cluster(1, 50, 200, false);
        cluster.run(5_000);
        List<Long> noticed = new ArrayList<>();
        List<Long> down = new ArrayList<>();
        for (int trial = 0; trial < 20; trial++) {
            SimCluster.SimSensor victim = cluster.sensors.get(trial);
            long diedMs = cluster.nowMs;
            cluster.kill(victim);
            assertThat(cluster.runUntil(10_000, () -> cluster.noticed(victim))).isNotNegative();
            noticed.add(cluster.nowMs - diedMs);
            assertThat(cluster.runUntil(10_000, () -> cluster.downEverywhere(victim)))
                    .isNotNegative();
            down.add(cluster.nowMs - diedMs);
        }
        long heartbeatMs = RouterSettings.defaults().pingIntervalMs();
        assertThat(noticed).allSatisfy(ms -> assertThat(ms).isBetween(100L, 2 * heartbeatMs));
        assertThat(down).allSatisfy(ms -> assertThat(ms).isBetween(1_000L, 2_000L));
        assertThat(cluster.violations).isEmpty();
    }

    @Test
    void nobodyThatLivesIsCalledDownAtALossOfTwentyPercent() {
        SimCluster cluster = cluster(7, 50, 200, false);
        cluster.run(5_000);
        cluster.loss = 0.2;
        cluster.falseRouterSuspicions = 0;
        cluster.run(30_000);
        assertThat(cluster.violations).isEmpty();
        // Each of 50 routers may hear of each suspicion: at most one new suspicion for each router in two seconds.
        assertThat(cluster.falseRouterSuspicions).isBetween(1L, 50L * 50 * 15);
    }

    @Test
    void theTrafficOfARouterDoesNotGrowWithTheirNumber() {
        double few = bytesPerSecond(5);
        double many = bytesPerSecond(50);
        assertThat(many).as("octets a second, 5 routers: " + few).isLessThan(few * 1.3);
    }

    private static double bytesPerSecond(int routers) {
        SimCluster cluster = cluster(3, routers, routers * 10, true);
        cluster.run(12_000);
        long before =
                cluster.routers.stream().mapToLong(router -> router.bytesSent).sum();
        cluster.run(10_000);
        long after =
                cluster.routers.stream().mapToLong(router -> router.bytesSent).sum();
        assertThat(cluster.equal()).isTrue();
        return (after - before) / 10.0 / routers;
    }

    @Test
    void aRouterThatCannotBeHeardIsOutAndTheOthersGoOn() {
        SimCluster cluster = cluster(4, 10, 50, false);
        cluster.run(5_000);
        SimCluster.SimRouter mute = cluster.routers.get(3);
        for (int i = 0; i < 10; i++) {
            cluster.cut(3, i, true);
        }
        contained(cluster, mute);
    }

    @Test
    void aRouterThatDoesNotHearIsOutAndTheOthersGoOn() {
        SimCluster cluster = cluster(5, 10, 50, false);
        cluster.run(5_000);
        SimCluster.SimRouter deaf = cluster.routers.get(3);
        for (int i = 0; i < 10; i++) {
            cluster.cut(i, 3, true);
        }
        contained(cluster, deaf);
    }

    private static void contained(SimCluster cluster, SimCluster.SimRouter outside) {
        cluster.strict = false;
        long before = messages(cluster);
        cluster.run(30_000);
        List<String> down = new ArrayList<>();
        for (SimCluster.SimRouter router : cluster.routers) {
            if (router != outside) {
                router.seen.forEach((id, state) -> {
                    if (!state.member() && !id.equals(outside.id())) {
                        down.add(router.id() + " " + id + " " + state);
                    }
                });
                assertThat(router.seen.get(outside.id())).isEqualTo(RouterState.DOWN);
            }
        }
        assertThat(down).as("others that are down").isEmpty();
        assertThat((messages(cluster) - before) / 30 / 10)
                .as("messages a second and router")
                .isLessThan(150);
    }

    private static long messages(SimCluster cluster) {
        return cluster.routers.stream().mapToLong(router -> router.messagesSent).sum();
    }

    @Test
    void aRouterThatIsStoppedForAWhileIsCalledDownByNobody() {
        for (int routers : new int[] {3, 5, 20}) {
            SimCluster cluster = cluster(20, routers, 20, false);
            cluster.run(5_000);
            for (int trial = 0; trial < 20; trial++) {
                cluster.stop(cluster.routers.get(cluster.random.nextInt(routers)), 1_300);
                cluster.run(3_000 + cluster.random.nextInt(300));
            }
            assertThat(cluster.violations).as("of " + routers).isEmpty();
        }
    }

    @Test
    void aRouterThatWasHeldUpBlamesNobody() {
        SimCluster cluster = cluster(6, 10, 50, false);
        cluster.run(5_000);
        for (int i = 0; i < 10; i++) {
            SimCluster.SimRouter slow = cluster.routers.get(i);
            cluster.strict = false;
            cluster.stop(slow, 3_000);
            cluster.run(3_000);
            cluster.routers.forEach(router -> router.seen.clear());
            cluster.run(5_000);
            for (SimCluster.SimRouter router : cluster.routers) {
                assertThat(router.seen.values()).doesNotContain(RouterState.DOWN);
            }
        }
    }

    @Test
    void aNewcomerLeavesTheWorkWhereItIs() {
        assertThat(movesWhenRoutersJoin(Rules.STANDARD)).isZero();
        assertThat(movesWhenRoutersJoin(new Rules() {
                    @Override
                    boolean catchesUp() {
                        return false;
                    }
                }))
                .as("of newcomers that decide at once")
                .isPositive();
    }

    private static long movesWhenRoutersJoin(Rules rules) {
        SimCluster cluster = new SimCluster(11, 5, 50, RouterSettings.defaults(), rules, false);
        cluster.run(5_000);
        long moves = 0;
        for (SimCluster.SimRouter router : cluster.routers) {
            cluster.kill(router);
            cluster.run(5_000);
            long before = cluster.moves;
            router.database.clear();
            cluster.start(router);
            // The newcomer itself hears of all work once, and the others of no move.
            assertThat(cluster.runUntil((long) ROUNDS_MAX * ROUND_MS, cluster::equal))
                    .isNotNegative();
            cluster.run(1_000);
            moves += cluster.moves - before - 50;
        }
        return moves;
    }

    @Test
    void aRouterThatKnowsNoOtherAtItsStartLeavesTheWorkWhereItIs() {
        SimCluster cluster = cluster(12, 5, 50, false);
        cluster.run(5_000);
        // Their work is with others.
        cluster.sensors.subList(0, 5).forEach(cluster::kill);
        cluster.run(5_000);
        for (SimCluster.SimRouter router : cluster.routers) {
            router.seedless = true;
            cluster.kill(router);
            cluster.run(5_000);
            long before = cluster.moves;
            cluster.start(router);
            assertThat(cluster.runUntil((long) ROUNDS_MAX * ROUND_MS, cluster::equal))
                    .isNotNegative();
            cluster.run(1_000);
            // The others are told of no move, and the router itself of all work once.
            assertThat(cluster.moves - before).as(router.id()).isEqualTo(50);
        }
    }

    @Test
    void helpersKeepRoutersThatCannotReachEachOtherFromSuspicion() {
        assertThat(suspicionsWhenNeighboursAreCut(Rules.STANDARD)).isZero();
        assertThat(suspicionsWhenNeighboursAreCut(new Rules() {
                    @Override
                    boolean asksHelpers() {
                        return false;
                    }
                }))
                .as("without helpers")
                .isGreaterThan(10);
    }

    private static long suspicionsWhenNeighboursAreCut(Rules rules) {
        SimCluster cluster = new SimCluster(9, 10, 10, RouterSettings.defaults(), rules, false);
        cluster.run(5_000);
        cluster.falseRouterSuspicions = 0;
        // Each router cannot reach one other, and both watch each other or ping each other in turn.
        for (int i = 0; i < 10; i++) {
            cluster.cut(i, 9 - i, true);
        }
        cluster.run(20_000);
        assertThat(cluster.violations).isEmpty();
        return cluster.falseRouterSuspicions;
    }

    /** What is broken on purpose. */
    enum Flaw {
        OLD_NEWS_WINS(new Rules() {
            @Override
            boolean wins(RegistryEntry challenger, RegistryEntry known) {
                return known.newerThan(challenger);
            }
        }),
        NOBODY_OBJECTS(new Rules() {
            @Override
            boolean objects() {
                return false;
            }
        }),
        NO_COMPARISON(new Rules() {
            @Override
            boolean compares() {
                return false;
            }
        }),
        NO_HELPERS(new Rules() {
            @Override
            boolean asksHelpers() {
                return false;
            }
        });

        private final Rules rules;

        Flaw(Rules rules) {
            this.rules = rules;
        }
    }

    @ParameterizedTest
    @EnumSource(Flaw.class)
    void aFlawIsCaught(Flaw flaw) {
        boolean caught = LongStream.range(0, 40)
                .anyMatch(seed ->
                        !troubled(seed, 5, 50, flaw.rules, false).violations.isEmpty());
        assertThat(caught).isTrue();
    }

    @Test
    void withoutContainmentARouterThatDoesNotHearKeepsAccusingTheOthers() {
        long contained = accusationsOfADeafRouter(Rules.STANDARD);
        long without = accusationsOfADeafRouter(new Rules() {
            @Override
            boolean contains() {
                return false;
            }
        });
        assertThat(without).as("with containment: " + contained).isGreaterThan(3 * (contained + 5));
    }

    private static long accusationsOfADeafRouter(Rules rules) {
        return LongStream.range(0, 5)
                .map(seed -> accusationsOfADeafRouter(seed, rules))
                .sum();
    }

    /** How often others are suspected once a router that hears nobody is down itself. */
    private static long accusationsOfADeafRouter(long seed, Rules rules) {
        SimCluster cluster = new SimCluster(seed, 10, 20, RouterSettings.defaults(), rules, false);
        cluster.run(5_000);
        for (int i = 0; i < 10; i++) {
            cluster.cut(i, 3, true);
        }
        cluster.strict = false;
        cluster.run(5_000);
        cluster.suspicionsOf.clear();
        cluster.run(60_000);
        return cluster.suspicionsOf.entrySet().stream()
                .filter(one -> !one.getKey().equals("router-3"))
                .mapToLong(one -> one.getValue())
                .sum();
    }
}
