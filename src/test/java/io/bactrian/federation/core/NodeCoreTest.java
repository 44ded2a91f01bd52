package io.bactrian.federation.core;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.federation.routes.TopologyFile;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** One node without others: its clock, its journal, and what it makes of another topology. */
class NodeCoreTest {
    private static final String ROOT = "nodes.root";
    private static final String A = "nodes.root.a";
    private static final NodeSettings SETTINGS = new NodeSettings(500, 1_600, 1_000, 10_000, 6, 3, 60_000, 7);
    private static final long START_MS = 1_000_000;
    private static final HistoryLog NO_HISTORY = new HistoryLog() {
        @Override
        public long end() {
            return 0;
        }

        @Override
        public List<HistoryEntry> read(long after, int bytesMax) {
            return List.of();
        }
    };

    private final List<StateRecord> journal = new ArrayList<>();

    private static Topology topology(String children) {
        return TopologyFile.parse("tree", "nodes: {root: {owns: [site], children: {" + children + "}}}");
    }

    private NodeCore core(Topology topology, String id, long nowMs) {
        NodeCore core = new NodeCore(topology, id, SETTINGS, Signatures.NONE, NO_HISTORY, new Random(1), nowMs);
        journal.forEach(core::replay);
        return core;
    }

    private void keep(Actions actions) {
        actions.records().stream()
                .map(StateRecord::write)
                .map(StateRecord::read)
                .forEach(journal::add);
    }

    private static byte[] value(String text) {
        return text.getBytes(UTF_8);
    }

    @Test
    void aWallClockThatIsSetRaisesNoAlarmAndDelaysNone() {
        NodeCore root = core(topology("a: {owns: [tunnel.a], southPort: 5010, northPort: 5011}"), ROOT, START_MS);
        root.start(null, START_MS);
        String alarm = AlarmBook.key(ROOT, "silent-nodes_root_a");
        root.wallAhead(3_600_000);
        root.tick(START_MS + 500);
        assertThat(root.state().get(alarm)).isNull();
        root.wallAhead(-3_600_000);
        root.tick(START_MS + 1_500);
        assertThat(root.state().get(alarm)).isNull();
        root.tick(START_MS + 2_600);
        StateEntry open = root.state().get(alarm);
        assertThat(open.text()).startsWith("open " + (START_MS + 2_600 - 3_600_000) + " ");
        assertThat(open.changedMs()).isEqualTo(START_MS + 2_600 - 3_600_000);
    }

    @Test
    void aKeyExpiresByTheWallClock() {
        NodeCore root = core(topology(""), ROOT, START_MS);
        root.start(null, START_MS);
        root.put("site.mode", value("day"), 10_000, START_MS);
        root.tick(START_MS + 9_000);
        assertThat(root.state().get("site.mode")).isNotNull();
        root.wallAhead(2_000);
        root.tick(START_MS + 9_100);
        assertThat(root.state().get("site.mode")).isNull();
    }

    @Test
    void theTimeOfAChangeOutlivesARestart() {
        NodeCore root = core(topology("a: {owns: [tunnel.a], southPort: 5010, northPort: 5011}"), ROOT, START_MS);
        keep(root.start(null, START_MS));
        keep(root.put("site.mode", value("day"), 0, START_MS + 7));
        NodeCore again = core(topology(""), ROOT, START_MS + 50);
        keep(again.start(null, START_MS + 50));
        assertThat(again.state().get("site.mode").changedMs()).isEqualTo(START_MS + 7);
    }

    @Test
    void aJournalFromBeforeChangesHadATimeIsRead() throws IOException {
        ByteArrayOutputStream octets = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(octets);
        out.writeByte(1);
        out.writeUTF("site.mode");
        out.writeUTF(ROOT);
        out.writeLong(5);
        out.writeLong(6);
        out.writeLong(0);
        out.writeUTF("signed");
        out.writeShort(0);
        out.writeInt(3);
        out.write(value("day"));
        StateEntry entry = ((StateRecord.Put) StateRecord.read(octets.toByteArray())).entry();
        assertThat(entry.text()).isEqualTo("day");
        assertThat(entry.changedMs()).isZero();
        assertThat(new String(entry.signed(), UTF_8)).doesNotContain("state-at");
    }

