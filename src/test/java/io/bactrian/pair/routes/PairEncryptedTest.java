package io.bactrian.pair.routes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.bactrian.testing.Ports;
import io.bactrian.zeromq.socket.CurveCertificate;
import io.bactrian.zeromq.socket.CurveKeys;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.PluginHelper;
import org.apache.camel.support.ResourceHelper;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A pair and its witness whose links are encrypted, by the shipped routes. */
@Tag("system")
class PairEncryptedTest {
    private static final Duration PATIENCE = Duration.ofMinutes(1);
    private static final String CURVE = "curve";

    @TempDir
    Path folder;

    private final Map<String, Integer> ports = new HashMap<>();
    private final Map<String, DefaultCamelContext> contexts = new HashMap<>();

    @BeforeEach
    void keys() throws IOException {
        for (String name : List.of("primary", "backup", "witness", "stranger")) {
            CurveKeys keys = CurveKeys.generate();
            Files.writeString(secret(name), CurveCertificate.secretText(keys, Map.of()));
            Files.writeString(certificate(name), CurveCertificate.publicText(keys.publicKey(), Map.of()));
        }
        admit("primary", "backup");
        admit("backup", "primary");
        admit("witness", "primary", "backup");
    }

    @AfterEach
    void stop() {
        contexts.values().forEach(DefaultCamelContext::stop);
    }

    private Path secret(String name) {
        return folder.resolve(name + ".secret");
    }

    private Path certificate(String name) {
        return folder.resolve(name + ".public");
    }

    private Path admitted(String by) {
        return folder.resolve("admitted-by-" + by);
    }

    private void admit(String by, String... names) throws IOException {
        Files.createDirectory(admitted(by));
        for (String name : names) {
            Files.copy(certificate(name), admitted(by).resolve(name));
        }
    }

    private int port(String name) {
        return ports.computeIfAbsent(name, key -> Ports.free());
    }

    private void start(String name, Map<String, Object> settings, String... routes) throws Exception {
        DefaultCamelContext context = new DefaultCamelContext();
        Properties values = new Properties();
        values.setProperty("bactrian.data", folder.resolve(name).toString());
        settings.forEach((key, value) -> values.setProperty(key, value.toString()));
        context.getPropertiesComponent().setOverrideProperties(values);
        context.build();
        for (String file : routes) {
            PluginHelper.getRoutesLoader(context)
                    .loadRoutes(ResourceHelper.resolveResource(context, "file:routes/pair/" + file + ".camel.yaml"));
        }
        contexts.put(name, context);
        context.start();
    }

    private void startWitness() throws Exception {
        start(
                "witness",
                Map.of(
                        "bactrian.witness.listen",
                        "tcp://127.0.0.1:" + port("witness"),
                        "bactrian.witness.security",
                        CURVE,
                        "bactrian.witness.security.curveKeyFile",
                        secret("witness"),
                        "bactrian.witness.security.curveClientKeys",
                        admitted("witness")),
                "answer-witness");
    }

    /** Starts a node with somebody's keys. */
    private void startNode(String side, String keys) throws Exception {
        String peer = side.equals("primary") ? "backup" : "primary";
        Map<String, Object> settings = new HashMap<>(Map.of(
                "bactrian.pair.side",
                side,
                "bactrian.pair.heartbeatMs",
                1_000,
                "bactrian.pair.witness.use",
                true,
                "bactrian.pair.witness",
                "tcp://127.0.0.1:" + port("witness"),
                "bactrian.pair.security",
                CURVE,
                "bactrian.pair.security.curveKeyFile",
                secret(keys),
                "bactrian.pair.security.curveClientKeys",
                admitted(side),
                "bactrian.pair.peer.security.curveServerKeyFile",
                certificate(peer),
                "bactrian.pair.witness.security.curveServerKeyFile",
                certificate("witness")));
        for (String name : List.of("primary.beats", "primary.copies", "backup.beats", "backup.copies")) {
            settings.put("bactrian.pair." + name, port(name));
        }
        start(side, settings, "copy-log", "hear-confirmed", "keep-copy", "beat", "ask-witness");
    }

    private Pair pair(String side) {
        return contexts.get(side).getRegistry().lookupByNameAndType(PairPlugin.PAIR, Pair.class);
    }

    @Test
    void theCopyAndTheWitnessWorkOverEncryptedLinks() throws Exception {
        startWitness();
        startNode("primary", "primary");
        startNode("backup", "backup");
        // On a busy machine the backup may be first.
        await().atMost(PATIENCE).until(() -> isInStep("primary") || isInStep("backup"));
        String active = isInStep("primary") ? "primary" : "backup";
        String passive = active.equals("primary") ? "backup" : "primary";

        pair(active).journal().append("secret".getBytes(StandardCharsets.UTF_8));
        await().atMost(PATIENCE).until(() -> pair(passive).journal().end() == 1);

        contexts.remove(active).stop();
        await().atMost(PATIENCE).until(() -> pair(passive).active());
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(pair(passive).figures()).containsEntry("witness", "answers"));
    }

    /** Whether this node is active and its peer has everything. */
    private boolean isInStep(String side) {
        return "IN".equals(pair(side).figures().get("peerStanding"));
    }

    @Test
    void aNodeWithOtherKeysIsNeverHeard() throws Exception {
        startWitness();
        startNode("primary", "primary");
        startNode("backup", "stranger");
        // Both have sent for longer than it takes to find a peer and to call it silent.
        await().atMost(PATIENCE)
                .until(() -> pair("primary").figures().get("witness").equals("answers")
                        && pair("backup").figures().get("witness").equals("away"));

        assertThat(pair("primary").figures()).containsEntry("peerRole", "null").containsEntry("peerAlive", false);
        assertThat(pair("backup").figures()).containsEntry("peerRole", "null");
    }
}
