package io.bactrian.pair.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.bactrian.testing.PairProcesses;
import io.bactrian.testing.Ports;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Nodes of two hubs are killed again and again under load: what was accepted is got once, in order, by everybody. */
class PairedHubKilledTest {
    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final int PUBLISHERS = 3;
    private static final int SUBSCRIBERS = 3;

    @TempDir
    Path folder;

    private final Map<String, Integer> ports = new HashMap<>();
    private final Random random = new Random(15);
    private PairProcesses hubs;
    private HubLoad load;
    private String active = "primary";

    private int port(String name) {
        return ports.computeIfAbsent(name, key -> Ports.free());
    }

    /** What is done to the two nodes in a round; afterwards both run. */
    private interface Round {
        void run() throws Exception;
    }

    @Test
    @Tag("slow")
    void eachOnce() throws Exception {
        rounds(2, this::activeIsKilled);
    }

    @Test
    @Tag("campaign")
    void theActiveTwentyTimes() throws Exception {
        rounds(20, this::activeIsKilled);
    }

    @Test
    @Tag("campaign")
    void bothAtOnce() throws Exception {
        rounds(5, this::bothAreKilled);
    }

    @Test
    @Tag("campaign")
    void theActiveWhileTheOtherCatchesUp() throws Exception {
        rounds(5, () -> killedInCatchUp(active));
    }

    @Test
    @Tag("campaign")
    void thePassiveWhileItCatchesUp() throws Exception {
        rounds(5, () -> killedInCatchUp(other()));
    }

    @Test
    @Tag("campaign")
    void eitherWhileTheActiveHandsOver() throws Exception {
        rounds(10, this::killedInSwitch);
    }

    private void rounds(int times, Round round) throws Exception {
        try (PairProcesses all = new PairProcesses(folder, List.of("hub-pair", "--side"), true, 200)) {
            hubs = all;
            rounds(times, round, all);
        }
    }

    private void rounds(int times, Round round, PairProcesses all) throws Exception {
        for (String side : List.of("primary", "backup")) {
            all.set(side, "bactrian.hub.publish", "tcp://127.0.0.1:" + port(side + " publish"));
            all.set(side, "bactrian.hub.subscribe", "tcp://127.0.0.1:" + port(side + " subscribe"));
            all.set(side, "bactrian.hub.plain.in", "tcp://127.0.0.1:" + port(side + " in"));
            all.set(side, "bactrian.hub.plain.out", "tcp://127.0.0.1:" + port(side + " out"));
            all.set(side, "bactrian.hub.keep.intervalMs", "500");
        }
        all.start("witness");
        all.start("primary");
        all.start("backup");
        awaitInStep();
        try (HubLoad made = new HubLoad(folder, host("primary") + "," + host("backup"), PUBLISHERS, SUBSCRIBERS)) {
            load = made;
            load.start();
            for (int i = 0; i < times; i++) {
                awaitProgress();
                round.run();
                awaitProgress();
                awaitInStep();
            }
            load.end();
            assertThat(load.problem()).isEmpty();
        }
    }

    private String host(String side) {
        return "127.0.0.1:" + port(side + " publish") + "/" + port(side + " subscribe");
    }

    private String other() {
        return active.equals("primary") ? "backup" : "primary";
    }

    private void activeIsKilled() throws Exception {
        String killed = active;
        hubs.kill(killed);
        awaitProgress();
        await().atMost(PATIENCE).until(() -> hubs.says(other(), "role", "ACTIVE"));
        hubs.start(killed);
    }

    private void bothAreKilled() throws Exception {
        hubs.kill(active);
        hubs.kill(other());
        hubs.start("primary");
        hubs.start("backup");
    }

    /** The one that was away has much to copy, and cannot take over before it has it. */
    private void killedInCatchUp(String killed) throws Exception {
        String late = other();
        hubs.kill(late);
        awaitProgress();
        awaitProgress();
        hubs.start(late);
        await().atMost(PATIENCE).until(() -> !hubs.console(late).isEmpty());
        TimeUnit.MILLISECONDS.sleep(random.nextInt(100)); // so that it is killed at different places
        hubs.kill(killed);
        hubs.start(killed);
    }

    private void killedInSwitch() throws Exception {
        String killed = random.nextBoolean() ? active : other();
        Process command = hubs.command(active, "pair", "switch");
        await().atMost(PATIENCE)
                .until(() -> !command.isAlive() || hubs.console(active).contains("SWITCH hands over"));
        TimeUnit.MILLISECONDS.sleep(random.nextInt(30));
        hubs.kill(killed);
        hubs.start(killed);
        assertThat(command.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
    }

    private void awaitInStep() {
        await().atMost(PATIENCE)
                .until(() -> hubs.says("primary", "peerStanding", "IN") || hubs.says("backup", "peerStanding", "IN"));
        active = hubs.says("primary", "peerStanding", "IN") ? "primary" : "backup";
    }

    private void awaitProgress() {
        List<Long> before = load.accepted();
        await().atMost(PATIENCE).untilAsserted(() -> {
            assertThat(load.failure()).isEmpty();
            for (int i = 0; i < before.size(); i++) {
                assertThat(load.accepted().get(i))
                        .as(() -> hubs.console("primary") + "\n" + hubs.console("backup"))
                        .isGreaterThan(before.get(i) + 100);
            }
        });
    }
}
