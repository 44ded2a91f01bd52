package io.bactrian.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.bactrian.testing.DiscoveryProcesses;
import io.bactrian.testing.Namespaces;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Routers and pyzmq sensors as processes that are killed with SIGKILL, and links that are cut. */
@Timeout(900)
class RoutersKilledTest {
    private static final Duration PATIENCE = Duration.ofSeconds(240);
    private static final int ROUTERS = 3;
    private static final int ROUNDS = Integer.getInteger("bactrian.test.rounds", 2);

    @TempDir
    Path folder;

    private final List<String> figures = new ArrayList<>();

    private void start(DiscoveryProcesses all, int sensors) throws Exception {
        for (int i = 0; i < ROUTERS; i++) {
            all.startRouter(i);
        }
        for (int i = 0; i < sensors; i++) {
            all.startSensor("sensor-" + i, i % ROUTERS, (i + 1) % ROUTERS);
        }
        settles(all, "start");
    }

    /** Waits until something is so; how long it took is kept. */
    private void takes(DiscoveryProcesses all, String what, Callable<Boolean> holds) throws Exception {
        long beganNs = System.nanoTime();
        try {
            await().atMost(PATIENCE).pollInterval(Duration.ofMillis(50)).until(holds);
        } catch (org.awaitility.core.ConditionTimeoutException e) {
            StringBuilder said = new StringBuilder(what);
            for (int router : all.liveRouters()) {
                said.append('\n').append(router).append(all.members(router)).append(all.registry(router));
                said.append('\n')
                        .append(all.log("router-" + router)
                                .lines()
                                .skip(15)
                                .limit(40)
                                .toList());
            }
            throw new AssertionError(said.toString(), e);
        }
        figures.add(what + " " + Duration.ofNanos(System.nanoTime() - beganNs).toMillis() + " ms");
    }

    private void settles(DiscoveryProcesses all, String what) throws Exception {
        takes(all, what + ": registries equal and true", all::isSettled);
    }

    private void killRouter(DiscoveryProcesses all, int victim) throws Exception {
        all.killRouter(victim);
        for (int router : all.liveRouters()) {
            takes(all, "killed router down at " + router, () -> all.isDown(router, "router-" + victim));
        }
        settles(all, "router killed");
        all.startRouter(victim);
        settles(all, "router started again");
    }

    private void killSensor(DiscoveryProcesses all, String victim, int first, int second) throws Exception {
        all.killSensor(victim);
        takes(all, "killed sensor not active at " + first, () -> !all.isActive(first, victim));
        for (int router : all.liveRouters()) {
            takes(all, "killed sensor down at " + router, () -> all.isDown(router, victim));
        }
        settles(all, "sensor killed");
        all.startSensor(victim, first, second);
        settles(all, "sensor started again");
    }

    @Test
    @Tag("slow")
    void aKilledSensorAndAKilledRouterAreDownEverywhereAndNobodyElseIs() throws Exception {
        try (DiscoveryProcesses all = new DiscoveryProcesses(folder, ROUTERS, Namespaces.none())) {
            start(all, 6);
            all.killSensor("sensor-4");
            all.killRouter(2);
            for (int router : all.liveRouters()) {
                takes(all, "killed sensor down at " + router, () -> all.isDown(router, "sensor-4"));
                takes(all, "killed router down at " + router, () -> all.isDown(router, "router-2"));
            }
            settles(all, "both killed");
            assertThat(all.liveSensors()).hasSize(5);
        } finally {
            System.out.println(String.join("\n", figures));
        }
    }

    @Test
    @Tag("campaign")
    void killsAndCutsOfThreeRoutersAndThirtySensorsLeaveRegistriesEqualAndTrue() throws Exception {
        Namespaces network = Namespaces.make(ROUTERS);
        Random random = new Random(Long.getLong("bactrian.test.seed", 1));
        try (DiscoveryProcesses all = new DiscoveryProcesses(folder, ROUTERS, network)) {
            start(all, 30);
            for (int round = 0; round < ROUNDS; round++) {
                int sensor = random.nextInt(30);
                killSensor(all, "sensor-" + sensor, sensor % ROUTERS, (sensor + 1) % ROUTERS);
                killRouter(all, random.nextInt(ROUTERS));

                int alone = random.nextInt(ROUTERS);
                int other = (alone + 1) % ROUTERS;
                network.cut(alone, true);
                takes(all, "a router that is cut off is down", () -> all.isDown(other, "router-" + alone));
                network.cut(alone, false);
                settles(all, "cut healed");

                network.cutOneWay(alone, other, true);
                // It goes on to be heard by way of the third, or is down for the other: what counts is what comes
                // after.
                await().pollDelay(Duration.ofSeconds(3)).atMost(PATIENCE).until(() -> true);
                network.cutOneWay(alone, other, false);
                settles(all, "one-way link healed");
            }
        } finally {
            System.out.println(String.join("\n", figures));
        }
    }
}
