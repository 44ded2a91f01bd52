package io.bactrian.federation.core;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A tree of three levels in virtual time, over the production cores: links are cut, messages lost, nodes crash, restart and
 * lose their disks, while owners change keys and send each other commands. One seed is one run, always the same.
 */
final class TreeSimulation {
    /** What the simulation breaks on purpose. */
    enum Flaw {
        NONE,
        /** Changes are taken although others before them are missing. */
        NO_GAP_CHECK,
        /** Neighbours do not compare what they have. */
        NO_COMPARISON,
        /** A snapshot of what is missing leaves out what was deleted. */
        SNAPSHOT_WITHOUT_DELETIONS
    }

    private static final long FAULTS_MS = 8_000;
    private static final long HEALED_MS = 8_000;
    private static final long TICK_MS = 250;
    private static final NodeSettings SETTINGS = new NodeSettings(500, 1_600, 100_000, 10_000, 6, 1_000, 600_000, 7);

    private final Random random;
    private final Flaw flaw;
    private final int middle;
    private final int leaves;
    private Topology topology;
    private final Map<String, Node> nodes = new LinkedHashMap<>();
    private final Map<String, Wire> wires = new LinkedHashMap<>();
    private final Map<String, Integer> droppedDeletions = new HashMap<>();
    private final PriorityQueue<Event> events = new PriorityQueue<>();
    private long nowMs = 1_000_000;
    private long order;
    private int commandsAnswered;
    private int commandsSent;
    private boolean faults = true;

    private record Event(long atMs, long order, Runnable what) implements Comparable<Event> {
        @Override
        public int compareTo(Event other) {
            int byTime = Long.compare(atMs, other.atMs);
            return byTime != 0 ? byTime : Long.compare(order, other.order);
        }
    }

    /** One node: what a crash destroys, and the journal, which it does not. */
    private static final class Node {
        private final String id;
        private final List<StateRecord> journal = new ArrayList<>();
        private final SimHistory history = new SimHistory();
        private @Nullable NodeCore core;
        /** With which it ran last. */
        private @Nullable Topology topology;

        private int life;
        /** Its wall clock is ahead of time by so much. */
        private long wallAheadMs;

        private Node(String id) {
            this.id = id;
        }
    }

    /** The journal of a node's history. */
    private static final class SimHistory implements HistoryLog {
        private final List<HistoryEntry> entries = new ArrayList<>();

        @Override
        public long end() {
            return entries.size();
        }

        @Override
        public List<HistoryEntry> read(long after, int bytesMax) {
            return List.copyOf(entries.subList((int) after, Math.min(entries.size(), (int) after + 5)));
        }

        /** How often each record is there. */
        private Map<HistoryRecord, Integer> counts() {
            Map<HistoryRecord, Integer> counts = new HashMap<>();
            entries.forEach(entry -> entry.records().forEach(item -> counts.merge(item, 1, Integer::sum)));
            return counts;
        }
    }

    /** The connection of a child to its parent. */
    private static final class Wire {
        private final String child;
        private final String parent;
        private boolean up = true;
        private int connection;
        private final long[] lastMs = new long[2];

        private Wire(String child, String parent) {
            this.child = child;
            this.parent = parent;
        }

        private byte[] routingId() {
            return (child + "#" + connection).getBytes(StandardCharsets.UTF_8);
        }
    }

    TreeSimulation(long seed, Flaw flaw, int middle, int leaves) {
        this.random = new Random(seed);
        this.flaw = flaw;
        this.middle = middle;
        this.leaves = leaves;
        this.topology = tree(middle, leaves, false);
        for (TopologyNode node : topology.nodes()) {
            nodes.put(node.id(), new Node(node.id()));
            if (!node.parent().isEmpty()) {
                wires.put(node.id(), new Wire(node.id(), node.parent()));
            }
        }
    }

