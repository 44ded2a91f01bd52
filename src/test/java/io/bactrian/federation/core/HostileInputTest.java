package io.bactrian.federation.core;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bactrian.federation.routes.TopologyFile;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a client, a neighbour or a file that means harm can do to a node: it is refused and counted, and the node goes on. */
class HostileInputTest {
    private static final String ROOT = "nodes.root";
    private static final String A = "nodes.root.a";
    private static final NodeSettings SETTINGS = new NodeSettings(500, 1_600, 1_000, 100_000, 6, 3, 60_000, 7);
    private static final long START_MS = 1_000_000;
    private static final byte[] NOBODY = new byte[0];
    private static final byte[] UUID = new byte[16];
    private static final byte[] CLIENT = {1};

    private final Topology topology = TopologyFile.parse(
            "tree",
            "nodes: {root: {owns: [site], children: {a: {owns: [tunnel.a], southPort: 5010, northPort: 5011}}}}");

    private NodeCore started(String node, HistoryLog log) {
        NodeCore core = new NodeCore(topology, node, SETTINGS, Signatures.NONE, log, new Random(1), START_MS);
        core.start(null, START_MS);
        return core;
    }

    private static List<String> kinds(Actions actions) {
        // What is decided can be written to the disk.
        actions.records().forEach(StateRecord::write);
        actions.history().forEach(HistoryEntry::write);
        return actions.events().stream().map(Actions.Event::kind).toList();
    }

    /** What a parent sends to a, as it would come from the wire. */
    private static Actions fromParent(
            NodeCore a, String key, byte[] uuid, Map<String, String> properties, String body) {
        return a.receive(
                Door.PARENT,
                NOBODY,
                ClusteredHashmap.frames(key, 0, uuid, properties, body.getBytes(UTF_8)),
                START_MS + 10);
    }

    private static Map<String, String> heartbeat(String own, String hash) {
        Map<String, String> properties =
                new LinkedHashMap<>(Map.of("member", ROOT, "active", "true", "answer", "false"));
        properties.put("hash", hash);
        properties.put("own", own);
        return properties;
    }

    @Test
    void aClientWithAKeyThatNoJournalHoldsIsRefused() {
        NodeCore root = started(ROOT, HistoryLog.NONE);
        String key = "site." + "k".repeat(70_000);
        Actions set = root.receive(
                Door.CLIENTS,
                CLIENT,
                ClusteredHashmap.frames("SET?", 0, UUID, Map.of("key", key), new byte[] {1}),
                START_MS + 10);
        assertThat(kinds(set)).containsExactly("malformed");
        Actions pushed = root.receive(
                Door.PUBLISH,
                NOBODY,
                ClusteredHashmap.frames("site.\u001b[2J", 0, UUID, Map.of(), new byte[] {1}),
                START_MS + 10);
        assertThat(kinds(pushed)).containsExactly("foreign-update");
        assertThat(root.state().startingWith("site.")).isEmpty();
    }

    @Test
    void clientsThatAskForMuchAtOnceAreServedInPartsAndInTurn() {
        NodeCore root = started(ROOT, HistoryLog.NONE);
        for (int i = 0; i < 900; i++) {
            root.put("site.k" + i, new byte[] {1}, 0, START_MS + 1);
        }
        int answers = 0;
        int refused = 0;
        List<byte[]> ask = List.of(ClusteredHashmap.octets(ClusteredHashmap.ICANHAZ), ClusteredHashmap.octets("site."));
        for (int client = 1; client <= 100; client++) {
            for (int i = 0; i < 10; i++) {
                Actions asked = root.receive(Door.CLIENTS, new byte[] {(byte) client}, ask, START_MS + 10);
                answers += asked.outgoing().size();
                refused += asked.events().size();
            }
        }
        assertThat(answers).as("of 900,000 keys").isLessThan(5_100);
        assertThat(refused).as("more than 4 at once").isBetween(590, 600);
        Map<Byte, List<String>> parts = new LinkedHashMap<>();
        for (int i = 1; i < 100; i++) {
            Actions ticked = root.tick(START_MS + 10 + i);
            assertThat(ticked.outgoing()).hasSizeLessThan(5_100);
            root.put("site.k" + i, new byte[] {2}, 0, START_MS + 10 + i);
            ticked.outgoing().stream()
                    .filter(outgoing -> outgoing.door() == Door.CLIENTS)
                    .forEach(outgoing -> parts.computeIfAbsent(outgoing.routingId()[0], id -> new ArrayList<>())
                            .add(new String(outgoing.frames().get(0), UTF_8)));
        }
        List<String> last = parts.get((byte) 100);
        assertThat(last.stream().filter(ClusteredHashmap.KTHXBAI::equals)).hasSize(4);
        assertThat(last).hasSize(4 * 901);
        assertThat(last.subList(0, 500)).isSorted().doesNotHaveDuplicates();
        assertThat(ClusteredHashmap.read(
                                root.receive(Door.CLIENTS, CLIENT, ask, START_MS + 200).outgoing().stream()
                                        .reduce((one, other) -> other)
                                        .orElseThrow()
                                        .frames(),
                                0)
                        .property("count"))
                .isEqualTo("900");
    }