    @Test
    void aRunningNodeTakesTheKeysOfOneThatIsGone() {
        Topology both = topology("a: {owns: [tunnel.a], southPort: 5010, northPort: 5011}");
        NodeCore a = core(both, A, START_MS);
        keep(a.start(null, START_MS));
        keep(a.put("tunnel.a.fan", value("on"), 0, START_MS));
        keep(a.put(A + ".alarms.x", value("open 1 x"), 0, START_MS));
        NodeCore root = core(both, ROOT, START_MS);
        keep(root.start(null, START_MS));

        Topology alone = TopologyFile.parse("tree", "nodes: {root: {owns: [site, tunnel]}}");
        keep(root.change(alone, Signatures.NONE, START_MS + 10));
        assertThat(root.state().get("tunnel.a.fan").owner()).isEqualTo(ROOT);
        assertThat(root.state().get("tunnel.a.fan").text()).isEqualTo("on");
        assertThat(root.state().get(A + ".alarms.x"))
                .as("what was of the node itself")
                .isNull();
        NodeCore again = core(alone, ROOT, START_MS + 50);
        again.start(alone, START_MS + 50);
        assertThat(again.state().get("tunnel.a.fan").text()).isEqualTo("on");
        assertThat(again.state().get(A + ".alarms.x")).isNull();
    }

    @Test
    void alarmsThatNobodyWouldCloseAreClosedByAProcessThatBeginsWithAnotherTopology() {
        NodeCore root = core(topology("a: {owns: [tunnel.a], southPort: 5010, northPort: 5011}"), ROOT, START_MS);
        keep(root.start(null, START_MS));
        keep(root.tick(START_MS + 100));
        keep(root.tick(START_MS + 5_000));
        keep(root.refuse("nodes.root roles: [] becomes [fans]", START_MS + 5_000));
        assertThat(root.openAlarms()).isEqualTo(2);

        NodeCore again = core(topology("b: {southPort: 5010, northPort: 5011}"), ROOT, START_MS + 6_000);
        keep(again.start(null, START_MS + 6_000));
        assertThat(again.openAlarms()).isZero();
        keep(again.tick(START_MS + 6_100));
        keep(again.tick(START_MS + 11_000));
        keep(again.refuse("it is no YAML", START_MS + 11_000));
        keep(again.change(again.topology(), Signatures.NONE, START_MS + 12_000));
        assertThat(again.state().get(AlarmBook.key(ROOT, "silent-nodes_root_b")).text())
                .startsWith("open ");
        assertThat(again.openAlarms()).isEqualTo(1);

        Topology pair =
                TopologyFile.parse("tree", "nodes: {root: {primary: {}, backup: {southPort: 5020, northPort: 5021}}}");
        NodeCore primary = core(pair, "nodes.root[primary]", START_MS + 13_000);
        keep(primary.start(null, START_MS + 13_000));
        keep(primary.vote("a client", START_MS + 14_000));
        assertThat(primary.active()).as("it has to listen first").isFalse();
        keep(primary.vote("a client", START_MS + 15_100));
        assertThat(primary.active()).isTrue();
        assertThat(primary.openAlarms()).isZero();
    }

    @Test
    void aNodeThatStartsElsewhereInTheTreeWithItsJournalKeepsTheValuesOfItsKeys() {
        NodeCore a = core(topology("a: {owns: [tunnel.a], southPort: 5010, northPort: 5011}"), A, START_MS);
        keep(a.start(null, START_MS));
        keep(a.put("tunnel.a.fan", value("on"), 0, START_MS + 3));
        Topology moved = topology(
                "m: {southPort: 5020, northPort: 5021, children: {a: {owns: [tunnel.a], southPort: 5010, northPort: 5011}}}");
        NodeCore again = core(moved, "nodes.root.m.a", START_MS + 50);
        keep(again.start(null, START_MS + 50));
        StateEntry fan = again.state().get("tunnel.a.fan");
        assertThat(fan.owner()).isEqualTo("nodes.root.m.a");
        assertThat(fan.text()).isEqualTo("on");
        assertThat(fan.changedMs()).isEqualTo(START_MS + 3);
    }
}