    /** A root, so many nodes below it, and so many leaves below each of those; the first two leaves may have exchanged their keys. */
    private static Topology tree(int middle, int leaves, boolean exchanged) {
        Map<String, Object> root = new LinkedHashMap<>();
        Map<String, Object> children = new LinkedHashMap<>();
        for (int i = 0; i < middle; i++) {
            Map<String, Object> below = new LinkedHashMap<>();
            for (int j = 0; j < leaves; j++) {
                int owns = exchanged && j < 2 ? 1 - j : j;
                Map<String, Object> leaf = new LinkedHashMap<>();
                leaf.put("host", "h" + i + "-" + j);
                leaf.put("owns", List.of("area.m" + i + ".l" + owns));
                if (j == leaves - 1 || i == middle - 1) {
                    leaf.put("keeps", List.of(j % 2 == 0 ? "area.m0" : "area.m" + i));
                }
                below.put("l" + j, leaf);
            }
            Map<String, Object> node = new LinkedHashMap<>();
            node.put("host", "h" + i);
            node.put("owns", List.of("area.m" + i));
            if (i == middle - 1) {
                // All below it keep some subtrees only.
                node.put("keeps", List.of("nodes.root"));
            }
            node.put("children", below);
            children.put("m" + i, node);
        }
        root.put("host", "h");
        root.put("owns", List.of("area"));
        root.put("children", children);
        return TopologyReader.read("simulated", Map.of("nodes", Map.of("root", root)));
    }

    private void at(long ms, Runnable what) {
        events.add(new Event(ms, order++, what));
    }

    /** Runs it; returns what is wrong afterwards, empty if nothing is. */
    List<String> run() {
        nodes.values().forEach(node -> at(nowMs + random.nextInt(500), () -> start(node)));
        long endOfFaultsMs = nowMs + FAULTS_MS;
        for (int i = 0; i < 12; i++) {
            at(nowMs + random.nextInt((int) FAULTS_MS), this::fault);
        }
        for (int i = 0; i < 200; i++) {
            at(nowMs + 500 + random.nextInt((int) FAULTS_MS), this::work);
        }
        if (random.nextInt(2) == 0) {
            at(nowMs + 500 + random.nextInt((int) FAULTS_MS), () -> exchangeKeys(true));
            at(nowMs + 500 + random.nextInt((int) FAULTS_MS), () -> exchangeKeys(random.nextBoolean()));
        }
        at(endOfFaultsMs, this::heal);
        runUntil(endOfFaultsMs + HEALED_MS);
        return problems();
    }

    private void runUntil(long endMs) {
        while (!events.isEmpty() && events.peek().atMs() <= endMs) {
            Event event = events.poll();
            nowMs = event.atMs();
            event.what().run();
        }
        nowMs = endMs;
    }

    /** Another topology, of which one process after the other hears. */
    private void exchangeKeys(boolean exchanged) {
        Topology next = tree(middle, leaves, exchanged);
        topology = next;
        nodes.values()
                .forEach(node -> at(nowMs + random.nextInt(1_500), () -> {
                    NodeCore core = node.core;
                    if (core != null && topology == next) {
                        carryOut(node, core.change(next, Signatures.NONE, nowMs));
                        node.topology = next;
                    }
                }));
    }

    private void start(Node node) {
        if (node.core != null) {
            return;
        }
        NodeCore core = new NodeCore(
                topology, node.id, SETTINGS, Signatures.NONE, node.history, new Random(random.nextLong()), nowMs);
        core.wallAhead(node.wallAheadMs);
        node.journal.forEach(core::replay);
        node.history.entries.forEach(core::replay);
        node.core = core;
        node.life++;
        Wire wire = wires.get(node.id);
        if (wire != null) {
            wire.connection++;
        }
        Actions first = core.start(node.topology, nowMs);
        carryOut(node, first);
        node.topology = topology;
        tick(node, node.life);
    }

