package io.bactrian.federation.routes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.bactrian.app.Main;
import io.bactrian.federation.core.Topology;
import io.bactrian.testing.JavaCommand;
import io.bactrian.testing.Ports;
import io.bactrian.zeromq.socket.CurveCertificate;
import io.bactrian.zeromq.socket.CurveKeys;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.awaitility.core.ConditionTimeoutException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/**
 * The scenarios by which a federation is accepted, with processes of their own that are killed with SIGKILL, and encrypted links, of
 * which those of a can be tapped and cut. They share the processes, so they run in this order.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
@Tag("slow")
class AcceptanceScenariosTest {
    private static final Duration PATIENCE = Duration.ofSeconds(90);
    private static final String PRIMARY = "nodes.root[primary]";
    private static final String BACKUP = "nodes.root[backup]";
    private static final String A = "nodes.root.a";
    private static final String B = "nodes.root.b";
    /** Long enough that the frames of ZeroMQ and the nonces of CURVE, which are no secrets, are few beside it. */
    private static final String SECRET = "the-word-that-nobody-may-read-".repeat(100);

    private final Map<String, Process> processes = new LinkedHashMap<>();
    private final Map<String, StateClient> clients = new LinkedHashMap<>();
    private final Map<String, Integer> httpPorts = new LinkedHashMap<>();
    private final List<Tap> taps = new ArrayList<>();
    private Path folder;
    private Path keys;
    private Path file;
    private Path fileOfA;
    private Topology topology;
    private List<String> missedHistory = List.of();

    @BeforeAll
    void prepare(@TempDir Path shared) throws IOException {
        folder = shared;
        keys = folder.resolve("keys");
        TestFederation federation =
                new TestFederation(folder, """
                        security: curve
                        nodes:
                          root:
                            owns: [site]
                            roles: [history]
                            primary:
                              ports: primary
                        %s    backup:
                              ports: backup
                        %s    children:
                              a:
                                owns: [tunnel.a, robot]
                                roles: [robot, history]
                                ports: a
                        %s      b:
                                owns: [tunnel.b]
                                ports: b
                        %s""".formatted(keys(PRIMARY, 6), keys(BACKUP, 6), keys(A, 8), keys(B, 8)));
        file = federation.topology();
        topology = TopologyFile.read(file);
        String text = Files.readString(file);
        for (String root : new String[] {"primary south", "backup south"}) {
            Tap tap = new Tap(federation.port(root));
            taps.add(tap);
            text = text.replace("southPort: " + federation.port(root), "southPort: " + tap.port());
        }
        fileOfA = Files.writeString(folder.resolve("topology-of-a.yaml"), text);
        CurveKeys own = CurveKeys.generate();
        Files.writeString(keys.resolve("client.key_secret"), CurveCertificate.secretText(own, Map.of()));
        for (String node : List.of(PRIMARY, BACKUP, A, B)) {
            Path admitted = Files.createDirectories(
                    folder.resolve("data/federation").resolve(node).resolve("admitted"));
            Files.writeString(admitted.resolve("client.key"), CurveCertificate.publicText(own.publicKey(), Map.of()));
            httpPorts.put(node, Ports.free());
        }
        start(A);
        start(B);
    }

    private String keys(String node, int indent) throws IOException {
        StringBuilder lines = new StringBuilder();
        TopologyKeys.make(keys, node, false)
                .forEach((key, value) -> lines.append(" ".repeat(indent))
                        .append(key)
                        .append(": '")
                        .append(value)
                        .append("'\n"));
        return lines.toString();
    }

    @AfterAll
    void stop() throws Exception {
        clients.values().forEach(StateClient::close);
        for (String node : List.copyOf(processes.keySet())) {
            kill(node);
        }
        for (Tap tap : taps) {
            tap.close();
        }
    }

    private void start(String node) throws IOException {
        List<String> command = JavaCommand.of(
                List.of("-Xmx160m"),
                Main.class,
                "run",
                "node",
                "--node",
                node,
                "--data",
                folder.resolve("data").toString());
        Map<String, String> settings = Map.of(
                "bactrian.federation.topology",
                (node.equals(A) ? fileOfA : file).toString(),
                "bactrian.federation.keys.folder",
                keys.toString(),
                "bactrian.federation.heartbeat",
                "200ms",
                "bactrian.federation.silence",
                "2s",
                "bactrian.federation.http.port",
                Integer.toString(httpPorts.get(node)),
                "camel.management.enabled",
                "false");
        settings.forEach((key, value) -> command.addAll(List.of("--set", key + "=" + value)));
        processes.put(
                node,
                new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.appendTo(
                                folder.resolve(node + ".log").toFile()))
                        .start());
    }

    private void kill(String node) throws InterruptedException {
        StateClient client = clients.remove(node);
        if (client != null) {
            client.close();
        }
        Process process = processes.remove(node);
        process.destroyForcibly();
        process.waitFor(60, TimeUnit.SECONDS);
    }

    private StateClient client(String node) {
        return clients.computeIfAbsent(node, id -> StateClient.connect(topology, topology.member(id), keys));
    }

    private void set(String node, String key, String value) {
        client(node).set(key, value.getBytes(StandardCharsets.UTF_8), 0, PATIENCE.toMillis());
    }

    /** Sets a key of another node; a machine that has no time for that now may need more than one command. */
    private void setElsewhere(String node, String key, String value) {
        await(key + " set at " + node).atMost(PATIENCE).ignoreExceptions().until(() -> {
            set(node, key, value);
            return true;
        });
    }

    private void awaitValue(String node, String key, String wanted) {
        List<String> seen = new ArrayList<>();
        try {
            await(key + " at " + node).atMost(PATIENCE).ignoreExceptions().until(() -> {
                seen.add("no answer");
                seen.add(client(node).snapshot(key, 2_000).getOrDefault(key, ""));
                return seen.get(seen.size() - 1).matches(wanted);
            });
        } catch (ConditionTimeoutException e) {
            throw new AssertionError(
                    key + " at " + node + " is not " + wanted + " but " + seen.get(seen.size() - 1) + processes(), e);
        }
    }

    /** What the processes have said last. */
    private String processes() {
        StringBuilder text = new StringBuilder();
        for (String node : List.of(PRIMARY, BACKUP, A, B)) {
            Process process = processes.get(node);
            text.append("\n== ").append(node).append(process != null && process.isAlive() ? " lives" : " is dead");
            try (Stream<String> lines = Files.lines(folder.resolve(node + ".log"))) {
                List<String> told =
                        lines.filter(line -> !line.contains(" disconnected ")).toList();
                told.subList(Math.max(0, told.size() - 25), told.size())
                        .forEach(line -> text.append("\n").append(line));
            } catch (IOException e) {
                text.append("\n").append(e);
            }
        }
        return text.toString();
    }

    /** What a process knows of the robot's axis: who has recorded it, its number, and where it stood. */
    private List<String> axis(String node) throws Exception {
        URI uri = URI.create(
                "http://127.0.0.1:" + httpPorts.get(node) + "/federation/history?name=robot.axis&limit=100000");
        String csv = HttpClient.newHttpClient()
                .send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString())
                .body();
        return csv.lines().skip(1).toList();
    }

    /** The root gets all that a has now, each record once. */
    private void awaitHistoryOfNow(String root) {
        List<List<String>> now = new ArrayList<>();
        await().atMost(PATIENCE).ignoreExceptions().until(() -> now.add(axis(A)) && !axis(A).isEmpty());
        List<String> wanted = now.get(now.size() - 1);
        await("the history at " + root)
                .atMost(PATIENCE)
                .ignoreExceptions()
                .untilAsserted(() -> assertThat(axis(root)).startsWith(wanted.toArray(String[]::new)));
    }

    @Test
    @Order(1)
    void configurationLoading() {
        awaitValue(A, "nodes.root.a.alarms.silent-nodes_root_primary_", "open .*");
        assertThat(folder.resolve("data/federation/nodes.root.a/state")).isDirectory();
    }

    @Test
    @Order(2)
    void unhealthyStartWithoutTakeoverAndWithAnAlarm() throws Exception {
        set(A, "tunnel.a.fan", "before");
        start(BACKUP);
        awaitValue(A, "nodes.root.a.alarms.inactive-nodes_root", "open .*");
        await().atMost(PATIENCE)
                .until(() -> Files.readString(folder.resolve(BACKUP + ".log")).contains("unhealthy-start"));
        assertThat(client(A).snapshot("nodes.root.active", PATIENCE.toMillis())).isEmpty();
    }

    @Test
    @Order(3)
    void healthyStart() throws Exception {
        start(PRIMARY);
        awaitValue(A, "nodes.root.active", "primary");
        awaitValue(B, "nodes.root.active", "primary");
    }

    @Test
    @Order(4)
    void initialSynchronisationOfARootWithTwoChildren() {
        awaitValue(PRIMARY, "tunnel.a.fan", "before");
        awaitValue(B, "tunnel.a.fan", "before");
    }

    @Test
    @Order(5)
    void initialDeltaOfTheHistory() {
        awaitHistoryOfNow(PRIMARY);
    }

    @Test
    @Order(6)
    void continuousSynchronisation() {
        for (int i = 0; i < 5; i++) {
            set(B, "tunnel.b.pump", "p" + i);
        }
        awaitValue(A, "tunnel.b.pump", "p4");
    }

    @Test
    @Order(7)
    void continuousHistory() {
        awaitHistoryOfNow(PRIMARY);
    }

    @Test
    @Order(8)
    void commandFromTheRootToAChild() {
        setElsewhere(PRIMARY, "tunnel.a.fan", "by the root");
        awaitValue(B, "tunnel.a.fan", "by the root");
    }

    @Test
    @Order(9)
    void accessControlByOwner() {
        assertThatThrownBy(() -> set(A, "nobody.owns", "x"))
                .isInstanceOf(CommandRefusedException.class)
                .hasMessageContaining("nobody owns");
    }

    @Test
    @Order(10)
    void dataBetweenTwoNodesCannotBeReadOnTheWire() {
        int before = taps.get(0).captured().length;
        for (int i = 0; i < 40; i++) {
            set(A, "tunnel.a.secret", SECRET + i);
        }
        awaitValue(B, "tunnel.a.secret", SECRET + 39);
        byte[] captured = taps.get(0).captured();
        byte[] since = Arrays.copyOfRange(captured, before, captured.length);
        assertThat(since.length).isGreaterThan(100_000);
        assertThat(new String(captured, StandardCharsets.ISO_8859_1))
                .doesNotContain("that-nobody-may-read", "tunnel.a");
        assertThat(Tap.entropy(since)).isGreaterThan(0.95);
    }

    @Test
    @Order(11)
    void activeDiesWithAClientConnected() throws Exception {
        kill(PRIMARY);
        awaitValue(A, "nodes.root.active", "backup");
        awaitValue(A, "nodes.root.alarms.failover", "open .*");
        setElsewhere(B, "site.mode", "night");
        awaitValue(A, "site.mode", "night");
    }

    @Test
    @Order(12)
    void passiveDiesWithoutInterruptionAndWithAnAlarm() throws Exception {
        String alarm = "nodes.root.alarms.silent-nodes_root_primary_";
        start(PRIMARY);
        awaitValue(A, alarm, "closed .*");
        kill(PRIMARY);
        setElsewhere(A, "site.mode", "day");
        awaitValue(B, "site.mode", "day");
        awaitValue(A, alarm, "open .*");
    }

    @Test
    @Order(13)
    void neighbourUnreachableAndTheNodeGoesOn() throws Exception {
        for (Tap tap : taps) {
            tap.cut();
        }
        set(A, "tunnel.a.fan", "alone");
        awaitValue(A, "tunnel.a.fan", "alone");
        awaitValue(A, "nodes.root.a.alarms.silent-nodes_root_backup_", "open .*");
        awaitValue(B, "nodes.root.alarms.silent-nodes_root_a", "open .*");
        set(B, "tunnel.b.pump", "alone");
        assertThat(client(A).snapshot("tunnel.b.pump", PATIENCE.toMillis())).containsEntry("tunnel.b.pump", "p4");
        missedHistory = axis(A);
        assertThat(axis(BACKUP).size()).isLessThan(missedHistory.size());
    }

    @Test
    @Order(14)
    void synchronisationBothWaysAfterTheLinkIsBack() throws Exception {
        for (Tap tap : taps) {
            tap.restore();
        }
        awaitValue(A, "tunnel.b.pump", "alone");
        awaitValue(B, "tunnel.a.fan", "alone");
        awaitValue(A, "nodes.root.a.alarms.silent-nodes_root_backup_", "closed .*");
    }

    @Test
    @Order(15)
    void historyAgainAfterTheLinkIsBack() {
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(axis(BACKUP)).startsWith(missedHistory.toArray(String[]::new)));
        awaitHistoryOfNow(BACKUP);
    }
}
