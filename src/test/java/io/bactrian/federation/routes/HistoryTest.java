package io.bactrian.federation.routes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.bactrian.testing.CutLink;
import io.bactrian.testing.Ports;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Time series and events on their way to the root. */
@Tag("system")
class HistoryTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final String ROOT = "nodes.root";
    private static final String A = "nodes.root.a";
    private static final String B = "nodes.root.b";

    @TempDir
    Path folder;

    private TestFederation federation;

    @BeforeEach
    void prepare() throws Exception {
        federation = new TestFederation(folder, TestFederation.rootWithTwoChildren());
    }

    @AfterEach
    void stop() {
        federation.close();
    }

    private String csv(String node, String series) {
        return federation
                .application(node)
                .context()
                .getRegistry()
                .lookupByNameAndType("bactrianHistory", HistoryStore.class)
                .csv(series, null, null, null);
    }

    private void awaitRows(String node, String series, int count) {
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(csv(node, series).lines().count() - 1)
                        .as(() -> series + " at " + node + federation.figures())
                        .isEqualTo(count));
    }

    @Test
    @Tag("campaign")
    void theRootGetsWhatWasThenWhatIsAndAfterACutWhatWasMissed() {
        federation.start(A);
        for (int i = 0; i < 100; i++) {
            federation.record(A, "a.speed", i);
        }
        federation.start(ROOT, B);
        awaitRows(ROOT, "a.speed", 100);
        federation.record(A, "a.speed", 100);
        federation.record(B, "b.level", 1);
        awaitRows(ROOT, "a.speed", 101);
        awaitRows(ROOT, "b.level", 1);
        assertThat(csv(B, "a.speed").lines()).as("history goes up only").hasSize(1);

        federation.stop(ROOT);
        for (int i = 0; i < 50; i++) {
            federation.record(A, "a.speed", i);
        }
        String alarm = "nodes.root.a.alarms.silent-nodes_root";
        await().atMost(PATIENCE).until(() -> federation.value(A, alarm).startsWith("open"));
        federation.start(ROOT);
        awaitRows(ROOT, "a.speed", 151);
        await().atMost(PATIENCE).until(() -> federation.value(A, alarm).startsWith("closed"));
        federation.stop(A);
        federation.start(A);
        federation.record(A, "a.speed", 1);
        awaitRows(ROOT, "a.speed", 152);
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(csv(ROOT, alarm).lines())
                        .as("alarms are events of the history")
                        .anyMatch(line -> line.contains("open"))
                        .anyMatch(line -> line.contains("closed")));
    }

    @Test
    void afterAShortCutTheRootAsksAtOnceForWhatItMissed() throws Exception {
        // The root would ask again only after five heartbeats, and raise an alarm long after that.
        federation
                .set("bactrian.federation.heartbeat", "1h")
                .set("bactrian.federation.silence", "3h")
                .start(ROOT);
        try (CutLink link = new CutLink(federation.port("root south"))) {
            Path other = folder.resolve("through-link.yaml");
            Files.writeString(
                    other,
                    Files.readString(federation.topology())
                            .replace("southPort: " + federation.port("root south"), "southPort: " + link.port()));
            federation.set("bactrian.federation.topology", other.toString()).start(A);
            federation.record(A, "a.speed", 0);
            awaitRows(ROOT, "a.speed", 1);
            for (int i = 1; i <= 3; i++) {
                link.cut();
                federation.record(A, "a.speed", i);
                awaitRows(ROOT, "a.speed", i + 1);
            }
        }
    }

    @Test
    void itIsAnsweredOverHttpWithAChart() throws Exception {
        int port = Ports.free();
        federation
                .set("bactrian.federation.http.port", Integer.toString(port))
                .set("camel.management.enabled", "true")
                .set("bactrian.management.port", Integer.toString(Ports.free()))
                .roles("node", "history");
        federation.start(ROOT);
        for (int i = 0; i < 10; i++) {
            federation.record(ROOT, "site.power", i * i);
        }
        awaitRows(ROOT, "site.power", 10);
        String address = "http://127.0.0.1:" + port + "/federation/";
        assertThat(text(get(address + "history?name=site.power&limit=3")).lines())
                .hasSize(4)
                .last()
                .asString()
                .contains(",site.power,4.0,");
        assertThat(text(get(address + "chart.svg?name=site.power"))).contains("<svg", "<path");
        assertThat(get(address + "chart.png?name=site.power")).startsWith(0x89, 'P', 'N', 'G');
        assertThat(text(get(address + "history?name=" + "x%27%20OR%201=1"))).hasLineCount(1);
    }

    private static byte[] get(String address) throws Exception {
        HttpResponse<byte[]> answer = HttpClient.newHttpClient()
                .send(HttpRequest.newBuilder(URI.create(address)).build(), HttpResponse.BodyHandlers.ofByteArray());
        assertThat(answer.statusCode()).as(text(answer.body())).isEqualTo(200);
        return answer.body();
    }

    private static String text(byte[] octets) {
        return new String(octets, StandardCharsets.UTF_8);
    }
}
