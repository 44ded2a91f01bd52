package io.bactrian.pair.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.bactrian.app.Main;
import io.bactrian.testing.JavaCommand;
import io.bactrian.testing.PairProcesses;
import io.bactrian.testing.Ports;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands that people type go on when the active hub of a pair is killed. */
@Tag("slow")
class PairedHubCommandsTest {
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final int LINES = 200;

    @TempDir
    Path folder;

    private final Map<String, Integer> ports = new HashMap<>();
    private final List<Process> started = new ArrayList<>();

    private int port(String name) {
        return ports.computeIfAbsent(name, key -> Ports.free());
    }

    private Process command(String name, String... words) throws IOException {
        List<String> command = JavaCommand.of(List.of("-Xmx192m"), Main.class);
        command.addAll(List.of(words));
        Process process = new ProcessBuilder(command)
                .redirectOutput(folder.resolve(name + ".out").toFile())
                .redirectError(folder.resolve(name + ".err").toFile())
                .start();
        started.add(process);
        return process;
    }

    private List<String> got() throws IOException {
        return Files.readAllLines(folder.resolve("get.out"));
    }

    private List<String> looked() throws IOException {
        return Files.readAllLines(folder.resolve("tail.out")).stream()
                .map(line -> line.replaceAll(".*\"body\":\"([^\"]*)\".*", "$1"))
                .toList();
    }

    private static List<String> lines(int from, int to) {
        return IntStream.range(from, to).mapToObj(i -> "line-" + i).toList();
    }

    private static void type(OutputStream in, int from, int to) throws IOException {
        for (String line : lines(from, to)) {
            in.write((line + "\n").getBytes(StandardCharsets.UTF_8));
        }
        in.flush();
    }

    @Test
    void putAndGetGoOnAtTheOtherHubAndStatusShowsBothNodes() throws Exception {
        // No pause of a loaded machine looks like a death: the kill is seen by its closed connection.
        try (PairProcesses hubs = new PairProcesses(folder, List.of("hub-pair", "--side"), true, 2_000)) {
            String addresses = "";
            for (String side : List.of("primary", "backup")) {
                for (String key : List.of("publish", "subscribe", "plain.in", "plain.out")) {
                    hubs.set(side, "bactrian.hub." + key, "tcp://127.0.0.1:" + port(side + " " + key));
                }
                addresses += (addresses.isEmpty() ? "" : ",") + "127.0.0.1:" + port(side + " publish") + "/"
                        + port(side + " subscribe");
            }
            hubs.start("witness");
            hubs.start("primary");
            hubs.start("backup");
            String active = hubs.awaitInStep(PATIENCE);
            String passive = PairProcesses.other(active);
            assertThat(hubs.status(active))
                    .contains(
                            " serves",
                            "node: " + active.toUpperCase(Locale.ROOT) + " ACTIVE",
                            "peer: PASSIVE",
                            "in step: IN");
            assertThat(hubs.status(passive))
                    .contains(" stands by", "node: " + passive.toUpperCase(Locale.ROOT) + " PASSIVE", "peer: ACTIVE");
            String data = folder.resolve("client").toString();
            Process get =
                    command("get", "get", "news*", "--subscriber", "s", "--follow", "--hub", addresses, "--data", data);
            Process tail =
                    command("tail", "tail", "news*", "--from", "oldest", "--json", "--hub", addresses, "--data", data);
            Process put = command("put", "put", "news", "--publisher", "p", "--hub", addresses, "--data", data, "-");
            OutputStream in = put.getOutputStream();
            type(in, 0, LINES);
            await().atMost(PATIENCE).until(() -> got().size() == LINES && looked().size() == LINES);
            hubs.kill(active);
            type(in, LINES, 2 * LINES);
            in.close();
            assertThat(put.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
            assertThat(put.exitValue()).isZero();
            await().atMost(PATIENCE).until(() -> got().size() >= 2 * LINES);
            assertThat(got()).isEqualTo(lines(0, 2 * LINES));
            assertThat(get.isAlive()).isTrue();
            await().atMost(PATIENCE).until(() -> looked().size() >= 2 * LINES);
            assertThat(looked()).as("who looks on goes on, too").isEqualTo(lines(0, 2 * LINES));
            assertThat(tail.isAlive()).isTrue();
            assertThat(hubs.status(passive))
                    .contains(" serves", "node: " + passive.toUpperCase(Locale.ROOT) + " ACTIVE", "OUT");
        } finally {
            started.forEach(Process::destroyForcibly);
        }
    }
}
