package io.bactrian.discovery.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class AssignerTest {
    private static final List<String> TEN = List.of("w0", "w1", "w2", "w3", "w4", "w5", "w6", "w7", "w8", "w9");

    private static NodeView node(String id, NodeStatus status, String... covers) {
        Registration node = new Registration(
                id, "worker", "", "h", 1, "g", "", List.of(), Map.of(), id, 10_000, 0, List.of(covers));
        return new NodeView(node, status, List.of("r"), 0, 0, -1, -1);
    }

    private static NodeView able(String id, NodeStatus status) {
        return node(id, status, TEN.toArray(String[]::new));
    }

    private static Map<String, Integer> loads(Map<String, String> decided) {
        Map<String, Integer> loads = new TreeMap<>();
        decided.values().forEach(holder -> loads.merge(holder, 1, Integer::sum));
        return loads;
    }

    @Test
    void theWorkOfADeadNodeGoesToTheLeastLoadedOne() {
        List<NodeView> nodes = List.of(
                node("a", NodeStatus.ACTIVE, "a", "x", "y"), node("b", NodeStatus.ACTIVE), node("c", NodeStatus.DOWN));
        assertThat(new Assigner(false).decide(nodes, Map.of("x", "a", "y", "a", "a", "a", "b", "b", "c", "c")))
                .containsEntry("c", "b")
                .containsEntry("x", "a")
                .containsEntry("b", "b");
    }

    @Test
    void amongEqualsTheWeightDecidesAndNotTheOrder() {
        List<NodeView> nodes = new ArrayList<>(
                List.of(able("a", NodeStatus.ACTIVE), able("b", NodeStatus.ACTIVE), able("c", NodeStatus.ACTIVE)));
        Map<String, String> first = new Assigner(true).decide(nodes, Map.of());
        for (int seed = 0; seed < 20; seed++) {
            Collections.shuffle(nodes, new Random(seed));
            assertThat(new Assigner(true).decide(nodes, Map.of())).isEqualTo(first);
        }
        assertThat(loads(first).values()).containsExactlyInAnyOrder(4, 3, 3);
    }

    @Test
    void workIsHandedBackOrKeptAsConfigured() {
        List<NodeView> nodes = List.of(node("a", NodeStatus.ACTIVE), node("b", NodeStatus.ACTIVE));
        Map<String, String> whileAWasDead = Map.of("a", "b", "b", "b");
        assertThat(new Assigner(true).decide(nodes, whileAWasDead)).isEqualTo(Map.of("a", "a", "b", "b"));
        assertThat(new Assigner(false).decide(nodes, whileAWasDead)).isEqualTo(Map.of("a", "b", "b", "b"));
    }

    @Test
    void aNodeThatJoinsGetsItsShareOnlyWithHandback() {
        Map<String, String> alone = new TreeMap<>();
        TEN.forEach(work -> alone.put(work, "a"));
        List<NodeView> nodes = List.of(able("a", NodeStatus.ACTIVE), able("b", NodeStatus.ACTIVE));
        assertThat(loads(new Assigner(true).decide(nodes, alone))).isEqualTo(Map.of("a", 5, "b", 5));
        assertThat(new Assigner(false).decide(nodes, alone)).isEqualTo(alone);
    }

    @Test
    void aSuspectKeepsItsWorkAndGetsNoMore() {
        List<NodeView> nodes = List.of(able("a", NodeStatus.SUSPECT), able("b", NodeStatus.ACTIVE));
        assertThat(new Assigner(false).decide(nodes, Map.of("w0", "a", "w1", "gone")))
                .containsEntry("w0", "a")
                .containsEntry("w1", "b")
                .containsEntry("w9", "b");
    }

    @Test
    void aSuspectDoesNotGetItsOwnWorkBack() {
        List<NodeView> nodes =
                List.of(node("s", NodeStatus.SUSPECT, "a", "s"), node("b", NodeStatus.ACTIVE, "a", "b", "s"));
        assertThat(new Assigner(true).decide(nodes, Map.of("a", "s", "b", "b", "s", "b")))
                .containsEntry("a", "s")
                .containsEntry("s", "b");
    }

    /** Every router of a large group decides often; one decision must not hold up all else. */
    @Test
    void veryMuchWorkIsSharedInPartsUntilAllHaveTheSame() {
        List<NodeView> nodes = new ArrayList<>();
        for (int i = 0; i < 2_000; i++) {
            nodes.add(node("n" + i, NodeStatus.ACTIVE, "a" + i, "b" + i, "c" + i, "d" + i, "e" + i));
        }
        Map<String, String> decided = new Assigner(true).decide(nodes, Map.of());
        assertThat(decided).as("a part at first").containsValue("").hasSize(10_000);
        for (int decisions = 1; decided.containsValue("") && decisions < 20; decisions++) {
            decided = new Assigner(true).decide(nodes, decided);
        }
        assertThat(loads(decided)).hasSize(2_000);
        assertThat(loads(decided).values()).containsOnly(5);
    }

    @Test
    void workThatNobodyCanDoHasNoHolderAndSubscribersDoNone() {
        Registration subscriber = new Registration(
                "s", "subscriber", "", "h", 1, "g", "", List.of(), Map.of(), "s", 10_000, 0, List.of());
        List<NodeView> nodes = List.of(
                node("dead", NodeStatus.DOWN),
                node("left", NodeStatus.LEFT),
                new NodeView(subscriber, NodeStatus.ACTIVE, List.of("r"), 0, 0, -1, -1));
        assertThat(new Assigner(true).decide(nodes, Map.of("dead", "dead", "left", "left")))
                .isEqualTo(Map.of("dead", ""));
    }
}
