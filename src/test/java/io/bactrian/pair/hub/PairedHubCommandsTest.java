package io.bactrian.pair.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.bactrian.app.Main;
import io.bactrian.testing.JavaCommand;
import io.bactrian.testing.PairProcesses;
import io.bactrian.testing.Ports;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.apache.camel.ProducerTemplate;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.component.kamelet.KameletComponent;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands that people type, and the routes of others, go on when the active hub of a pair is killed. */
@Tag("slow")
class PairedHubCommandsTest {
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final int LINES = 200;
    /** A route waits for the acknowledgement of each. */
    private static final int ROUTED = 25;

    @TempDir
    Path folder;

    private final Map<String, Integer> ports = new HashMap<>();
    private final List<Process> started = new ArrayList<>();
    private final List<String> byKamelet = Collections.synchronizedList(new ArrayList<>());
    private final List<String> byComponent = Collections.synchronizedList(new ArrayList<>());
    private DefaultCamelContext routes = new DefaultCamelContext();

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

    /** What a command says that asks the management servers of both hubs. */
    private String asked(int code, PairProcesses hubs, String... words) {
        List<String> all = new ArrayList<>(List.of(words));
        all.addAll(List.of("--hub", hubs.managements(), "--data", folder.toString()));
        StringWriter err = new StringWriter();
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        int exit = Main.run(out, new PrintWriter(err, true), all.toArray(String[]::new));
        String said = out.toString(StandardCharsets.UTF_8) + err;
        assertThat(exit).as(said).isEqualTo(code);
        return said;
    }

    /** Publish and subscribe by Kamelets and by the component, each at both hubs. */
    private DefaultCamelContext routes(String addresses) throws Exception {
        DefaultCamelContext context = new DefaultCamelContext();
        context.disableJMX();
        context.getComponent("kamelet", KameletComponent.class).setLocation("file:routes/kamelets");
        context.addRoutes(new RouteBuilder() {
            @Override
            public void configure() {
                String at = "host=" + addresses + "&data=" + folder.resolve("routes");
                from("direct:kamelet").to("kamelet:bactrian-publish-sink?topic=by-kamelet&" + at);
                from("direct:component").to("bactrian:by-component?" + at);
                from("kamelet:bactrian-subscribe-source?topic=by-component&subscriber=k&" + at)
                        .process(exchange -> byKamelet.add(exchange.getMessage().getBody(String.class)));
                from("bactrian:by-kamelet?subscriber=c&" + at)
                        .process(exchange ->
                                byComponent.add(exchange.getMessage().getBody(String.class)));
            }
        });
        context.start();
        return context;
    }

    private void putByRoutes(int from, int to) {
        try (ProducerTemplate template = routes.createProducerTemplate()) {
            for (String line : lines(from, to)) {
                template.sendBody("direct:kamelet", line);
                template.sendBody("direct:component", line);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
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
    void putGetAndRoutesGoOnAtTheOtherHubAndTheConsolesOfBothAreAsked() throws Exception {
        // No pause of a loaded machine looks like a death: the kill is seen by its closed connection.
        try (PairProcesses hubs = new PairProcesses(folder, List.of("backup", "hub-pair", "--side"), true, 2_000)) {
            String addresses = "";
            Files.writeString(folder.resolve("management.token"), "the same for both");
            for (String side : List.of("primary", "backup")) {
                for (String key : List.of("publish", "subscribe", "plain.in", "plain.out")) {
                    hubs.set(side, "bactrian.hub." + key, "tcp://127.0.0.1:" + port(side + " " + key));
                }
                hubs.set(
                        side,
                        "bactrian.backup.folder",
                        folder.resolve("backups of " + side).toString());
                hubs.set(side, "bactrian.management.tokenFile", folder.resolve("management.token"));
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
            routes = routes(addresses);
            Process put = command("put", "put", "news", "--publisher", "p", "--hub", addresses, "--data", data, "-");
            OutputStream in = put.getOutputStream();
            type(in, 0, LINES);
            await().atMost(PATIENCE).until(() -> got().size() == LINES && looked().size() == LINES);
            putByRoutes(0, ROUTED);
            await().atMost(PATIENCE).until(() -> byKamelet.size() == ROUTED && byComponent.size() == ROUTED);
            assertThat(asked(0, hubs, "status")).contains(" serves", " ACTIVE", " stands by");
            assertThat(asked(0, hubs, "topics")).contains(" news");
            assertThat(asked(0, hubs, "backup", "now")).contains("backup");
            hubs.kill(active);
            type(in, LINES, 2 * LINES);
            in.close();
            assertThat(put.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
            assertThat(put.exitValue()).isZero();
            putByRoutes(ROUTED, 2 * ROUTED);
            await().atMost(PATIENCE).until(() -> byKamelet.size() >= 2 * ROUTED && byComponent.size() >= 2 * ROUTED);
            assertThat(byKamelet).isEqualTo(lines(0, 2 * ROUTED));
            assertThat(byComponent).isEqualTo(lines(0, 2 * ROUTED));
            await().atMost(PATIENCE).until(() -> got().size() >= 2 * LINES);
            assertThat(got()).isEqualTo(lines(0, 2 * LINES));
            assertThat(get.isAlive()).isTrue();
            await().atMost(PATIENCE).until(() -> looked().size() >= 2 * LINES);
            assertThat(looked()).as("who looks on goes on, too").isEqualTo(lines(0, 2 * LINES));
            assertThat(tail.isAlive()).isTrue();
            assertThat(hubs.status(passive))
                    .contains(" serves", "node: " + passive.toUpperCase(Locale.ROOT) + " ACTIVE", "OUT");
            assertThat(asked(0, hubs, "status", "--wait", "30s"))
                    .contains("node: " + passive.toUpperCase(Locale.ROOT) + " ACTIVE", "nothing listens there");
            assertThat(asked(0, hubs, "subscribers", "--json")).contains("\"subscriber\":\"s\"");
            assertThat(asked(0, hubs, "backup", "now")).contains("backup");
            assertThat(asked(1, hubs, "pair", "promote")).contains("name by --hub the one that is to become active");
            hubs.kill(passive);
            assertThat(asked(1, hubs, "status")).contains("nothing listens there", "no node of the pair is active");
            assertThat(asked(1, hubs, "topics")).contains("nothing listens there");
        } finally {
            routes.close();
            started.forEach(Process::destroyForcibly);
        }
    }
}
