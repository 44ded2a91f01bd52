package io.bactrian.federation.routes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.bactrian.app.Main;
import io.bactrian.testing.JavaCommand;
import io.bactrian.testing.Ports;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A pair as one redundant server set; node-opcua follows it. The primary is a process of its own, and is killed with SIGKILL. */
@Tag("campaign")
class OpcUaPairTest {
    private static final Duration PATIENCE = Duration.ofSeconds(90);
    private static final String PRIMARY = "nodes.root[primary]";
    private static final String BACKUP = "nodes.root[backup]";
    private static final String A = "nodes.root.a";
    private static final String COUNT = "tunnel.a.count";

    @TempDir
    Path folder;

    private TestFederation federation;
    private Process primary;
    private OpcUaPeer peer;

    @AfterEach
    void stop() throws InterruptedException {
        if (peer != null) {
            peer.close();
        }
        if (primary != null) {
            primary.destroyForcibly().waitFor(60, TimeUnit.SECONDS);
        }
        federation.close();
    }

    private Process start(String node, String... settings) throws Exception {
        List<String> command = JavaCommand.of(
                List.of("-Xmx300m"),
                Main.class,
                "run",
                "node",
                "opcua",
                "--node",
                node,
                "--data",
                folder.resolve("data").toString());
        for (String setting : settings) {
            command.add("--set");
            command.add(setting);
        }
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("primary.log").toFile())
                .start();
    }

    @Test
    void aClientThatFollowsTheServiceLevelMissesNoValueWhenTheActiveIsKilled() throws Exception {
        federation = new TestFederation(folder, """
                federation: test
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
                """);
        int first = Ports.free();
        int second = Ports.free();
        primary = start(
                PRIMARY,
                "bactrian.federation.topology=" + federation.topology(),
                "bactrian.federation.heartbeat=100ms",
                "bactrian.federation.silence=4s",
                "bactrian.federation.tick.intervalMs=20",
                "bactrian.management.port=" + Ports.free(),
                "bactrian.federation.opcua.port=" + first,
                "bactrian.federation.opcua.peer=opc.tcp://127.0.0.1:" + second,
                "bactrian.federation.opcua.policies=None",
                "bactrian.federation.opcua.anonymous=write");
        federation.set("bactrian.federation.silence", "4s").start(A);
        federation
                .set("bactrian.federation.opcua.port", Integer.toString(second))
                .set("bactrian.federation.opcua.peer", "opc.tcp://127.0.0.1:" + first)
                .set("bactrian.federation.opcua.policies", "None")
                .set("bactrian.federation.opcua.anonymous", "write")
                .roles("node", "opcua")
                .start(BACKUP);
        put(1);
        await().atMost(PATIENCE).untilAsserted(() -> {
            assertThat(federation.value(BACKUP, COUNT)).as(federation::figures).isEqualTo("1");
            assertThat(federation.value(A, "nodes.root.active")).isEqualTo("primary");
        });

        peer = new OpcUaPeer("opcua-client.js", folder);
        JsonNode set =
                peer.ask("redundant", "url", "opc.tcp://127.0.0.1:" + first, "nodes", List.of("ns=2;s=" + COUNT));
        assertThat(set.get("support").asInt()).as("Hot").isEqualTo(3);
        assertThat(set.get("uris").toString())
                .isEqualTo("[\"urn:bactrian:federation:test:nodes.root:primary\","
                        + "\"urn:bactrian:federation:test:nodes.root:backup\"]");
        assertThat(set.get("urls").toString()).contains(":" + first + "\"", ":" + second + "\"");
        awaitCurrent(0);
        assertThat(peer.events("level").toString())
                .contains("\"server\":0,\"level\":255")
                .contains("\"server\":1,\"level\":100");
        for (int i = 2; i <= 100; i++) {
            put(i);
        }
        awaitLast(100);

        primary.destroyForcibly();
        for (int i = 101; i <= 200; i++) {
            put(i);
        }
        primary.waitFor(60, TimeUnit.SECONDS);
        awaitCurrent(1);
        for (int i = 201; i <= 250; i++) {
            put(i);
        }
        awaitLast(250);
        assertThat(values().distinct().toArray())
                .isEqualTo(IntStream.rangeClosed(1, 250).toArray());
        assertThat(peer.events("error")).isEmpty();
    }

    private void put(int value) {
        federation.put(A, COUNT, Integer.toString(value));
    }

    private IntStream values() {
        return peer.events("redundant").stream()
                .mapToInt(event -> event.get("value").asInt());
    }

    private void awaitLast(int value) {
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(values().max().orElse(0))
                        .as(() -> peer.events("level") + federation.figures())
                        .isEqualTo(value));
    }

    private void awaitCurrent(int server) {
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(peer.events("current"))
                        .as(federation::figures)
                        .last()
                        .extracting(event -> event.get("server").asInt())
                        .isEqualTo(server));
    }

    @Test
    void aClientThatWritesToThePassiveProcessVotesForATakeover() throws Exception {
        federation = new TestFederation(folder, """
                federation: test
                nodes:
                  root:
                    owns: [site]
                    primary:
                      ports: primary
                    backup:
                      ports: backup
                """);
        int port = Ports.free();
        // The backup must not take a primary that has to wait for the processor for a dead one.
        federation.set("bactrian.federation.silence", "10s").start(PRIMARY);
        federation
                .set("bactrian.federation.opcua.port", Integer.toString(port))
                .set("bactrian.federation.opcua.policies", "None")
                .set("bactrian.federation.opcua.anonymous", "write")
                .roles("node", "opcua")
                .start(BACKUP);
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(federation.value(BACKUP, "nodes.root.active"))
                        .isEqualTo("primary"));
        federation.put(PRIMARY, "site.mode", "day");
        await().atMost(PATIENCE)
                .untilAsserted(
                        () -> assertThat(federation.value(BACKUP, "site.mode")).isEqualTo("day"));
        peer = new OpcUaPeer("opcua-client.js", folder);
        peer.ask("connect", "name", "one", "url", "opc.tcp://127.0.0.1:" + port);
        assertThat(write("night")).isEqualTo("BadInvalidState");
        assertThat(federation.node(BACKUP).active()).isFalse();
        federation.stop(PRIMARY);
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(write("night")).isEqualTo("Good"));
        assertThat(federation.value(BACKUP, "site.mode")).isEqualTo("night");
        assertThat(peer.ask("read", "name", "one", "node", "i=2267")
                        .get("value")
                        .asInt())
                .isBetween(10, 255);
    }

    private String write(String value) throws Exception {
        return peer.ask("write", "name", "one", "node", "ns=2;s=site.mode", "type", "String", "value", value)
                .asText();
    }
}
