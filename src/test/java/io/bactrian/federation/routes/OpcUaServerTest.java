package io.bactrian.federation.routes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.bactrian.federation.opcua.OpcUaService;
import io.bactrian.testing.Ports;
import io.micrometer.core.instrument.MeterRegistry;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.camel.health.HealthCheck;
import org.apache.camel.health.HealthCheckHelper;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The state of a node as OPC UA, seen by node-opcua. The server of most tests is at the root; a owns {@code tunnel.a} and has a
 * server with narrow bounds.
 */
@Tag("system")
class OpcUaServerTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final String ROOT = "nodes.root";
    private static final String A = "nodes.root.a";
    private static final String B = "nodes.root.b";

    @TempDir
    static Path folder;

    private static TestFederation federation;
    private static OpcUaPeer peer;
    private static String url;
    private static String narrowUrl;

    @BeforeAll
    static void start() throws Exception {
        int port = Ports.free();
        url = "opc.tcp://127.0.0.1:" + port;
        Files.writeString(folder.resolve("users"), "# who\nreader read r-secret\nwriter write w-secret\n");
        federation = new TestFederation(folder, TestFederation.rootWithTwoChildren());
        int narrowPort = Ports.free();
        narrowUrl = "opc.tcp://127.0.0.1:" + narrowPort;
        federation
                .set("bactrian.federation.opcua.refreshMs", "50")
                .set("camel.metrics.enabled", "true")
                .roles("node")
                .start(B)
                .roles("node", "opcua")
                .set("bactrian.federation.opcua.port", Integer.toString(narrowPort))
                .set("bactrian.federation.opcua.anonymous", "none")
                .set("bactrian.federation.opcua.users", folder.resolve("users").toString())
                .set("bactrian.federation.opcua.subtrees", "tunnel.a.small")
                .set("bactrian.federation.opcua.nodes.max", "6")
                .set("bactrian.federation.opcua.sessions.max", "1")
                .set("bactrian.federation.opcua.items.max", "2")
                .set("bactrian.federation.opcua.history.max", "4")
                .start(A);
        federation
                .set("bactrian.federation.opcua.subtrees", "")
                .set("bactrian.federation.opcua.nodes.max", "1000")
                .set("bactrian.federation.opcua.sessions.max", "50")
                .set("bactrian.federation.opcua.items.max", "1000")
                .set("bactrian.federation.opcua.history.max", "5000")
                .set("bactrian.federation.opcua.anonymous", "read")
                .set("bactrian.federation.opcua.policies", "None,Basic256Sha256")
                .set("bactrian.federation.opcua.port", Integer.toString(port))
                .start(ROOT);
        peer = new OpcUaPeer("opcua-client.js", folder);
        peer.ask("connect", "name", "writer", "url", url, "user", "writer", "password", "w-secret");
        peer.ask("connect", "name", "anonymous", "url", url);
    }

    @AfterAll
    static void stop() {
        if (peer != null) {
            peer.close();
        }
        if (federation != null) {
            federation.close();
        }
    }

    private static String node(String key) {
        return "ns=2;s=" + key;
    }

    private static JsonNode read(String key) throws Exception {
        return peer.ask("read", "name", "anonymous", "node", node(key));
    }

    private static void awaitValue(String key, Object value) {
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(read(key).get("value").asText()).isEqualTo(String.valueOf(value)));
    }

    private static List<String> names(String folderNode) throws Exception {
        List<String> names = new ArrayList<>();
        peer.ask("browse", "name", "anonymous", "node", folderNode)
                .forEach(child -> names.add(
                        child.get("kind").asText() + " " + child.get("name").asText()));
        return names;
    }

    @Test
    void keysAreVariablesInFoldersWithTypesAndTimes() throws Exception {
        long before = System.currentTimeMillis() - 5_000;
        federation.put(A, "tunnel.a.fan.speed", "12.5");
        federation.put(A, "tunnel.a.fan.on", "true");
        federation.put(A, "tunnel.a.fan.label", "north 007");
        awaitValue("tunnel.a.fan.label", "north 007");
        assertThat(names("i=85")).contains("Object test");
        assertThat(names("ns=2;s=/")).contains("Object tunnel", "Object nodes");
        assertThat(names("ns=2;s=tunnel.a/")).contains("Object fan");
        assertThat(names("ns=2;s=tunnel.a.fan/"))
                .containsExactlyInAnyOrder("Variable speed", "Variable on", "Variable label");
        JsonNode speed = read("tunnel.a.fan.speed");
        assertThat(speed.get("value").asDouble()).isEqualTo(12.5);
        assertThat(speed.get("type").asText()).isEqualTo("Double");
        assertThat(speed.get("status").asText()).isEqualTo("Good");
        assertThat(speed.get("source").asLong()).isBetween(before, System.currentTimeMillis());
        assertThat(read("tunnel.a.fan.on").get("type").asText()).isEqualTo("Boolean");
        assertThat(read("tunnel.a.fan.label").get("type").asText()).isEqualTo("String");
        assertThat(read("tunnel.a.nothing").get("status").asText()).isEqualTo("BadNodeIdUnknown");

        federation.put(A, "tunnel.a.fan.label", "");
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(names("ns=2;s=tunnel.a.fan/"))
                        .containsExactlyInAnyOrder("Variable speed", "Variable on"));
    }

    @Test
    void aMonitoredItemHearsEachChange() throws Exception {
        federation.put(A, "tunnel.a.count", "0");
        awaitValue("tunnel.a.count", 0);
        peer.ask("monitor", "name", "anonymous", "node", node("tunnel.a.count"));
        for (int i = 1; i <= 50; i++) {
            federation.put(A, "tunnel.a.count", Integer.toString(i));
        }
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(changes("tunnel.a.count")).hasSize(51));
        List<String> values = changes("tunnel.a.count").stream()
                .map(event -> event.get("value").asText())
                .toList();
        for (int i = 0; i <= 50; i++) {
            assertThat(values.get(i)).isEqualTo(Integer.toString(i));
        }
        federation.put(A, "tunnel.a.count", "");
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(changes("tunnel.a.count"))
                        .last()
                        .extracting(event -> event.get("status").asText())
                        .isEqualTo("BadNodeIdUnknown"));
    }

    private static List<JsonNode> changes(String key) {
        return peer.events("change").stream()
                .filter(event -> event.get("node").asText().equals(node(key)))
                .toList();
    }

    private static String write(String who, String key, String type, Object value) throws Exception {
        return peer.ask("write", "name", who, "node", node(key), "type", type, "value", value)
                .asText();
    }

    @Test
    void aWriteIsACommandToTheOwnerAndItsOutcomeIsTheStatus() throws Exception {
        federation.put(A, "tunnel.a.lamp", "1");
        federation.put(A, "tunnel.a.name", "x");
        awaitValue("tunnel.a.lamp", 1);
        awaitValue("tunnel.a.name", "x");
        assertThat(write("writer", "tunnel.a.lamp", "Double", 2.5)).isEqualTo("Good");
        await().atMost(PATIENCE)
                .untilAsserted(
                        () -> assertThat(federation.value(A, "tunnel.a.lamp")).isEqualTo("2.5"));
        assertThat(write("writer", "tunnel.a.lamp", "Int32", 20)).isEqualTo("Good");
        awaitValue("tunnel.a.lamp", 20);
        assertThat(federation.value(A, "tunnel.a.lamp")).isEqualTo("20");
        assertThat(write("writer", "tunnel.a.name", "String", "y")).isEqualTo("Good");

        assertThat(write("writer", "tunnel.a.lamp", "String", "off")).isEqualTo("BadTypeMismatch");
        assertThat(write("writer", "tunnel.a.name", "String", "")).isEqualTo("BadOutOfRange");
        assertThat(write("writer", "tunnel.a.none", "Double", 1)).isEqualTo("BadNodeIdUnknown");
        assertThat(write("anonymous", "tunnel.a.lamp", "Double", 3)).isEqualTo("BadUserAccessDenied");
        peer.ask("connect", "name", "reader", "url", url, "user", "reader", "password", "r-secret");
        assertThat(write("reader", "tunnel.a.lamp", "Double", 3)).isEqualTo("BadUserAccessDenied");
        assertThat(peer.ask("read", "name", "reader", "node", node("tunnel.a.lamp"), "attribute", "UserAccessLevel")
                        .get("value")
                        .asInt())
                .isEqualTo(5);
        assertThat(peer.ask("read", "name", "writer", "node", node("tunnel.a.lamp"), "attribute", "UserAccessLevel")
                        .get("value")
                        .asInt())
                .isEqualTo(7);
        assertThat(federation.value(A, "tunnel.a.lamp")).isEqualTo("20");
    }

    @Test
    void aKeyWhoseOwnerIsSilentKeepsItsValueWithALowQuality() throws Exception {
        federation.put(B, "tunnel.b.level", "3");
        awaitValue("tunnel.b.level", 3);
        peer.ask("monitor", "name", "anonymous", "node", node("tunnel.b.level"));
        federation.stop(B);
        await().atMost(PATIENCE).untilAsserted(() -> {
            assertThat(read("tunnel.b.level").get("status").asText())
                    .isEqualTo("UncertainNoCommunicationLastUsableValue");
            assertThat(changes("tunnel.b.level"))
                    .last()
                    .extracting(event -> event.get("status").asText())
                    .isEqualTo("UncertainNoCommunicationLastUsableValue");
        });
        assertThat(read("tunnel.b.level").get("value").asInt()).isEqualTo(3);
        assertThat(write("writer", "tunnel.b.level", "Double", 4)).isEqualTo("BadNoCommunication");
        federation.roles("node").start(B);
        await().atMost(PATIENCE)
                .untilAsserted(
                        () -> assertThat(read("tunnel.b.level").get("status").asText())
                                .isEqualTo("Good"));
    }

    @Test
    void theHistoryOfASeriesIsReadPageByPageWithBounds() throws Exception {
        federation.put(A, "tunnel.a.flow", "0");
        awaitValue("tunnel.a.flow", 0);
        long before = System.currentTimeMillis() - 60_000;
        for (int i = 0; i < 10; i++) {
            federation.record(A, "tunnel.a.flow", i);
        }
        long after = System.currentTimeMillis() + 60_000;
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(history(before, after, 0, false).get("values"))
                        .hasSize(10));
        JsonNode all = history(before, after, 0, false);
        for (int i = 0; i < 10; i++) {
            assertThat(all.get("values").get(i).get("value").asInt()).isEqualTo(i);
        }
        assertThat(all.get("more").asBoolean()).isFalse();
        JsonNode some = history(before, after, 3, false);
        assertThat(some.get("values")).hasSize(3);
        assertThat(some.get("more").asBoolean()).isTrue();
        JsonNode back = history(after, before, 2, false);
        assertThat(back.get("values").get(0).get("value").asInt()).isEqualTo(9);
        assertThat(back.get("values").get(1).get("value").asInt()).isEqualTo(8);
        JsonNode bounds = history(before, after, 0, true);
        assertThat(bounds.get("values")).hasSize(12);
        assertThat(bounds.get("values").get(0).get("status").asText()).isEqualTo("BadBoundNotFound");
        assertThat(history(before - 2_000, before - 1_000, 0, false)
                        .get("status")
                        .asText())
                .isEqualTo("GoodNoData");
    }

    private static JsonNode history(long start, long end, int count, boolean bounds) throws Exception {
        return peer.ask(
                "history",
                "name",
                "anonymous",
                "node",
                node("tunnel.a.flow"),
                "start",
                start,
                "end",
                end,
                "count",
                count,
                "bounds",
                bounds);
    }

    @Test
    void aClientIsAdmittedByItsPasswordAndItsCertificate() throws Exception {
        assertThat(peer.run("connect", "name", "bad", "url", url, "user", "writer", "password", "guess")
                        .get("error")
                        .asText())
                .contains("BadUserAccessDenied");
        Object[] secure = secure("secure", url, "writer", "w-secret");
        assertThat(peer.run("connect", secure).has("error"))
                .as("unknown certificate")
                .isTrue();
        trustRejected(ROOT);
        federation.put(A, "tunnel.a.secure", "1");
        awaitValue("tunnel.a.secure", 1);
        await().atMost(PATIENCE)
                .untilAsserted(() ->
                        assertThat(peer.run("connect", secure).has("error")).isFalse());
        assertThat(write("secure", "tunnel.a.secure", "Double", 2)).isEqualTo("Good");
        awaitValue("tunnel.a.secure", 2);
    }

    private static Object[] secure(String name, String serverUrl, String user, String password) {
        return new Object[] {
            "name",
            name,
            "url",
            serverUrl,
            "policy",
            "Basic256Sha256",
            "mode",
            "SignAndEncrypt",
            "user",
            user,
            "password",
            password
        };
    }

    private static void trustRejected(String node) throws Exception {
        Path opcua = folder.resolve("data/federation").resolve(node).resolve("opcua");
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(opcua.resolve("rejected")).isNotEmptyDirectory());
        try (var files = Files.list(opcua.resolve("rejected"))) {
            Path rejected = files.findFirst().orElseThrow();
            Files.move(rejected, opcua.resolve("trusted/certs").resolve(rejected.getFileName()));
        }
    }

    @Test
    void nodesSessionsItemsAndHistoryAreBounded() throws Exception {
        for (int i = 1; i <= 4; i++) {
            federation.put(A, "tunnel.a.small.k" + i, "1");
        }
        assertThat(peer.run("connect", "name", "plain", "url", narrowUrl, "user", "reader", "password", "r-secret")
                        .has("error"))
                .as("no session without security")
                .isTrue();
        assertThat(peer.run("connect", secure("narrow", narrowUrl, "reader", "r-secret"))
                        .has("error"))
                .as("unknown certificate")
                .isTrue();
        trustRejected(A);
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(peer.run("connect", secure("narrow", narrowUrl, "reader", "r-secret"))
                                .has("error"))
                        .isFalse());
        assertThat(peer.run("connect", secure("second", narrowUrl, "reader", "r-secret"))
                        .get("error")
                        .asText())
                .contains("BadTooManySessions");
        // The top, tunnel, tunnel.a and tunnel.a.small leave room for two.
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(peer.ask("browse", "name", "narrow", "node", node("tunnel.a.small/")))
                        .hasSize(2));
        assertThat(figures(A))
                .containsEntry("full", 2L)
                .containsEntry("keys", 2)
                .containsEntry("sessions", 1);
        assertThat(health(A).getState()).isEqualTo(HealthCheck.State.DOWN);
        assertThat(health(A).getMessage().orElse("")).contains("bactrian.federation.opcua.nodes.max");
        assertThat(health(ROOT).getState()).isEqualTo(HealthCheck.State.UP);
        MeterRegistry meters = federation.application(A).context().getRegistry().findSingleByType(MeterRegistry.class);
        assertThat(meters.get("bactrian.federation.opcua.sessions").gauge().value())
                .isEqualTo(1);
        assertThat(meters.get("bactrian.federation.opcua.events")
                        .tag("kind", "full")
                        .functionCounter()
                        .count())
                .isEqualTo(2);
        for (int i = 1; i <= 3; i++) {
            String status = peer.ask("monitor", "name", "narrow", "node", node("tunnel.a.small.k1"))
                    .asText();
            assertThat(status).isEqualTo(i <= 2 ? "Good" : "BadTooManyMonitoredItems");
        }
        for (int i = 0; i < 6; i++) {
            federation.record(A, "tunnel.a.small.k1", i);
        }
        await().atMost(PATIENCE).untilAsserted(() -> {
            JsonNode page = peer.ask(
                    "history",
                    "name",
                    "narrow",
                    "node",
                    node("tunnel.a.small.k1"),
                    "start",
                    1_000L,
                    "end",
                    System.currentTimeMillis() + 60_000);
            assertThat(page.get("values")).hasSize(4);
            assertThat(page.get("more").asBoolean()).isTrue();
        });
    }

    private static HealthCheck.Result health(String node) {
        return HealthCheckHelper.invoke(federation.application(node).context()).stream()
                .filter(result -> result.getCheck().getId().equals("bactrian-federation-opcua"))
                .findFirst()
                .orElseThrow();
    }

    private static Map<String, Object> figures(String node) {
        return federation
                .application(node)
                .context()
                .getRegistry()
                .lookupByNameAndType("bactrianOpcUa", OpcUaService.class)
                .figures();
    }
}
