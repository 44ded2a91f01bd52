package io.bactrian.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.bactrian.pubsub.client.Bactrian;
import io.bactrian.pubsub.client.ClientSettings;
import io.bactrian.pubsub.client.Start;
import io.bactrian.testing.Ports;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import org.apache.camel.util.json.JsonArray;
import org.apache.camel.util.json.JsonObject;
import org.apache.camel.util.json.Jsoner;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What {@code topics} and {@code subscribers} show of a running hub. */
@Timeout(600)
@Tag("system")
class HubTablesTest {
    @TempDir
    static Path folder;

    private static final int MANAGEMENT = Ports.free();
    private static Application application;

    @BeforeAll
    static void putThreeAndGetOne() throws Exception {
        int publish = Ports.free();
        int subscribe = Ports.free();
        application = Application.start(Configuration.load(
                new Installation(Optional.of(Path.of("").toAbsolutePath())),
                List.of("hub"),
                Map.of(
                        "bactrian.hub.publish", "tcp://127.0.0.1:" + publish,
                        "bactrian.hub.subscribe", "tcp://127.0.0.1:" + subscribe,
                        "bactrian.hub.plain.in", "tcp://127.0.0.1:" + Ports.free(),
                        "bactrian.hub.plain.out", "tcp://127.0.0.1:" + Ports.free(),
                        "bactrian.management.port", String.valueOf(MANAGEMENT),
                        "bactrian.data", folder.resolve("hub").toString()),
                Map.of(),
                new Properties()));
        try (Bactrian client = Bactrian.open(ClientSettings.builder("reader")
                .host("127.0.0.1:" + publish + "/" + subscribe)
                .data(folder.resolve("client"))
                .build())) {
            client.subscribe("orders", Start.OLDEST);
            client.subscribe("bills/*", Start.OLDEST);
            client.subscribe("odd\\*", Start.OLDEST);
            for (String topic : List.of("orders", "orders", "bills/of größe", "red\u001b[31m")) {
                client.put(topic, "12345".getBytes(StandardCharsets.UTF_8)).get(60, TimeUnit.SECONDS);
            }
            client.get(Duration.ofSeconds(60));
        }
        await("the reader has left")
                .atMost(Duration.ofSeconds(60))
                .until(() -> run("subscribers").contains(" false "));
    }

    @AfterAll
    static void stop() {
        application.close();
    }

    private static String run(String... command) {
        List<String> all = new ArrayList<>(List.of(command));
        all.addAll(List.of("--set", "bactrian.management.port=" + MANAGEMENT));
        return execute(ExitCode.OK, all);
    }

    private static String execute(int expected, List<String> command) {
        StringWriter out = new StringWriter();
        int code = BactrianCommand.commandLine()
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(out, true))
                .execute(command.toArray(String[]::new));
        assertThat(code).as(out::toString).isEqualTo(expected);
        return out.toString();
    }

    /** The commands that ask a hub's management server, at a hub that is given by {@code --hub}. */
    private static String at(String hub, int expected, String... command) {
        List<String> all = new ArrayList<>(List.of(command));
        all.addAll(List.of("--hub", hub, "--set", "bactrian.client.hubs=" + folder.resolve("hubs.properties")));
        return execute(expected, all);
    }

    @Test
    void aHubIsNamedAsForTheCommandsOfClients() throws Exception {
        Files.writeString(folder.resolve("hubs.properties"), """
                prod.host=127.0.0.1,127.0.0.2
                prod.management=127.0.0.1:%d,127.0.0.1:%d
                both.publish=tcp://10.0.0.1:5570,tcp://10.0.0.2:5570
                both.subscribe=tcp://10.0.0.1:5571,tcp://10.0.0.2:5571
                odd.host=127.0.0.1
                odd.managementUser=anna
                """.formatted(MANAGEMENT, Ports.free()));
        for (String hub : List.of("prod", "127.0.0.1:" + MANAGEMENT)) {
            assertThat(at(hub, ExitCode.OK, "status")).contains("http://127.0.0.1:" + MANAGEMENT + " serves");
            assertThat(at(hub, ExitCode.OK, "topics")).contains("bills/of größe");
            assertThat(at(hub, ExitCode.OK, "subscribers")).contains("reader");
            assertThat(at(hub, ExitCode.FAILED, "pair", "status")).contains("No node of a pair at http://127.0.0.1:");
            assertThat(at(
                            hub,
                            ExitCode.FAILED,
                            "backup",
                            "now",
                            "--data",
                            folder.resolve("hub").toString()))
                    .contains("run the role backup there");
        }
        assertThat(at("both", ExitCode.USAGE, "status")).contains("add both.management=HOST:PORT");
        assertThat(at("pord", ExitCode.USAGE, "topics")).contains("pord is neither a hub", "both, odd, prod");
        assertThat(at("127.0.0.1:1/2", ExitCode.USAGE, "topics")).contains("neither the name of a hub nor HOST");
    }

    @Test
    void aBackupOfAHubThatIsNamedAndDoesNotAnswerIsNotMadeHere() {
        assertThat(at(
                        "127.0.0.1:" + Ports.free(),
                        ExitCode.FAILED,
                        "backup",
                        "now",
                        "--data",
                        folder.resolve("hub").toString()))
                .contains("nothing listens there");
    }

    @Test
    void topicsAreATable() {
        List<String> lines = run("topics").lines().toList();
        assertThat(lines.get(0)).matches("MESSAGES +BYTES  TOPIC");
        assertThat(lines.subList(1, lines.size()))
                .anySatisfy(line -> assertThat(line).matches(" +2 +[0-9]+  orders"))
                .anySatisfy(line -> assertThat(line).matches(" +1 +[0-9]+  bills/of größe"))
                .as("a name says nothing to the terminal")
                .anySatisfy(line -> assertThat(line).matches(" +1 +[0-9]+  red\\?\\[31m"));
    }

    @Test
    void subscribersAreATableWithWhatTheyAreBehind() {
        List<String> lines = run("subscribers").lines().toList();
        assertThat(lines).hasSize(2);
        assertThat(lines.get(0)).matches("SUBSCRIBER +ATTACHED +WINDOW +BEHIND +SECONDS +LAST SEEN +PATTERNS");
        assertThat(lines.get(1)).matches("reader +false +- +[1-9][0-9]* +[0-9.]+ +20\\S+Z  \\S+ \\S+ \\S+");
        assertThat(lines.get(1).split(" +"))
                .as("patterns as they are given to get")
                .contains("bills/*", "odd\\*", "orders");
    }

    @Test
    void jsonIsAnArray() throws Exception {
        JsonArray all = (JsonArray) Jsoner.deserialize(run("subscribers", "--json"));
        JsonObject one = (JsonObject) all.get(0);
        assertThat(one).containsEntry("subscriber", "reader").containsEntry("attached", false);
        assertThat((Number) one.get("lagSeconds")).isNotNull();
    }

    @Test
    void watchingShowsItAgain() {
        assertThat(run("topics", "--watch", "--count", "2").lines().filter(line -> line.startsWith("MESSAGES")))
                .hasSize(2);
        assertThat(run("subscribers", "--json", "--watch", "--count", "2").lines())
                .hasSize(2)
                .allMatch(line -> line.startsWith("["));
    }
}