    private void tick(Node node, int life) {
        NodeCore core = node.core;
        if (core != null && node.life == life) {
            carryOut(node, core.tick(nowMs));
            at(nowMs + TICK_MS, () -> tick(node, life));
        }
    }

    private void carryOut(Node node, Actions actions) {
        if (faults && random.nextInt(3_000) == 0) {
            // Killed before the journal had it: nobody may have heard of it either.
            crash(node, false);
            return;
        }
        node.journal.addAll(actions.records());
        node.history.entries.addAll(actions.history());
        if (node.journal.size() > 400 && node.core != null) {
            List<StateRecord> snapshot = node.core.snapshot();
            node.journal.clear();
            node.journal.addAll(snapshot);
        }
        if (faults && random.nextInt(3_000) == 0) {
            crash(node, false);
            return;
        }
        commandsAnswered += actions.replies().size();
        for (Outgoing outgoing : actions.outgoing()) {
            send(node, outgoing);
        }
    }

    private void send(Node from, Outgoing outgoing) {
        if (outgoing.door() == Door.PARENT) {
            Wire wire = wires.get(from.id);
            deliver(wire, 0, nodes.get(wire.parent), Door.SOUTH, wire.routingId(), outgoing.frames());
        } else if (outgoing.door() == Door.SOUTH) {
            String id = new String(outgoing.routingId(), StandardCharsets.UTF_8);
            Wire wire = wires.get(id.substring(0, id.indexOf('#')));
            if (id.endsWith("#" + wire.connection)) {
                deliver(wire, 1, nodes.get(wire.child), Door.PARENT, new byte[0], outgoing.frames());
            }
        }
    }

    private void deliver(Wire wire, int direction, Node to, Door door, byte[] routingId, List<byte[]> frames) {
        if (!wire.up || (faults && random.nextInt(150) == 0)) {
            return;
        }
        long arrivesMs = Math.max(wire.lastMs[direction], nowMs + 1 + random.nextInt(20));
        wire.lastMs[direction] = arrivesMs;
        int connection = wire.connection;
        at(arrivesMs, () -> {
            NodeCore core = to.core;
            if (wire.up && wire.connection == connection && core != null) {
                List<byte[]> arriving = flaw == Flaw.NONE ? frames : broken(frames, core, wire, direction);
                carryOut(to, core.receive(door, routingId, arriving, nowMs));
            }
        });
    }

    /** The message as a receiver with the flaw would take it. */
    private List<byte[]> broken(List<byte[]> frames, NodeCore core, Wire wire, int direction) {
        List<byte[]> changed = new ArrayList<>();
        Map<String, String> heads = new HashMap<>();
        for (int i = 0; i < frames.size(); i += ClusteredHashmap.FRAMES) {
            ClusteredHashmap.KeyValue item = ClusteredHashmap.read(frames, i);
            Map<String, String> properties = new LinkedHashMap<>(item.properties());
            if (flaw == Flaw.NO_GAP_CHECK && properties.containsKey("previous")) {
                String owner = item.property("owner");
                String head = heads.getOrDefault(owner, core.state().head(owner).toString());
                properties.put("previous", head);
                heads.put(owner, item.property("version"));
            } else if (flaw == Flaw.NO_COMPARISON && item.key().equals(ClusteredHashmap.HUGZ)) {
                properties.put("active", "false");
            } else if (flaw == Flaw.SNAPSHOT_WITHOUT_DELETIONS) {
                if (properties.containsKey("sync") && item.body().length == 0) {
                    droppedDeletions.merge(wire.child + direction, 1, Integer::sum);
                    continue;
                }
                if (item.key().equals(ClusteredHashmap.KTHXBAI)) {
                    Integer removed = droppedDeletions.remove(wire.child + direction);
                    int dropped = removed == null ? 0 : removed;
                    properties.put("count", Integer.toString(Integer.parseInt(item.property("count")) - dropped));
                }
            }
            ClusteredHashmap.add(changed, item.key(), item.sequence(), item.uuid(), properties, item.body());
        }
        return changed.isEmpty()
                ? ClusteredHashmap.frames(
                        "nodes.nothing",
                        0,
                        new byte[0],
                        Map.of("owner", "nobody", "version", "0.0", "previous", "0.0"),
                        new byte[0])
                : changed;
    }

