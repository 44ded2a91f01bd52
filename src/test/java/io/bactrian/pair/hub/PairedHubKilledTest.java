package io.bactrian.pair.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.bactrian.journal.log.JournalException;
import io.bactrian.journal.log.JournalFolder;
import io.bactrian.testing.PairProcesses;
import io.bactrian.testing.Ports;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.awaitility.core.ConditionTimeoutException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.util.FileSystemUtils;

/** Nodes of two hubs are killed again and again under load: what was accepted is got once, in order, by everybody. */
class PairedHubKilledTest {
    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final Duration SILENCE = Duration.ofSeconds(20);
    private static final int PUBLISHERS = 3;
    private static final int SUBSCRIBERS = 3;
    /** A death is seen by its closed connection; no pause of a loaded machine is to look like one. */
    private static final int HEARTBEAT_MS = 1_000;

    private static final int SHORT_HEARTBEAT_MS = 100;
    /** So many messages take long enough to copy that a node can be stopped while it does. */
    private static final long CATCH_UP = 20_000;

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
        rounds(1, () -> {
            activeHandsOver();
            awaitInStep();
            activeIsKilled();
            awaitInStep();
            bothAreKilled();
            awaitInStep();
            killedInCatchUp(other(), true);
        });
    }

    @Test
    @Tag("slow")
    void aSilentOneWithShortHeartbeats() throws Exception {
        rounds(1, this::activeIsSilent, true, SHORT_HEARTBEAT_MS);
    }

    // Classic: on a machine that stops a process for longer than two heartbeats both may accept, so not in every build.
    @Test
    @Tag("campaign")
    void theActiveWithShortHeartbeatsAndNoWitness() throws Exception {
        rounds(
                3,
                () -> {
                    activeIsSilent();
                    awaitInStep();
                    activeIsKilled();
                },
                false,
                SHORT_HEARTBEAT_MS);
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

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    @Tag("campaign")
    void theActiveWhileTheOtherCatchesUp(boolean anew) throws Exception {
        rounds(5, () -> killedInCatchUp(active, anew));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    @Tag("campaign")
    void thePassiveWhileItCatchesUp(boolean anew) throws Exception {
        rounds(5, () -> killedInCatchUp(other(), anew));
    }

    @Test
    @Tag("campaign")
    void eitherWhileTheActiveHandsOver() throws Exception {
        rounds(10, this::killedInSwitch);
    }

    private void rounds(int times, Round round) throws Exception {
        rounds(times, round, true, HEARTBEAT_MS);
    }

    private void rounds(int times, Round round, boolean witness, int heartbeatMs) throws Exception {
        try (PairProcesses all = new PairProcesses(folder, List.of("hub-pair", "--side"), witness, heartbeatMs)) {
            if (witness) {
                all.start("witness");
            }
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
            all.set(side, "bactrian.pair.rehearse", false); // takes a second of each start
            all.set(side, "bactrian.pair.chunk.bytes", 1024); // catching up takes a while
        }
        all.start("primary");
        all.start("backup");
        awaitInStep();
        try (HubLoad made = new HubLoad(folder, host("primary") + "," + host("backup"), PUBLISHERS, SUBSCRIBERS)) {
            load = made;
            load.takeItEasy(true);
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

    private void activeHandsOver() throws Exception {
        String former = active;
        // On a loaded machine the peer may need longer than it is given; then the active goes on, and is asked again.
        for (int tries = 0; !hubs.says(PairProcesses.other(former), "role", "ACTIVE"); tries++) {
            assertThat(tries).as("commands that switched nothing").isLessThan(20);
            Process command = hubs.command(former, "pair", "switch");
            assertThat(command.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
        }
        awaitProgress();
    }

    private void activeIsKilled() throws Exception {
        String killed = active;
        load.takeItEasy(false);
        awaitProgress();
        hubs.kill(killed);
        awaitProgress();
        load.takeItEasy(true);
        await().atMost(PATIENCE).until(() -> hubs.says(other(), "role", "ACTIVE"));
        hubs.start(killed);
        awaitInStep();
        assertThat(hubs.console(killed))
                .as("a node that returns leaves its peer active, unless the machine lets that seem dead")
                .containsAnyOf("\"takeovers\":0", "PEER_DEAD");
    }

    private void activeIsSilent() throws Exception {
        String silent = active;
        hubs.pause(silent);
        if (!progresses(SILENCE)) { // the other one was out just then, as heartbeats were late
            hubs.goOn(silent);
            awaitInStep();
            silent = active;
            hubs.pause(silent);
            awaitProgress();
        }
        hubs.goOn(silent);
    }

    private boolean progresses(Duration within) {
        try {
            awaitProgress(within);
            return true;
        } catch (ConditionTimeoutException e) {
            return false;
        }
    }

    private void bothAreKilled() throws Exception {
        load.takeItEasy(false);
        awaitProgress();
        hubs.killAtOnce("primary", "backup");
        load.takeItEasy(true);
        hubs.start("primary");
        hubs.start("backup");
    }

    /**
     * A node is away, has much to copy when it returns, and cannot take over before it has it. Meanwhile it is stopped, so that it is
     * certain that it is in the middle, and one of the two is killed.
     *
     * @param anew whether it has lost its log, and gets all of the peer's
     */
    private void killedInCatchUp(String killed, boolean anew) throws Exception {
        String late = other();
        hubs.kill(late);
        long had = anew ? 0 : end(late);
        if (anew) {
            FileSystemUtils.deleteRecursively(hubs.data(late));
        }
        for (int tries = 0; true; tries++) {
            long more = had + (tries + 1) * CATCH_UP;
            load.takeItEasy(false);
            await().atMost(PATIENCE).until(() -> end(active) > more);
            load.takeItEasy(true);
            long wanted = end(active);
            hubs.start(late);
            if (isCaughtInCatchUp(late, had, wanted)) {
                break;
            }
            assertThat(tries).as("it had everything before it could be stopped").isLessThan(5);
            hubs.kill(late);
            had = end(late);
        }
        hubs.kill(killed);
        if (!killed.equals(late)) {
            hubs.goOn(late);
        }
        hubs.start(killed);
    }

    /** Whether a node that was started could be stopped while its log was in between. */
    private boolean isCaughtInCatchUp(String late, long had, long wanted) throws Exception {
        await().atMost(PATIENCE)
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(1 + random.nextInt(5))) // so that it is stopped at different places
                .until(() -> end(late) > had);
        hubs.pause(late);
        return end(late) < wanted;
    }

    /** Where the log of a node ends on its disk; 0 if it has none yet. */
    private long end(String name) {
        Path journal = hubs.data(name).resolve("journal/hub");
        try {
            return Files.exists(journal) ? JournalFolder.look(journal).end() : 0;
        } catch (JournalException beginning) {
            return 0;
        }
    }

    private void killedInSwitch() throws Exception {
        load.takeItEasy(false);
        String killed = random.nextBoolean() ? active : other();
        Process command = hubs.command(active, "pair", "switch");
        await().atMost(PATIENCE)
                .until(() -> !command.isAlive() || hubs.console(active).contains("SWITCH hands over"));
        TimeUnit.MILLISECONDS.sleep(random.nextInt(30));
        hubs.kill(killed);
        load.takeItEasy(true);
        hubs.start(killed);
        assertThat(command.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
    }

    private void awaitInStep() {
        await().atMost(PATIENCE)
                .until(() -> hubs.says("primary", "peerStanding", "IN") || hubs.says("backup", "peerStanding", "IN"));
        active = hubs.says("primary", "peerStanding", "IN") ? "primary" : "backup";
    }

    private void awaitProgress() {
        awaitProgress(PATIENCE);
    }

    private void awaitProgress(Duration patience) {
        List<Long> before = load.accepted();
        await().atMost(patience).untilAsserted(() -> {
            assertThat(load.failure()).isEmpty();
            for (int i = 0; i < before.size(); i++) {
                assertThat(load.accepted().get(i))
                        .as(() -> hubs.console("primary") + "\n" + hubs.console("backup"))
                        .isGreaterThan(before.get(i) + 100);
            }
        });
    }
}
