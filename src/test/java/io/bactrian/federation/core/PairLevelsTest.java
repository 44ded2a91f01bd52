package io.bactrian.federation.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.federation.routes.TopologyFile;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Pairs at the root and in the middle, whose members have parents and children that are pairs. */
class PairLevelsTest {
    private static final String ROOT_1 = "nodes.root[primary]";
    private static final String ROOT_2 = "nodes.root[backup]";
    private static final String MIDDLE = "nodes.root.m";
    private static final String MIDDLE_1 = MIDDLE + "[primary]";
    private static final String MIDDLE_2 = MIDDLE + "[backup]";
    private static final String LEAF = MIDDLE + ".leaf";

    private final Topology topology = TopologyFile.parse("pairs", """
            nodes:
              root:
                owns: [site]
                primary: { host: r1 }
                backup: { host: r2 }
                children:
                  m:
                    owns: [area]
                    primary: { host: m1 }
                    backup: { host: m2 }
                    children:
                      leaf: { owns: [area.leaf], host: l }
            """);
    private final CoreNetwork net = new CoreNetwork(topology);
    private long batches;

    @BeforeEach
    void meet() {
        net.start(ROOT_1, ROOT_2, MIDDLE_1, MIDDLE_2, LEAF).run(3_000);
        assertActive(ROOT_1, ROOT_2);
        assertActive(MIDDLE_1, MIDDLE_2);
        net.put(LEAF, "area.leaf.fan", "1");
        net.record(LEAF, "speed", 1);
        net.run(1_000);
        assertThat(net.value(ROOT_2, "area.leaf.fan")).isEqualTo("1");
    }

    private void assertActive(String active, String passive) {
        assertThat(net.core(active).active()).as(active).isTrue();
        assertThat(net.core(passive).active()).as(passive).isFalse();
    }

    /** A change of the leaf comes to the root, one of the root to the leaf, and the history is complete. */
    private void assertInTouch(String root, String mark) {
        net.put(LEAF, "area.leaf.fan", mark);
        net.put(root, "site.mode", mark);
        net.record(LEAF, "speed", 2);
        net.run(2_000);
        assertThat(net.value(root, "area.leaf.fan")).isEqualTo(mark);
        assertThat(net.value(LEAF, "site.mode")).isEqualTo(mark);
        assertThat(net.recorded(LEAF).get(root)).isEqualTo(net.recorded(LEAF).get(LEAF));
    }

    @Test
    void theBackupInTheMiddleTakesOver() {
        net.kill(MIDDLE_1).run(4_000);
        assertThat(net.core(MIDDLE_2).active()).isTrue();
        assertThat(net.value(ROOT_1, MIDDLE + ".alarms.failover")).startsWith("open");
        assertInTouch(ROOT_1, "2");
        net.start(MIDDLE_1).run(3_000);
        assertActive(MIDDLE_2, MIDDLE_1);
        assertInTouch(ROOT_1, "3");
        assertThat(net.value(MIDDLE_1, "area.leaf.fan")).isEqualTo("3");
    }

    @Test
    void aPrimaryThatStartsAgainListensBeforeItFollowsTheVoteOfANeighbourThatHearsNobody() {
        net.kill(MIDDLE_1).run(4_000);
        net.cut(MIDDLE_2, LEAF).run(4_000);
        // The connection to the backup takes longer than that of the leaf.
        net.cut(MIDDLE_1, MIDDLE_2).start(MIDDLE_1).run(1_000);
        net.heal().run(4_000);
        assertActive(MIDDLE_2, MIDDLE_1);
        assertThat(net.value(ROOT_1, MIDDLE + ".alarms.silent-nodes_root_m_primary_"))
                .startsWith("closed");
        assertInTouch(ROOT_1, "2");
    }

    @Test
    void bothLevelsTakeOverAtOnce() {
        net.kill(MIDDLE_1, ROOT_1).run(5_000);
        assertThat(net.core(MIDDLE_2).active()).isTrue();
        assertThat(net.core(ROOT_2).active()).isTrue();
        assertInTouch(ROOT_2, "2");
        net.start(MIDDLE_1, ROOT_1).run(4_000);
        assertActive(MIDDLE_2, MIDDLE_1);
        assertActive(ROOT_2, ROOT_1);
        assertInTouch(ROOT_2, "3");
    }

    @Test
    void anActiveThatHearsNoNeighbourHandsOverToItsPeerThatDoes() {
        net.cut(MIDDLE_1, LEAF).cut(MIDDLE_1, "nodes.root").run(6_000);
        assertActive(MIDDLE_2, MIDDLE_1);
        assertInTouch(ROOT_1, "2");
        net.heal().run(4_000);
        assertActive(MIDDLE_2, MIDDLE_1);
        assertInTouch(ROOT_1, "3");
        assertThat(net.value(MIDDLE_1, "site.mode")).isEqualTo("3");
    }

    @Test
    void twoThatActAfterACutAgreeOnTheHigherEpochAndAllFollowIt() {
        // The primary reaches the roots, the backup the leaf, and the two do not reach each other.
        net.cut(MIDDLE_1, MIDDLE_2)
                .cut(MIDDLE_1, LEAF)
                .cut(MIDDLE_2, "nodes.root")
                .run(6_000);
        assertThat(net.core(MIDDLE_1).active() && net.core(MIDDLE_2).active())
                .as("without a witness both act")
                .isTrue();
        net.put(MIDDLE_1, "area.lamp", "of the primary");
        net.put(MIDDLE_2, "area.lamp", "of the backup");
        net.heal().run(6_000);
        assertActive(MIDDLE_2, MIDDLE_1);
        assertInTouch(ROOT_1, "2");
        for (String member : new String[] {ROOT_1, ROOT_2, MIDDLE_1, MIDDLE_2, LEAF}) {
            assertThat(net.value(member, "area.lamp")).as(member).isEqualTo("of the backup");
        }
    }

    @Test
    void aLongHistoryOnItsWayUpHoldsUpAChangeForOneBatchAtMost() {
        net.cut(LEAF, MIDDLE).run(4_000);
        for (int i = 0; i < 50_000; i++) {
            net.record(LEAF, "speed", i);
        }
        net.heal();
        while (batches < 3) {
            deliver();
        }
        net.put(LEAF, "area.leaf.fan", "live");
        long before = batches;
        while (!net.value(MIDDLE_1, "area.leaf.fan").equals("live")) {
            deliver();
        }
        assertThat(batches - before).isLessThanOrEqualTo(1);
        assertThat(net.recorded(LEAF).get(MIDDLE_1)).as("catching up goes on").isLessThan(50_001);
        net.run(1_000);
        assertThat(net.recorded(LEAF).get(MIDDLE_1)).isGreaterThan(50_000);
    }

    /** Delivers what is next, or lets time pass; counts the batches of history of the leaf for the primary above it. */
    private void deliver() {
        CoreNetwork.Message message = net.deliver();
        if (message == null) {
            net.tick();
        } else if (message.from().equals(LEAF) && message.to().equals(MIDDLE_1)) {
            List<byte[]> frames = message.frames();
            if (new String(frames.get(0), StandardCharsets.UTF_8).equals("HISTORY")) {
                batches++;
                assertThat(frames.get(ClusteredHashmap.FRAMES - 1).length)
                        .as("a batch is bounded")
                        .isLessThan(200_000);
            }
        }
    }
}
