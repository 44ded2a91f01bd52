package io.bactrian.pair.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.bactrian.testing.Namespaces;
import io.bactrian.testing.PairProcesses;
import io.bactrian.testing.Ports;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The table of failures of docs/pair/explanation.md with real processes, each in a network namespace of its own: A is the primary and
 * active, B the backup and in step, W the witness; two letters are the link between them.
 */
@Tag("campaign")
class PairedHubFailuresTest {
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final int CLIENTS = 3;
    private static final int HEARTBEAT_MS = 200;
    private static final int QUIET_S = 3;
    private static final List<String> NODES = List.of("A", "B", "W");
    private static final Pattern COMMITTED = Pattern.compile("\"committed\":(\\d+)");
    private static final int PUBLISH = Ports.free();
    private static final int SUBSCRIBE = Ports.free();

    @TempDir
    Path folder;

    private Namespaces network = Namespaces.none();
    private PairProcesses hubs;
    private HubLoadProcess load;

    /** Something that uses the pair while the network and the processes are there. */
    private interface Play {
        void run() throws Exception;
    }

    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            value = {
                "A, B, -, -",
                "B, A, -, -",
                "W, A, -, -",
                "AB, one, -, -",
                "AW, A, -, -",
                "BW, A, -, -",
                "A B, nobody, A, A",
                "A B, nobody, B, B",
                "A W, nobody, A, nobody",
                "A W, nobody, W, B",
                "A W, nobody, force, B",
                "B W, nobody, B, A",
                "B W, nobody, W, A",
                "A AB, B, -, -",
                "A AW, B, -, -",
                "B AB, A, -, -",
                "B BW, A, -, -",
                "W AW, A, -, -",
                "W BW, A, -, -",
                "AB AW, B, -, -",
                "AB BW, A, -, -",
                "AB W, nobody, W, one",
                "AW BW, A, -, -",
                "A BW, nobody, BW, B",
                "A BW, nobody, A, A",
                "B AW, nobody, AW, A",
                "B AW, nobody, B, A",
            })
    void withAWitness(String failures, String acknowledges, String firstBack, String then) throws Exception {
        inStep(true, () -> play(failures, acknowledges, firstBack, then));
    }

    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            value = {
                "A, B, -, -",
                "B, A, -, -",
                "A B, nobody, A, A",
                "A B, nobody, B, nobody",
            })
    void withoutAWitness(String failures, String acknowledges, String firstBack, String then) throws Exception {
        inStep(false, () -> play(failures, acknowledges, firstBack, then));
    }

    @Test
    void withoutAWitnessBothAcceptWhileTheirLinkIsCutAndTheLowerEpochsIsMovedAside() throws Exception {
        inStep(false, () -> {
            set("AB", true);
            load.awaitProgress();
            try (HubLoadProcess other = new HubLoadProcess(network, folder, "other", network.host(1) + ports(), 1, 1)) {
                other.awaitProgress();
                await().atMost(PATIENCE).until(() -> acknowledging().equals(Set.of("A", "B")));
                set("AB", false);
                await().atMost(PATIENCE).until(() -> hubs.says("backup", "peerStanding", "IN"));
                assertThat(hubs.console("primary")).contains("MOVED_ASIDE");
                try (Stream<Path> aside = Files.list(hubs.data("primary").resolve("journal"))) {
                    assertThat(aside)
                            .anyMatch(path -> path.getFileName().toString().startsWith("hub.aside-"));
                }
                other.awaitProgress();
                assertThat(other.verdict()).isEqualTo("good");
            }
        });
    }

    private void inStep(boolean witness, Play play) throws Exception {
        try (Namespaces made = Namespaces.make(CLIENTS);
                PairProcesses pair =
                        new PairProcesses(folder, List.of("hub-pair", "--side"), witness, HEARTBEAT_MS, made)) {
            network = made;
            hubs = pair;
            for (int i : List.of(0, 1)) {
                hubs.set(side(i), "bactrian.hub.publish", "tcp://" + network.host(i) + ":" + PUBLISH);
                hubs.set(side(i), "bactrian.hub.subscribe", "tcp://" + network.host(i) + ":" + SUBSCRIBE);
            }
            if (witness) {
                hubs.start("witness");
            }
            hubs.start("primary");
            hubs.start("backup");
            awaitPrimaryActive();
            try (HubLoadProcess started = new HubLoadProcess(
                    network, folder, "load", network.host(0) + ports() + "," + network.host(1) + ports(), 1, 1)) {
                load = started;
                load.awaitProgress();
                play.run();
            }
        }
    }

    /** On a busy machine the backup may have become active first; then it hands over. */
    private void awaitPrimaryActive() throws Exception {
        await().atMost(PATIENCE).until(() -> {
            if (hubs.says("backup", "peerStanding", "IN")) {
                Process command = hubs.command("backup", "pair", "switch");
                command.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS);
            }
            return hubs.says("primary", "peerStanding", "IN");
        });
    }

    private void play(String failures, String acknowledges, String firstBack, String then) throws Exception {
        // Links first, then the witness, then nodes: else the other one takes over in between.
        Set<String> broken =
                new TreeSet<>(Comparator.comparing(String::length).reversed().thenComparing(Comparator.reverseOrder()));
        broken.addAll(List.of(failures.split(" ")));
        for (String failure : broken) {
            set(failure, true);
        }
        awaitOnly(acknowledges);
        if (firstBack != null) {
            if (firstBack.equals("force")) {
                Process command = hubs.command("backup", "pair", "promote", "--force");
                assertThat(command.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS))
                        .isTrue();
                assertThat(command.exitValue()).isZero();
            } else {
                broken.remove(firstBack);
                set(firstBack, false);
            }
            awaitOnly(then);
        }
        for (String failure : broken) {
            set(failure, false);
        }
        await().atMost(PATIENCE)
                .until(() -> hubs.says("primary", "peerStanding", "IN") || hubs.says("backup", "peerStanding", "IN"));
        load.awaitProgress();
        assertThat(load.verdict()).as("nothing is lost, nothing comes twice").isEqualTo("good");
    }

    /** Returns when these acknowledge, and others do not. */
    private void awaitOnly(String acknowledge) throws Exception {
        if (acknowledge.equals("nobody")) {
            await().atMost(PATIENCE).until(() -> {
                List<Long> before = load.accepted();
                TimeUnit.SECONDS.sleep(QUIET_S); // also a takeover that comes late is over then
                return before.equals(load.accepted());
            });
            assertThat(acknowledging()).isEmpty();
            return;
        }
        load.awaitProgress();
        load.awaitProgress();
        if (acknowledge.equals("one")) {
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(acknowledging()).hasSize(1));
        } else {
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(acknowledging()).containsExactly(acknowledge));
        }
    }

    /** The nodes that are active and rely on more of their log after a second than before. */
    private Set<String> acknowledging() throws InterruptedException {
        long primary = committed("primary");
        long backup = committed("backup");
        TimeUnit.SECONDS.sleep(1);
        Set<String> all = new TreeSet<>();
        if (committed("primary") > primary && hubs.says("primary", "role", "ACTIVE")) {
            all.add("A");
        }
        if (committed("backup") > backup && hubs.says("backup", "role", "ACTIVE")) {
            all.add("B");
        }
        return all;
    }

    private long committed(String name) {
        Matcher found = COMMITTED.matcher(hubs.console(name));
        return found.find() ? Long.parseLong(found.group(1)) : Long.MAX_VALUE;
    }

    private void set(String failure, boolean isBroken) throws Exception {
        int first = NODES.indexOf(failure.substring(0, 1));
        if (failure.length() == 2) {
            int second = NODES.indexOf(failure.substring(1));
            network.cutOneWay(first, second, isBroken);
            network.cutOneWay(second, first, isBroken);
        } else if (isBroken) {
            hubs.kill(side(first));
        } else {
            hubs.start(side(first));
        }
    }

    private static String side(int node) {
        return List.of("primary", "backup", "witness").get(node);
    }

    private static String ports() {
        return ":" + PUBLISH + "/" + SUBSCRIBE;
    }
}