    @Test
    void aMessageOfAnyShapeCostsNothingElse() {
        NodeCore a = started(A, HistoryLog.NONE);
        Random random = new Random(7);
        List<String> words = new ArrayList<>(ClusteredHashmap.WORDS);
        words.add("site.x");
        List<String> names = List.of(
                "owner",
                "version",
                "previous",
                "sync",
                "count",
                "recover",
                "own",
                "hash",
                "log",
                "after",
                "to",
                "from",
                "sent",
                "life",
                "hops",
                "done",
                "dialog",
                "asker",
                "member",
                "active",
                "answer",
                "greet",
                "expires",
                "time",
                "signature",
                "ownership",
                "key",
                "ttl");
        List<String> values = List.of(
                "",
                "-1",
                "0",
                "1.1",
                "-1.-1",
                "9223372036854775807",
                "99999999999999999999",
                "true",
                ROOT,
                A,
                "x@" + A,
                "\u0000",
                "site");
        for (int i = 0; i < 20_000; i++) {
            List<byte[]> frames = new ArrayList<>();
            for (int quintuples = random.nextInt(3); quintuples >= 0; quintuples--) {
                Map<String, String> properties = new LinkedHashMap<>();
                for (int n = random.nextInt(8); n > 0; n--) {
                    properties.put(names.get(random.nextInt(names.size())), values.get(random.nextInt(values.size())));
                }
                byte[] body = new byte[random.nextInt(40)];
                random.nextBytes(body);
                byte[] uuid = random.nextBoolean() ? UUID : NOBODY;
                ClusteredHashmap.add(frames, words.get(random.nextInt(words.size())), i, uuid, properties, body);
            }
            if (random.nextInt(4) == 0) {
                frames.remove(random.nextInt(frames.size()));
            }
            Door[] doors = {Door.PARENT, Door.SOUTH, Door.CLIENTS, Door.PUBLISH};
            assertThat(kinds(a.receive(doors[i % doors.length], CLIENT, frames, START_MS + i)))
                    .as("message " + i + " is foreseen")
                    .doesNotContain("failed");
        }
        kinds(a.tick(START_MS + 30_000));
        a.put("tunnel.a.fan", "on".getBytes(UTF_8), 0, START_MS + 30_000);
        assertThat(a.state().get("tunnel.a.fan").text()).isEqualTo("on");
        assertThat(a.epoch()).as("there is room for changes").isLessThan(1L << 50);
    }

    @Test
    void aNeighbourWithoutSecurityCannotFillTheJournalWithPropertiesThatItDoesNotTake() {
        NodeCore a = started(A, HistoryLog.NONE);
        Map<String, String> properties =
                new LinkedHashMap<>(Map.of("owner", ROOT, "version", "5.1", "previous", "0.0"));
        properties.put("signature", "s".repeat(70_000));
        assertThat(kinds(fromParent(a, "site.mode", UUID, properties, "day"))).contains("malformed");
        assertThat(a.state().get("site.mode")).isNull();
    }

