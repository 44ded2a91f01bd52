package io.bactrian.speed.routes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.bactrian.app.Application;
import io.bactrian.app.Configuration;
import io.bactrian.app.Installation;
import io.bactrian.journal.log.Entry;
import io.bactrian.journal.log.JournalFolder;
import io.bactrian.speed.core.SpeedRecord;
import io.bactrian.speed.core.SpeedState;
import io.bactrian.testing.PairProcesses;
import io.bactrian.testing.Ports;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.TreeMap;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.util.FileSystemUtils;

/** The active server is killed while sensors written from the description alone, in Python, go on. */
@Tag("slow")
class SpeedPairKilledTest {
    private static final Duration PATIENCE = Duration.ofMinutes(4);
    private static final int SPEEDS = 150;

    private final int primaryPort = Ports.free();
    private final int backupPort = Ports.free();

    @TempDir
    Path folder;

    /** A sensor process and what it has said so far. */
    private static final class Sensor implements AutoCloseable {
        private final PythonPeer process;
        private final List<String> said;

        Sensor(int id, String servers) throws IOException {
            process = new PythonPeer(
                    "speed_sensor.py",
                    "--id",
                    "" + id,
                    "--servers",
                    servers,
                    "--count",
                    "" + SPEEDS,
                    "--silence",
                    "500");
            said = process.said();
        }

        long acknowledged() {
            return process.count("ack ");
        }

        /** The numbers of the Averages that came, in the order in which they came. */
        List<Long> averages() {
            return said.stream()
                    .filter(line -> line.startsWith("average "))
                    .map(line -> Long.parseLong(line.split(" ")[1]))
                    .toList();
        }

        @Override
        public void close() {
            process.close();
        }
    }

    // Classic: on a machine that stops a process for longer than two heartbeats both may accept, so not in every build.
    @Test
    @Tag("campaign")
    void withoutAWitnessNothingAcknowledgedIsLostOrNumberedAnew() throws Exception {
        try (PairProcesses pair = servers(false, 2_000)) {
            run(pair);
        }
    }

    @Test
    void withAWitnessNothingAcknowledgedIsLostOrNumberedAnew() throws Exception {
        try (PairProcesses pair = servers(true, 200)) {
            pair.start("witness");
            run(pair);
        }
    }

    @Test
    void aNewPairBeginsWithTheStateThatWasShippedToAThirdSite() throws Exception {
        String receiver = "tcp://127.0.0.1:" + Ports.free();
        Path shipped = folder.resolve("third-site");
        PairProcesses servers = new PairProcesses(folder, List.of("speed-server", "speed-ship", "--role"), false, 200);
        servers.setOfBoth("bactrian.speed.primary.port", primaryPort);
        servers.setOfBoth("bactrian.speed.ship.intervalMs", 100);
        servers.setOfBoth("bactrian.ship.to", receiver);
        try (servers;
                Application third = receiver(receiver, shipped)) {
            assertThat(third.context().isStarted()).isTrue();
            servers.start("primary");
            // Speeds that had to wait for longer than the window would make no Averages.
            await().atMost(PATIENCE).until(() -> servers.says("primary", "side", "PRIMARY"));
            try (Sensor sensor = new Sensor(1, addresses())) {
                await().atMost(PATIENCE)
                        .until(() -> sensor.acknowledged() >= SPEEDS / 5
                                && !sensor.averages().isEmpty());
                Path state = shipped.resolve("speed/speed.state");
                await().atMost(PATIENCE).until(() -> Files.exists(state));
                assertThat(servers.status("primary"))
                        .contains("newestAverage: ")
                        .doesNotContain("no hub runs");
                servers.kill("primary");
                FileSystemUtils.deleteRecursively(servers.data("primary"));
                servers.set("primary", "bactrian.speed.restore", shipped.resolve("speed"));
                long before = sensor.averages().get(sensor.averages().size() - 1);
                servers.start("primary");
                await().atMost(PATIENCE).until(() -> servers.says("primary", "side", "PRIMARY"));
                try (Sensor fresh = new Sensor(2, addresses())) {
                    await().atMost(PATIENCE)
                            .until(() -> sensor.acknowledged() >= SPEEDS
                                    && !fresh.averages().isEmpty());
                    assertThat(fresh.averages())
                            .as("no number is used again")
                            .allMatch(sequence -> sequence > before + 100_000);
                }
            }
            List<Entry> entries = new ArrayList<>();
            servers.kill("primary");
            JournalFolder.verify(servers.data("primary").resolve("journal/speed"))
                    .read(1, entries::add);
            assertThat(SpeedRecord.decode(entries.get(0).payload()).records().get(0))
                    .as("the log begins with the state")
                    .isInstanceOfSatisfying(
                            SpeedRecord.Snapshot.class,
                            snapshot -> assertThat(snapshot.sensors()).hasSize(1));
        }
    }