    private void crash(Node node, boolean losesDisk) {
        node.core = null;
        if (losesDisk) {
            node.journal.clear();
            node.history.entries.clear();
            node.topology = null;
        }
        at(nowMs + random.nextInt(3_000), () -> start(node));
    }

    private void fault() {
        int kind = random.nextInt(11);
        if (kind == 10) {
            List<Node> all = List.copyOf(nodes.values());
            setClock(all.get(random.nextInt(all.size())), random.nextInt(400_000) - 200_000);
        } else if (kind < 6) {
            List<Wire> all = List.copyOf(wires.values());
            Wire wire = all.get(random.nextInt(all.size()));
            wire.up = false;
            at(nowMs + random.nextInt(4_000), () -> reconnect(wire));
        } else {
            List<Node> all = List.copyOf(nodes.values());
            crash(all.get(random.nextInt(all.size())), kind == 9);
        }
    }

    private static void setClock(Node node, long aheadMs) {
        node.wallAheadMs = aheadMs;
        if (node.core != null) {
            node.core.wallAhead(aheadMs);
        }
    }

    private void reconnect(Wire wire) {
        if (!wire.up) {
            wire.up = true;
            wire.connection++;
            Node child = nodes.get(wire.child);
            NodeCore core = child.core;
            if (core != null && random.nextBoolean()) {
                carryOut(child, core.connected(Door.PARENT, nowMs));
            }
        }
    }

    private void work() {
        List<Node> all = List.copyOf(nodes.values());
        Node node = all.get(random.nextInt(all.size()));
        NodeCore core = node.core;
        if (core == null) {
            return;
        }
        if (random.nextInt(3) == 0) {
            carryOut(node, core.record("temperature", random.nextInt(100), "", nowMs));
            return;
        }
        String value = random.nextInt(4) == 0 ? "" : "v" + random.nextInt(1_000_000);
        if (random.nextInt(3) == 0) {
            Node other = all.get(random.nextInt(all.size()));
            commandsSent++;
            byte[] uuid = new byte[16];
            random.nextBytes(uuid);
            byte[] request = io.bactrian.federation.core.SetRequest.octets(
                    key(other.id), 0, value.getBytes(StandardCharsets.UTF_8));
            carryOut(node, core.send(uuid, "tester", "state@" + other.id, true, 3_000, request, nowMs));
        } else {
            carryOut(node, core.put(key(node.id), value.getBytes(StandardCharsets.UTF_8), 0, nowMs));
        }
    }

    private String key(String node) {
        return topology.node(node).owns().get(0) + ".k" + random.nextInt(4);
    }

    private void heal() {
        faults = false;
        wires.values().forEach(this::reconnect);
        nodes.values().forEach(this::start);
        // Life goes on: a change of each owner shows that gaps in what was before do not stay.
        nodes.values()
                .forEach(node -> at(nowMs + 5_500, () -> {
                    NodeCore core = node.core;
                    if (core != null) {
                        carryOut(node, core.put(key(node.id), "last".getBytes(StandardCharsets.UTF_8), 0, nowMs));
                    }
                }));
    }