    @Test
    void aParentThatLiesAboutVersionsTakesNoRoomFromTheirOwners() {
        NodeCore a = started(A, HistoryLog.NONE);
        String huge = Long.MAX_VALUE + ".1";
        Actions heard = fromParent(a, ClusteredHashmap.HUGZ, NOBODY, heartbeat(huge, "0"), "");
        assertThat(kinds(heard)).contains("implausible");
        Actions asks = fromParent(a, ClusteredHashmap.HUGZ, NOBODY, heartbeat("5.1", "7"), "");
        byte[] uuid = asks.outgoing().stream()
                .filter(outgoing -> new String(outgoing.frames().get(0), UTF_8).equals(ClusteredHashmap.ICANHAZ))
                .findFirst()
                .orElseThrow()
                .frames()
                .get(2);
        Map<String, String> end = Map.of("count", "0", "recover", "false");
        Actions lied = fromParent(
                a,
                ClusteredHashmap.KTHXBAI,
                uuid,
                end,
                ROOT + " " + huge + " full\n" + ROOT + " 5." + (1L << 60) + " full");
        assertThat(kinds(lied)).contains("implausible");
        assertThat(a.state().head(ROOT)).isEqualTo(StateVersion.NONE);
        Map<String, String> right = Map.of("owner", ROOT, "version", "5.1", "previous", "0.0");
        fromParent(a, "site.mode", UUID, right, "day");
        assertThat(a.state().get("site.mode").text()).isEqualTo("day");
        assertThat(a.epoch()).isLessThan(START_MS + 10);
    }

    @Test
    void aTextThatTheJournalOfTheHistoryCannotHoldIsRefusedAndAnAlarmIsCutOff() {
        NodeCore root = started(ROOT, HistoryLog.NONE);
        assertThatThrownBy(() -> root.record("event", Double.NaN, "x".repeat(70_000), START_MS + 10))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("at most 10000");
        assertThatThrownBy(() -> root.record("", 1, "", START_MS + 10)).hasMessageContaining("a name of 1 to");
        Actions opened = root.refuse("problem; ".repeat(20_000), START_MS + 20);
        assertThat(kinds(opened)).contains("alarm-opened");
        assertThat(root.state()
                        .get(AlarmBook.key(ROOT, "topology-refused-nodes_root"))
                        .text())
                .startsWith("open ")
                .endsWith("...")
                .hasSizeLessThan(3_000);
    }

    @Test
    void aHistoryThatCannotBeReadStopsNeitherHeartbeatsNorTheState() {
        HistoryLog broken = new HistoryLog() {
            @Override
            public long end() {
                return 10;
            }

            @Override
            public List<HistoryEntry> read(long after, int bytesMax) {
                throw new IllegalStateException("position=3 is damaged");
            }
        };
        NodeCore a = started(A, broken);
        Actions asked =
                fromParent(a, HistoryExchange.QUESTION, UUID, Map.of("log", "", "after", "0", "asker", "x"), "");
        assertThat(kinds(asked)).contains("history-unreadable");
        Actions ticked = a.tick(START_MS + 600);
        assertThat(kinds(ticked)).contains("history-unreadable");
        assertThat(ticked.outgoing()).as("clients hear that it lives").isNotEmpty();
        fromParent(a, "site.mode", UUID, Map.of("owner", ROOT, "version", "5.1", "previous", "0.0"), "day");
        assertThat(a.state().get("site.mode").text()).isEqualTo("day");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "federation: &a [[*a]]\nnodes: {root: {}}",
                "nodes: &a {root: {children: *a}}",
                "nodes: {root: &a {owns: [*a], roles: *a, host: *a, southPort: *a}}",
                "nodes: {root: {}, root: {}}",
                "nodes: {root: {owns: [HUGZ, COMMAND]}}",
                "nodes: {root: {children: {alarms: {southPort: 1, northPort: 2}}}}",
                "nodes: {root: {southPort: 5000, northPort: 4999}}",
                "nodes: {root: {northPort: 65535}}",
                "? {a: b}\n: c\nnodes: {root: {}}",
                "nodes: !!java.io.File [x]",
            })
    void aTopologyWithATrapIsRefusedInWords(String text) {
        assertThatThrownBy(() -> TopologyFile.parse("trap", text))
                .isInstanceOf(TopologyException.class)
                .hasMessageContaining("trap");
    }

    @Test
    void aTopologyThatIsTooDeepIsRefusedInWords() {
        assertThatThrownBy(() -> TopologyFile.parse("deep", "nodes: " + "[".repeat(100_000)))
                .isInstanceOf(TopologyException.class)
                .hasMessageContaining("deep");
    }
}
