package io.bactrian.federation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.bactrian.app.Main;
import io.bactrian.federation.core.Topology;
import io.bactrian.federation.routes.CommandRefusedException;
import io.bactrian.federation.routes.StateClient;
import io.bactrian.federation.routes.TopologyFile;
import io.bactrian.testing.Ports;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
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
 * The scenarios by which a federation is accepted, with processes of their own that are killed with SIGKILL. They share the
 * processes, so they run in this order. History and encryption have tests of their own.
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

    private Path folder;
    private final Map<String, Process> processes = new LinkedHashMap<>();
    private Path file;
    private Topology topology;

    @BeforeAll
    void prepare(@TempDir Path shared) throws IOException {
        folder = shared;
        file = new TestFederation(folder, """
                        nodes:
                          root:
                            owns: [site]
                            primary:
                              ports: primary
                            backup:
                              ports: backup
                            children:
                              a:
                                owns: [tunnel.a]
                                ports: a
                              b:
                                owns: [tunnel.b]
                                ports: b
                        """).topology();
        topology = TopologyFile.read(file);
        start(A);
        start(B);
    }

    @AfterAll
    void stop() throws InterruptedException {
        for (Process process : processes.values()) {
            process.destroyForcibly();
            process.waitFor(30, TimeUnit.SECONDS);
        }
    }

    private void start(String node) throws IOException {
        Process process = new ProcessBuilder(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx160m",
                        "-Xshare:auto",
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Main.class.getName(),
                        "run",
                        "node",
                        "--node",
                        node,
                        "--data",
                        folder.resolve("data").toString(),
                        "--set",
                        "bactrian.federation.topology=" + file,
                        "--set",
                        "bactrian.federation.heartbeat=200ms",
                        "--set",
                        "bactrian.federation.silence=2s",
                        "--set",
                        "bactrian.management.port=" + Ports.free()))
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(
                        folder.resolve(node + ".log").toFile()))
                .start();
        processes.put(node, process);
    }

    private void kill(String node) throws InterruptedException {
        Process process = processes.remove(node);
        process.destroyForcibly();
        process.waitFor(30, TimeUnit.SECONDS);
    }

    private StateClient client(String node) {
        return StateClient.connect(topology, topology.member(node), folder);
    }

    private void set(String node, String key, String value) {
        try (StateClient client = client(node)) {
            client.set(key, value.getBytes(StandardCharsets.UTF_8), 0, 10_000);
        }
    }

    private void awaitValue(String node, String key, String wanted) {
        try (StateClient client = client(node)) {
            await(key + " at " + node)
                    .atMost(PATIENCE)
                    .ignoreExceptions()
                    .until(() ->
                            client.snapshot(key, 2_000).getOrDefault(key, "").matches(wanted));
        }
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
        try (StateClient client = client(A)) {
            assertThat(client.snapshot("nodes.root.active", 5_000)).isEmpty();
        }
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
    void continuousSynchronisation() {
        for (int i = 0; i < 5; i++) {
            set(B, "tunnel.b.pump", "p" + i);
        }
        awaitValue(A, "tunnel.b.pump", "p4");
    }

    @Test
    @Order(6)
    void commandFromTheRootToAChild() {
        set(PRIMARY, "tunnel.a.fan", "by the root");
        awaitValue(B, "tunnel.a.fan", "by the root");
    }

    @Test
    @Order(7)
    void accessControlByOwner() {
        try (StateClient client = client(A)) {
            assertThatThrownBy(() -> client.set("nobody.owns", new byte[] {'x'}, 0, 10_000))
                    .isInstanceOf(CommandRefusedException.class)
                    .hasMessageContaining("nobody owns");
        }
    }

    @Test
    @Order(8)
    void passiveDiesWithoutInterruptionAndWithAnAlarm() throws Exception {
        kill(BACKUP);
        set(A, "site.mode", "day");
        awaitValue(B, "site.mode", "day");
        awaitValue(A, "nodes.root.alarms.silent-nodes_root_backup_", "open .*");
        start(BACKUP);
        awaitValue(A, "nodes.root.alarms.silent-nodes_root_backup_", "closed .*");
    }

    @Test
    @Order(9)
    void activeDiesWithAClientConnected() throws Exception {
        kill(PRIMARY);
        awaitValue(A, "nodes.root.active", "backup");
        awaitValue(A, "nodes.root.alarms.failover", "open .*");
        set(B, "site.mode", "night");
        awaitValue(A, "site.mode", "night");
    }

    @Test
    @Order(10)
    void neighbourUnreachableAndTheNodeGoesOn() throws Exception {
        kill(BACKUP);
        set(A, "tunnel.a.fan", "alone");
        set(B, "tunnel.b.pump", "alone");
        awaitValue(A, "tunnel.a.fan", "alone");
        awaitValue(A, "nodes.root.a.alarms.silent-nodes_root_backup_", "open .*");
    }

    @Test
    @Order(11)
    void synchronisationBothWaysAfterTheLinkIsBack() throws Exception {
        start(BACKUP);
        start(PRIMARY);
        awaitValue(A, "tunnel.b.pump", "alone");
        awaitValue(B, "tunnel.a.fan", "alone");
        awaitValue(A, "site.mode", "night");
    }
}