    private static Application receiver(String address, Path shipped) {
        return Application.start(Configuration.load(
                new Installation(Optional.of(Path.of("").toAbsolutePath())),
                List.of("ship-receive"),
                Map.of(
                        "bactrian.ship.receive",
                        address,
                        "bactrian.ship.into",
                        shipped.toString(),
                        "bactrian.data",
                        shipped.resolveSibling("receiver").toString(),
                        "camel.management.enabled",
                        "false",
                        "camel.main.name",
                        "third-site"),
                Map.of(),
                new Properties()));
    }

    private PairProcesses servers(boolean witness, int heartbeatMs) {
        PairProcesses pair = new PairProcesses(folder, List.of("speed-server", "--role"), witness, heartbeatMs);
        pair.setOfBoth("bactrian.speed.primary.port", primaryPort);
        pair.setOfBoth("bactrian.speed.backup.port", backupPort);
        return pair;
    }

    private String addresses() {
        return "tcp://127.0.0.1:" + primaryPort + ",tcp://127.0.0.1:" + backupPort;
    }

    private void run(PairProcesses pair) throws Exception {
        pair.start("primary");
        pair.start("backup");
        String active = pair.awaitInStep(PATIENCE);
        List<Sensor> sensors = new ArrayList<>();
        try {
            for (int id = 1; id <= 3; id++) {
                sensors.add(new Sensor(id, addresses()));
            }
            await().atMost(PATIENCE).until(() -> all(sensors, SPEEDS / 5));
            pair.kill(active);
            await().atMost(PATIENCE).until(() -> all(sensors, SPEEDS / 2));
            pair.start(active);
            active = pair.awaitInStep(PATIENCE);
            pair.kill(active);
            await().atMost(PATIENCE).until(() -> all(sensors, SPEEDS));
        } finally {
            sensors.forEach(Sensor::close);
        }
        String last = PairProcesses.other(active);
        pair.kill(last);
        verify(sensors, pair.data(last).resolve("journal/speed"));
    }

    private static boolean all(List<Sensor> sensors, int acknowledged) {
        return sensors.stream().allMatch(sensor -> sensor.acknowledged() >= acknowledged);
    }

    /** What a sensor says that it has sent. */
    private record Sent(long value, long timeS) {}

    /**
     * The log of the last active holds every Speed once, as it was sent. Every Average is that of the last seconds, computed anew from what
     * the sensors have sent; the numbers have no gap, and each sensor got them with these values.
     */
    private static void verify(List<Sensor> sensors, Path journal) {
        Map<String, Sent> sent = new TreeMap<>();
        for (int i = 0; i < sensors.size(); i++) {
            for (String line : sensors.get(i).said) {
                String[] words = line.split(" ", -1);
                if (words[0].equals("sent")) {
                    sent.put(i + 1 + "/" + words[1], new Sent(Long.parseLong(words[2]), Long.parseLong(words[3])));
                }
            }
        }
        assertThat(sent).hasSize(3 * SPEEDS);
        Map<Long, Long> averages = new TreeMap<>();
        List<Sent> window = new ArrayList<>();
        JournalFolder.verify(journal).read(1, (Entry entry) -> {
            SpeedRecord.Decoded decoded = SpeedRecord.decode(entry.payload());
            long oldestS = decoded.nowS() - SpeedState.WINDOW_S;
            for (SpeedRecord record : decoded.records()) {
                if (record instanceof SpeedRecord.Measured measured) {
                    Sent one = sent.remove(measured.sensor() + "/" + measured.sequence());
                    assertThat(one).as("once, and as it was sent: " + measured).isNotNull();
                    window.add(new Sent(one.value(), Math.min(one.timeS(), decoded.nowS())));
                    window.removeIf(old -> old.timeS() < oldestS);
                    if (window.isEmpty()) { // it waited for so long that there is nothing to tell
                        assertThat(measured.serverSequence()).isEqualTo(-1);
                        continue;
                    }
                    long average = window.stream().mapToLong(Sent::value).sum() / window.size();
                    assertThat(measured.average())
                            .as(measured + " of " + window)
                            .isEqualTo(average);
                    assertThat(measured.serverSequence())
                            .as("no number is left out, none used twice")
                            .isEqualTo(averages.size());
                    averages.put(measured.serverSequence(), average);
                }
            }
            return true;
        });
        assertThat(sent).as("not in the log").isEmpty();
        for (Sensor sensor : sensors) {
            long last = -1;
            List<Long> seen = new ArrayList<>();
            for (String line : sensor.said) {
                if (line.startsWith("average ")) {
                    long sequence = Long.parseLong(line.split(" ", -1)[1]);
                    assertThat(Long.parseLong(line.split(" ", -1)[2])).isEqualTo(averages.get(sequence));
                    if (sequence > last) {
                        assertThat(last < 0 || sequence == last + 1)
                                .as("no Average is skipped: " + line)
                                .isTrue();
                        last = sequence;
                    }
                    seen.add(sequence);
                }
            }
            assertThat(seen).isNotEmpty();
        }
    }
}
