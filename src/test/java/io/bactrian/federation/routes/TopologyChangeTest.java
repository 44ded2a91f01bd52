package io.bactrian.federation.routes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.bactrian.federation.core.Topology;
import io.bactrian.federation.core.TopologyChange;
import io.bactrian.testing.Folders;
import io.bactrian.testing.Ports;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Nodes that go on while the file of the topology changes, and what they refuse. */
@Tag("system")
class TopologyChangeTest {
    private static final String ROOT = "nodes.root";
    private static final String A = "nodes.root.a";
    private static final String B = "nodes.root.b";
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir
    private Path folder;

    private TestFederation federation(String yaml) throws IOException {
        return new TestFederation(folder, yaml).set("bactrian.federation.topology.lookMs", "100");
    }

    private void edit(TestFederation federation, String from, String to) throws IOException {
        Path file = federation.topology();
        String before = Files.readString(file);
        assertThat(before).contains(from);
        Files.writeString(file, before.replace(from, to));
    }

    private static void awaitValue(TestFederation federation, String node, String key, String wanted) {
        await(key + " at " + node)
                .atMost(PATIENCE)
                .untilAsserted(() -> assertThat(federation.value(node, key))
                        .as(federation.figures())
                        .matches(wanted));
    }

    @Test
    void leavesComeAndGoAndKeysGetOtherOwnersWithoutARestart() throws Exception {
        int port = Ports.free(4);
        String c = "      c:\n        owns: [tunnel.c]\n        southPort: " + port + "\n        northPort: "
                + (port + 1) + "\n";
        try (TestFederation nodes =
                federation(TestFederation.rootWithTwoChildren()).start(ROOT, A, B)) {
            nodes.put(A, "tunnel.a.fan", "on");
            awaitValue(nodes, B, "tunnel.a.fan", "on");

            Files.writeString(nodes.topology(), Files.readString(nodes.topology()) + c);
            nodes.start("nodes.root.c");
            nodes.put("nodes.root.c", "tunnel.c.fan", "new");
            awaitValue(nodes, A, "tunnel.c.fan", "new");
            awaitValue(nodes, "nodes.root.c", "tunnel.a.fan", "on");

            edit(nodes, "owns: [tunnel.a]", "owns: [tunnel.none]");
            edit(nodes, "owns: [tunnel.b]", "owns: [tunnel.b, tunnel.a]");
            await().atMost(PATIENCE)
                    .until(() -> nodes.node(A).counted("topology-changed") == 2
                            && nodes.node(B).counted("topology-changed") == 2);
            awaitValue(nodes, A, "tunnel.a.fan", "on");
            nodes.put(B, "tunnel.a.fan", "of b");
            awaitValue(nodes, A, "tunnel.a.fan", "of b");
            awaitValue(nodes, "nodes.root.c", "tunnel.a.fan", "of b");

            nodes.stop("nodes.root.c");
            edit(nodes, c, "");
            awaitValue(nodes, A, "tunnel.c.fan", "null");
            awaitValue(nodes, B, "nodes.root.alarms.silent-nodes_root_c", "null|closed .*");
        }
    }

    @Test
    void whatCannotBeTakenOverIsRefusedWithReasonsAndTheNodeGoesOn() throws Exception {
        try (TestFederation nodes =
                federation(TestFederation.rootWithTwoChildren()).start(ROOT, A, B)) {
            String right = Files.readString(nodes.topology());
            Files.writeString(nodes.topology(), right.replace("federation: test", "federation: other"));
            awaitValue(
                    nodes,
                    B,
                    "nodes.root.a.alarms.topology-refused-nodes_root_a",
                    "open .*the federation's name: test becomes other: restart this process for it");
            Files.writeString(nodes.topology(), right.replace("owns: [site]", "owns: site]"));
            await().atMost(PATIENCE).until(() -> nodes.node(A).counted("topology-refused") == 2);
            nodes.put(A, "tunnel.a.fan", "still");
            awaitValue(nodes, B, "tunnel.a.fan", "still");
            Files.writeString(nodes.topology(), right.replace("owns: [site]", "owns: [site, hall]"));
            awaitValue(nodes, B, "nodes.root.a.alarms.topology-refused-nodes_root_a", "closed .*");
        }
    }

    @Test
    void aParentMayGetAnotherAddress() throws Exception {
        try (TestFederation nodes =
                federation(TestFederation.rootWithTwoChildren()).start(ROOT, A)) {
            nodes.put(A, "tunnel.a.fan", "before");
            awaitValue(nodes, ROOT, "tunnel.a.fan", "before");
            nodes.stop(ROOT);
            edit(nodes, "southPort: " + nodes.port("root south"), "southPort: " + Ports.free());
            nodes.start(ROOT);
            nodes.put(ROOT, "site.mode", "after");
            awaitValue(nodes, A, "site.mode", "after");
        }
    }

    @Test
    @Tag("slow")
    void aNodeGetsOtherKeysWithoutARestart() throws Exception {
        StringBuilder topology =
                new StringBuilder("federation: test\nsecurity: curve\nnodes:\n  root:\n    ports: root\n");
        topology.append(keys(ROOT).indent(4)).append("    children:\n");
        for (String leaf : new String[] {"a", "b"}) {
            topology.append("      " + leaf + ":\n        owns: [tunnel." + leaf + "]\n        ports: " + leaf + "\n");
            topology.append(keys("nodes.root." + leaf).indent(8));
        }
        try (TestFederation nodes = federation(topology.toString()).start(ROOT, A, B)) {
            nodes.put(A, "tunnel.a.fan", "before");
            awaitValue(nodes, B, "tunnel.a.fan", "before");
            for (String node : new String[] {A, ROOT}) {
                Topology former = TopologyFile.read(nodes.topology());
                Map<String, String> made = TopologyKeys.make(folder.resolve("data/keys"), node, true);
                String text = Files.readString(nodes.topology())
                        .replace(former.member(node).publicKey(), made.get("publicKey"))
                        .replace(former.member(node).signKey(), made.get("signKey"));
                assertThat(TopologyChange.changes(former, TopologyFile.parse("next", text)))
                        .containsExactly(node + " has other keys");
                Files.writeString(nodes.topology(), text);
                awaitValue(nodes, node, node + ".alarms.topology-refused-" + node.replace('.', '_'), "null");
                await().atMost(PATIENCE).until(() -> nodes.node(B).counted("topology-changed") > 0);
                nodes.put(A, "tunnel.a.fan", "after " + node);
                awaitValue(nodes, B, "tunnel.a.fan", "after " + node);
            }
            nodes.stop(B);
            Folders.delete(folder.resolve("data/federation/" + B + "/state"));
            nodes.start(B);
            awaitValue(nodes, B, "tunnel.a.fan", "after " + ROOT);
        }
    }

    private String keys(String node) throws IOException {
        StringBuilder lines = new StringBuilder();
        TopologyKeys.make(folder.resolve("data/keys"), node, false)
                .forEach((key, value) ->
                        lines.append(key).append(": \"").append(value).append("\"\n"));
        return lines.toString();
    }
}
