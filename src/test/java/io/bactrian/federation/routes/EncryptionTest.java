package io.bactrian.federation.routes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Links that are encrypted by the keys of the topology, and what can be seen of them on the wire. */
@Tag("system")
class EncryptionTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final String ROOT = "nodes.root";
    private static final String A = "nodes.root.a";
    /** Long enough that the frames of ZeroMQ and the nonces of CURVE, which are no secrets, are few beside it. */
    private static final String SECRET = "the-word-that-nobody-may-read-".repeat(20);

    @TempDir
    Path folder;

    private TestFederation federation;
    private Tap tap;

    @AfterEach
    void stop() throws IOException {
        federation.close();
        if (tap != null) {
            tap.close();
        }
    }

    private String topology(boolean curve, Map<String, String> root, Map<String, String> a) {
        return """
                security: %s
                nodes:
                  root:
                    owns: [site]
                    ports: root
                %s    children:
                      a:
                        owns: [tunnel.a]
                        ports: a
                %s""".formatted(curve ? "curve" : "none", lines(root, 4), lines(a, 8));
    }

    private static String lines(Map<String, String> keys, int indent) {
        StringBuilder text = new StringBuilder();
        keys.forEach((key, value) -> text.append(" ".repeat(indent))
                .append(key)
                .append(": '")
                .append(value.replace("'", "''"))
                .append("'\n"));
        return text.toString();
    }

    /** A talks to the root through a tap, so its copy of the topology has another port for it. */
    private void startThroughTap() throws IOException {
        tap = new Tap(federation.port("root south"));
        Path other = folder.resolve("through-tap.yaml");
        Files.writeString(
                other,
                Files.readString(federation.topology())
                        .replace("southPort: " + federation.port("root south"), "southPort: " + tap.port()));
        federation.start(ROOT);
        federation.set("bactrian.federation.topology", other.toString()).start(A);
        for (int i = 0; i < 200; i++) {
            federation.put(A, "tunnel.a.secret" + i % 10, SECRET + i);
        }
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(federation.value(ROOT, "tunnel.a.secret9"))
                        .as(federation::figures)
                        .isEqualTo(SECRET + 199));
    }

    private String wire() {
        return new String(tap.captured(), StandardCharsets.ISO_8859_1);
    }

    @Test
    @Tag("campaign")
    void dataBetweenTwoNodesCannotBeReadOnTheWire() throws Exception {
        Path keys = folder.resolve("keys");
        federation = new TestFederation(
                folder, topology(true, TopologyKeys.make(keys, ROOT, false), TopologyKeys.make(keys, A, false)));
        federation.set("bactrian.federation.keys.folder", keys.toString());
        startThroughTap();
        assertThat(wire()).doesNotContain(SECRET).doesNotContain("tunnel.a");
        assertThat(tap.captured().length).isGreaterThan(50_000);
        assertThat(Tap.entropy(tap.captured())).isGreaterThan(0.95);
    }

    @Test
    void withoutEncryptionTheSameTapReadsIt() throws Exception {
        federation = new TestFederation(folder, topology(false, Map.of(), Map.of()));
        startThroughTap();
        assertThat(wire()).contains(SECRET);
        assertThat(Tap.entropy(tap.captured())).isLessThan(0.95);
    }

    @Test
    void aNodeWithAnotherKeyIsNotAdmitted() throws Exception {
        Path keys = folder.resolve("keys");
        federation = new TestFederation(
                folder, topology(true, TopologyKeys.make(keys, ROOT, false), TopologyKeys.make(keys, A, false)));
        federation.set("bactrian.federation.keys.folder", keys.toString()).start(ROOT);
        TopologyKeys.make(folder.resolve("forged"), A, false);
        federation
                .set("bactrian.federation.keys.folder", folder.resolve("forged").toString())
                .start(A);
        federation.put(A, "tunnel.a.fan", "stolen");
        await().atMost(PATIENCE)
                .until(() -> federation
                        .value(ROOT, "nodes.root.alarms.silent-nodes_root_a")
                        .startsWith("open"));
        assertThat(federation.value(ROOT, "tunnel.a.fan")).isEqualTo("null");
    }
}
