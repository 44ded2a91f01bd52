package io.bactrian.federation.routes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import org.apache.camel.builder.RouteBuilder;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Commands from node to node, by the shipped routes. */
@Tag("system")
class CommandTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final String ROOT = "nodes.root";
    private static final String A = "nodes.root.a";
    private static final String B = "nodes.root.b";

    @TempDir
    Path folder;

    private TestFederation federation;

    @AfterEach
    void stop() {
        federation.close();
    }

    private String command(String node, String to, String body) {
        var tree = TopologyFile.read(federation.topology());
        try (StateClient client = StateClient.connect(tree, tree.member(node), folder)) {
            return client.command(to, body.getBytes(StandardCharsets.UTF_8), 5_000);
        }
    }

    @Test
    void aCommandGoesToAnActorOfAnotherNodeAndItsAnswerComesBack() throws Exception {
        federation = new TestFederation(folder, TestFederation.rootWithTwoChildren()).start(ROOT, A, B);
        federation.application(B).context().addRoutes(new RouteBuilder() {
            @Override
            public void configure() {
                from("direct:actor-fan").setBody(simple("${header.CamelBactrianFrom} says ${body}"));
                from("direct:actor-broken").throwException(new IllegalStateException("stuck"));
            }
        });
        await().atMost(PATIENCE)
                .ignoreExceptions()
                .untilAsserted(() ->
                        assertThat(command(A, "fan@" + B, "faster")).isEqualTo("client@nodes.root.a says faster"));
        assertThatThrownBy(() -> command(A, "nobody@" + B, ""))
                .isInstanceOf(CommandRefusedException.class)
                .hasMessageContaining("no actor nobody at nodes.root.b");
        assertThatThrownBy(() -> command(A, "broken@" + B, "")).hasMessageContaining("stuck");
        assertThatThrownBy(() -> command(A, "fan@nodes.root.x", ""))
                .hasMessageContaining("there is no node nodes.root.x in the federation");
        federation.stop(B);
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThatThrownBy(() -> command(A, "fan@" + B, ""))
                        .hasMessageContaining("nodes.root does not reach nodes.root.b"));
    }

    @Test
    void anAlarmIsOpenedAcknowledgedAndClosed() throws Exception {
        federation = new TestFederation(folder, TestFederation.rootWithTwoChildren()).start(ROOT, A);
        String alarm = "nodes.root.alarms.silent-nodes_root_b";
        await().atMost(PATIENCE).until(() -> federation.value(A, alarm).startsWith("open "));
        assertThat(command(A, "alarms@" + ROOT, "silent-nodes_root_b")).isEqualTo("acknowledged");
        await().atMost(PATIENCE).until(() -> federation.value(A, alarm).startsWith("acknowledged "));
        assertThatThrownBy(() -> command(A, "alarms@" + ROOT, "silent-nodes_root_b"))
                .hasMessageContaining("no open alarm");
        federation.start(B);
        await().atMost(PATIENCE).until(() -> federation.value(A, alarm).startsWith("closed "));
    }
}
