package io.bactrian.federation.routes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.bactrian.federation.core.Topology;
import io.bactrian.federation.core.TopologyChange;
import io.bactrian.federation.core.TopologyException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** The topology's file: what is derived from it, and what is said of a wrong one. */
class TopologyTest {
    private static final String TREE = """
            federation: tree
            nodes:
              root:
                primary: {host: 10.0.0.1}
                backup: {host: 10.0.0.2}
                owns: [site]
                children:
                  a:
                    host: 10.0.1.1
                    owns: [tunnel.a, tunnel.shared]
                    children:
                      a1: {host: 10.0.1.2}
                  b: {host: 10.0.2.1, keeps: [site]}
            """;

    @Test
    void theShippedFileIsRight() {
        assertThat(TopologyFile.read(Path.of("config/topology.yaml")).nodes()).hasSize(3);
    }

    @Test
    void eachProcessIsFoundByItsIdAndHasItsPorts() {
        Topology tree = TopologyFile.parse("tree", TREE);
        assertThat(tree.member("nodes.root[backup]").south()).isEqualTo("tcp://10.0.0.2:5000");
        assertThat(tree.member("nodes.root.a").northPort()).isEqualTo(5001);
        assertThat(tree.node("nodes.root.a.a1").parent()).isEqualTo("nodes.root.a");
        assertThatThrownBy(() -> tree.member("nodes.root"))
                .hasMessageContaining("no node 'nodes.root'")
                .hasMessageContaining("nodes.root[primary]");
    }

    @Test
    void theOwnerOfAKeyIsThatOfTheLongestSubtree() {
        Topology tree = TopologyFile.parse("tree", TREE);
        assertThat(tree.owner("tunnel.a.fan")).isEqualTo("nodes.root.a");
        assertThat(tree.owner("tunnel.ab")).isNull();
        assertThat(tree.owner("nodes.root.a.a1.alarms.x")).isEqualTo("nodes.root.a.a1");
        assertThat(tree.owner("nodes.root.c.alarms.x")).isEqualTo("nodes.root");
    }

    @Test
    void theWayGoesDownIntoTheSubtreeElseUp() {
        Topology tree = TopologyFile.parse("tree", TREE);
        assertThat(tree.next("nodes.root", "nodes.root.a.a1")).isEqualTo("nodes.root.a");
        assertThat(tree.next("nodes.root.a.a1", "nodes.root.b")).isEqualTo("nodes.root.a");
        assertThat(tree.next("nodes.root.a", "nodes.root.b")).isEqualTo("nodes.root");
        assertThat(tree.next("nodes.root.a", "nodes.root.x")).isNull();
    }

    @Test
    void everyProblemIsToldWithItsKeyAndWhatWouldBeRight() {
        assertThatThrownBy(() -> TopologyFile.parse("wrong", """
                        securty: curve
                        security: some
                        nodes:
                          root:
                            southPort: 99999
                            owns: tunnel
                            children:
                              a: {owns: ["x y"], northPort: "1"}
                              b: {owns: [t], primary: {}}
                              "b c": {}
                              c: {owns: [t]}
                        """))
                .isInstanceOfSatisfying(
                        TopologyException.class,
                        e -> assertThat(e.problems())
                                .anySatisfy(p -> assertThat(p).startsWith("securty is not known: there may be"))
                                .anySatisfy(p -> assertThat(p).contains("security = 'some'", "none or curve"))
                                .anySatisfy(p -> assertThat(p).contains("nodes.root.southPort = '99999'", "1 to 65535"))
                                .anySatisfy(p -> assertThat(p).startsWith("nodes.root.owns is not a list"))
                                .anySatisfy(p -> assertThat(p).startsWith("nodes.root.a.owns has 'x y'"))
                                .anySatisfy(p -> assertThat(p).startsWith("nodes.root.a.northPort = '1'"))
                                .anySatisfy(p -> assertThat(p).startsWith("nodes.root.b.backup is missing"))
                                .anySatisfy(p -> assertThat(p).startsWith("nodes.root.b c: a node's name"))
                                .anySatisfy(p -> assertThat(p).contains("t is owned by nodes.root.b already"))
                                .anySatisfy(p -> assertThat(p).contains("is taken by", "give another")));
    }

