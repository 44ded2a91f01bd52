package io.bactrian.federation.routes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A root with two children that share one state, by the shipped routes. */
@Tag("system")
class StateTest {
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

    private void awaitValue(String node, String key, String value) {
        await(key + " at " + node)
                .atMost(PATIENCE)
                .untilAsserted(() -> assertThat(federation.value(node, key))
                        .as(() -> key + " at " + node + federation.figures())
                        .isEqualTo(value));
    }

    @Test
    void whatEachHadBeforeTheyMetIsWithAllAfterwards() {
        federation.start(A);
        federation.put(A, "tunnel.a.fan", "on");
        federation.start(B);
        federation.put(B, "tunnel.b.pump", "off");
        federation.start(ROOT);
        federation.put(ROOT, "site.mode", "night");
        for (String node : new String[] {ROOT, A, B}) {
            awaitValue(node, "tunnel.a.fan", "on");
            awaitValue(node, "tunnel.b.pump", "off");
            awaitValue(node, "site.mode", "night");
        }
    }

    @Test
    @Tag("campaign")
    void changesGoOnBothWaysAndAfterALinkWasDown() {
        federation.start(ROOT, A, B);
        federation.put(A, "tunnel.a.fan", "1");
        awaitValue(B, "tunnel.a.fan", "1");
        federation.put(ROOT, "site.mode", "day");
        awaitValue(A, "site.mode", "day");

        federation.stop(ROOT);
        federation.put(A, "tunnel.a.fan", "2");
        federation.put(A, "tunnel.a.light", "on");
        federation.put(B, "tunnel.b.pump", "9");
        federation.put(A, "tunnel.a.light", "");
        assertThat(federation.value(A, "tunnel.a.fan")).isEqualTo("2");
        federation.start(ROOT);
        awaitValue(B, "tunnel.a.fan", "2");
        awaitValue(A, "tunnel.b.pump", "9");
        awaitValue(B, "tunnel.a.light", "null");
        federation.put(ROOT, "site.mode", "night");
        awaitValue(A, "site.mode", "night");
    }

    @Test
    void aNodeThatWasRestartedHasItsStateFromTheJournal() {
        federation.start(A);
        federation.put(A, "tunnel.a.fan", "3");
        federation.stop(A);
        federation.start(A);
        awaitValue(A, "tunnel.a.fan", "3");
    }

    @Test
    void aKeyOfAnotherNodeIsNotChanged() {
        federation.start(ROOT, A);
        federation.put(A, "tunnel.b.pump", "stolen");
        federation.put(A, "site.mode", "stolen");
        federation.put(A, "tunnel.a.fan", "last");
        awaitValue(ROOT, "tunnel.a.fan", "last");
        assertThat(federation.value(A, "site.mode")).isEqualTo("null");
        assertThat(federation.value(ROOT, "tunnel.b.pump")).isEqualTo("null");
        assertThat(federation.node(A).counted("refused")).isEqualTo(2);
    }
}