    private List<String> problems() {
        List<String> problems = new ArrayList<>();
        Map<String, StateEntry> right = new TreeMap<>();
        for (Node node : nodes.values()) {
            NodeCore core = node.core;
            if (core == null) {
                problems.add(node.id + " is not there");
                continue;
            }
            core.state().startingWith("").stream()
                    .filter(entry -> entry.owner().equals(node.id))
                    .forEach(entry -> right.put(entry.key(), entry));
        }
        right.forEach((key, entry) -> {
            if (key.contains(".alarms.") && !entry.text().startsWith("closed ")) {
                problems.add("an alarm stays open: " + key + " " + entry.text());
            }
        });
        for (Node node : nodes.values()) {
            NodeCore core = node.core;
            if (core != null) {
                Collection<StateEntry> entries = core.state().startingWith("");
                Map<String, StateEntry> kept = kept(node.id, right);
                if (!same(entries, kept)) {
                    problems.add(node.id + " differs: " + difference(kept, entries));
                }
                if (core.reachable().size()
                        != topology.node(node.id).children().size() + (wires.containsKey(node.id) ? 1 : 0)) {
                    problems.add(node.id + " hears only " + core.reachable());
                }
                entries.stream()
                        .filter(entry -> !entry.owner().equals(topology.owner(entry.key())))
                        .forEach(entry -> problems.add(entry.key() + " at " + node.id + " is of " + entry.owner()));
            }
        }
        problems.addAll(historyProblems());
        if (commandsAnswered < commandsSent / 2) {
            problems.add("only " + commandsAnswered + " of " + commandsSent + " commands were answered");
        }
        return problems;
    }

    /** Each node has all that was recorded in its subtree, once. */
    private List<String> historyProblems() {
        List<String> problems = new ArrayList<>();
        for (Node node : nodes.values()) {
            Map<HistoryRecord, Integer> here = node.history.counts();
            here.forEach((item, count) -> {
                if (count > 1) {
                    problems.add(node.id + " has " + count + " times " + item);
                }
            });
            nodes.values().stream()
                    .filter(other -> Topology.below(other.id, node.id))
                    .flatMap(other -> other.history.counts().keySet().stream())
                    .distinct()
                    .filter(item -> !here.containsKey(item))
                    .limit(1)
                    .forEach(item -> problems.add(node.id + " lacks " + item));
        }
        return problems;
    }

    /** What a node has of the state: its own keys, those of all below it, and the subtrees that it or one of them keeps. */
    private Map<String, StateEntry> kept(String id, Map<String, StateEntry> all) {
        List<TopologyNode> below = topology.nodes().stream()
                .filter(node -> Topology.below(node.id(), id))
                .toList();
        if (below.stream().anyMatch(node -> node.keeps().isEmpty())) {
            return all;
        }
        Map<String, StateEntry> kept = new TreeMap<>(all);
        kept.keySet()
                .removeIf(key -> below.stream()
                        .noneMatch(node -> Stream.of(node.keeps(), node.owns(), List.of(node.id()))
                                .flatMap(List::stream)
                                .anyMatch(subtree -> Topology.within(key, subtree))));
        return kept;
    }

    private static boolean same(Collection<StateEntry> here, Map<String, StateEntry> right) {
        return here.size() == right.size() && here.stream().allMatch(entry -> same(entry, right.get(entry.key())));
    }

    private static boolean same(StateEntry one, @Nullable StateEntry other) {
        return other != null && one.version().equals(other.version()) && Arrays.equals(one.value(), other.value());
    }

    private static String difference(Map<String, StateEntry> right, Collection<StateEntry> here) {
        Map<String, StateEntry> rest = new TreeMap<>(right);
        Map<String, String> differs = new TreeMap<>();
        for (StateEntry entry : here) {
            StateEntry wanted = rest.remove(entry.key());
            if (!same(entry, wanted)) {
                differs.put(
                        entry.key(), wanted == null ? "gone but " + text(entry) : text(wanted) + " but " + text(entry));
            }
        }
        rest.forEach((key, wanted) -> differs.put(key, text(wanted) + " but nothing"));
        return differs.toString();
    }

    private static String text(StateEntry entry) {
        return entry.version() + " " + entry.text();
    }
}