    @Test
    void aNodeKeepsItsOwnKeysAndWhatTheNodesBelowItKeep() {
        String yaml = """
                nodes:
                  root:
                    keeps: [site]
                    children:
                      m:
                        owns: [area.m]
                        keeps: [site]
                        children:
                          l: {owns: [area.m.l], keeps: [tunnel.a], southPort: 5010, northPort: 5011}
                        southPort: 5020
                        northPort: 5021
                      all: {southPort: 5030, northPort: 5031}
                """;
        Topology tree = TopologyFile.parse("tree", yaml);
        assertThat(tree.kept("nodes.root.m"))
                .containsExactlyInAnyOrder("site", "area.m", "nodes.root.m", "area.m.l", "nodes.root.m.l", "tunnel.a");
        assertThat(tree.keeps("nodes.root.m", "tunnel.a.fan")).isTrue();
        assertThat(tree.keeps("nodes.root.m", "tunnel.b")).isFalse();
        assertThat(tree.kept("nodes.root")).as("as a node below it keeps all").isEmpty();
        assertThat(tree.keepsAllOf("nodes.root.m", "nodes.root.m.l")).isTrue();
        assertThat(tree.keepsAllOf("nodes.root.m.l", "nodes.root.m")).isFalse();
    }

    @Test
    void theShippedSchemaHasTheKeysThatTheFileMayHave() throws IOException {
        JsonNode schema = new ObjectMapper()
                .readTree(Path.of("config/topology.schema.json").toFile());
        for (Map.Entry<String, String> place : Map.of(
                        "", "x: 1\nnodes: {root: {}}",
                        "/properties/defaults", "defaults: {x: 1}\nnodes: {root: {}}",
                        "/$defs/node", "nodes: {root: {x: 1}}",
                        "/$defs/process",
                                "nodes: {root: {primary: {x: 1}, backup: {southPort: 5010, northPort: 5011}}}")
                .entrySet()) {
            Set<String> keys = new TreeSet<>();
            schema.at(place.getKey() + "/properties").fieldNames().forEachRemaining(keys::add);
            assertThatThrownBy(() -> TopologyFile.parse("wrong", place.getValue()))
                    .as(place.getKey())
                    .hasMessageContaining("x is not known: there may be " + keys);
        }
    }

    @Test
    void curveNeedsKeysOfEveryProcess() {
        assertThatThrownBy(() -> TopologyFile.parse("curve", "security: curve\nnodes: {root: {}}"))
                .hasMessageContaining("nodes.root.publicKey is missing")
                .hasMessageContaining("nodes.root.signKey is missing");
    }

    @Test
    void whatIsNoYamlIsSaidInALine() {
        assertThatThrownBy(() -> TopologyFile.parse("file", "nodes: [")).hasMessageContaining("it is no YAML");
        assertThatThrownBy(() -> TopologyFile.read(Path.of("no/such/file")))
                .hasMessageContaining("cannot be read")
                .hasMessageContaining("bactrian.federation.topology");
    }

    @Test
    void theTreeIsDrawn() {
        Topology tree = TopologyFile.parse("tree", TREE);
        assertThat(tree.drawn())
                .containsExactly(
                        "root  primary 10.0.0.1 south 5000 north 5001 | backup 10.0.0.2 south 5000 north 5001"
                                + "  owns site",
                        "├─ a  10.0.1.1 south 5000 north 5001  owns tunnel.a, tunnel.shared",
                        "│  └─ a1  10.0.1.2 south 5000 north 5001",
                        "└─ b  10.0.2.1 south 5000 north 5001");
        assertThat(TopologyDrawing.svg(tree)).startsWith("<svg").contains(">a1<", "root (pair)");
    }

    @Test
    void aDifferenceIsToldAndWhatAProcessCannotTakeOver() {
        Topology former = TopologyFile.parse("former", TREE);
        Topology next = TopologyFile.parse(
                "next", TREE.replace("owns: [site]", "owns: [site, hall]").replace("host: 10.0.2.1", "host: 10.0.2.2"));
        TopologyChange ofB = TopologyChange.of(former, next, former.member("nodes.root.b"));
        assertThat(ofB.changes())
                .containsExactly(
                        "nodes.root owns: [site] becomes [site, hall]",
                        "nodes.root.b address: 10.0.2.1 south 5000 north 5001 becomes 10.0.2.2 south 5000 north 5001");
        assertThat(ofB.refusals()).singleElement().asString().contains("nodes.root.b address", "restart this process");
        assertThat(TopologyChange.of(former, next, former.member("nodes.root.a"))
                        .refusals())
                .isEmpty();
        assertThat(TopologyChange.of(next, former, next.member("nodes.root.b")).refusals())
                .hasSize(1);
    }
}
