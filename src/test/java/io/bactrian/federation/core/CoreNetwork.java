package io.bactrian.federation.core;

import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Production cores of the processes of a tree with pairs, in virtual time, whose links a test cuts and whose processes it kills. */
final class CoreNetwork {
    private static final long STEP_MS = 50;
    private static final long SILENT_MS = 1_600;
    /** So many messages without a pause never end. */
    private static final int STORM = 20_000;

    private final Topology topology;
    private final Map<String, Process> processes = new LinkedHashMap<>();
    private final Set<String> cut = new HashSet<>();
    /** What is under way, in order. */
    private final Deque<Message> wire = new ArrayDeque<>();

    private long nowMs = 1_000_000;

    /** A message on a link. */
    record Message(String from, String to, Door door, List<byte[]> frames) {}

    private static final class Process {
        private final List<StateRecord> journal = new ArrayList<>();
        private final List<HistoryEntry> history = new ArrayList<>();
        private @Nullable NodeCore core;
    }

    private record Log(List<HistoryEntry> entries) implements HistoryLog {
        @Override
        public long end() {
            return entries.size();
        }

        @Override
        public List<HistoryEntry> read(long after, int bytesMax) {
            List<HistoryEntry> some = new ArrayList<>();
            int bytes = 0;
            for (int i = (int) after; i < entries.size() && (bytes < bytesMax || some.isEmpty()); i++) {
                some.add(entries.get(i));
                bytes += entries.get(i).write().length;
            }
            return some;
        }
    }

    CoreNetwork(Topology topology) {
        this.topology = topology;
        for (TopologyNode node : topology.nodes()) {
            node.members().forEach(member -> processes.put(member.id(), new Process()));
        }
    }

    /** Starts processes, with the journals that they have. */
    CoreNetwork start(String... members) {
        for (String member : members) {
            Process process = processes.get(member);
            NodeSettings settings = new NodeSettings(200, SILENT_MS, 100_000, 10_000, 100, 100, 600_000, 100);
            NodeCore core = new NodeCore(
                    topology,
                    member,
                    settings,
                    Signatures.NONE,
                    new Log(process.history),
                    new Random(member.hashCode()),
                    nowMs);
            process.journal.forEach(core::replay);
            process.history.forEach(core::replay);
            process.core = core;
            take(member, core.start(topology, nowMs));
        }
        return this;
    }

    /** Kills processes; their journals stay. */
    CoreNetwork kill(String... members) {
        for (String member : members) {
            processes.get(member).core = null;
        }
        return this;
    }

    /** Cuts the links between two nodes or processes. */
    CoreNetwork cut(String one, String other) {
        cut.add(one + "|" + other);
        cut.add(other + "|" + one);
        return this;
    }

    /** All links are there again. */
    CoreNetwork heal() {
        cut.clear();
        return this;
    }

    boolean runs(String member) {
        return processes.get(member).core != null;
    }

    NodeCore core(String member) {
        NodeCore core = processes.get(member).core;
        if (core == null) {
            throw new IllegalStateException(member + " does not run");
        }
        return core;
    }

    /** Changes a key at its owner. */
    void put(String member, String key, String value) {
        take(member, core(member).put(key, value.getBytes(StandardCharsets.UTF_8), 0, nowMs));
    }

    /** Records a value. */
    void record(String member, String series, double value) {
        take(member, core(member).record(series, value, "", nowMs));
    }

    /** What a process knows of a key, empty for nothing. */
    String value(String member, String key) {
        StateEntry entry = core(member).state().get(key);
        return entry == null ? "" : entry.text();
    }

    /** Lets time pass. */
    CoreNetwork run(long ms) {
        for (long endMs = nowMs + ms; nowMs < endMs; ) {
            tick();
            for (int messages = 0; deliver() != null; messages++) {
                if (messages > STORM) {
                    throw new IllegalStateException("a storm of messages: " + wire.peek());
                }
            }
        }
        return this;
    }

    /** Time passes for all processes; nothing is delivered. */
    void tick() {
        nowMs += STEP_MS;
        processes.forEach((member, process) -> {
            NodeCore core = process.core;
            if (core != null) {
                take(member, core.tick(nowMs));
            }
        });
    }

    /** Delivers the message that has been under way longest, and returns it; null if there is none. */
    @Nullable Message deliver() {
        Message message = wire.poll();
        if (message != null) {
            NodeCore core = processes.get(message.to()).core;
            if (core != null && !isCut(message.from(), message.to())) {
                byte[] routingId =
                        message.door() == Door.SOUTH ? message.from().getBytes(StandardCharsets.UTF_8) : new byte[0];
                take(message.to(), core.receive(message.door(), routingId, message.frames(), nowMs));
            }
        }
        return message;
    }

    private boolean isCut(String from, String to) {
        String fromNode = topology.member(from).node();
        String toNode = topology.member(to).node();
        return cut.contains(from + "|" + to)
                || cut.contains(fromNode + "|" + to)
                || cut.contains(from + "|" + toNode)
                || (!fromNode.equals(toNode) && cut.contains(fromNode + "|" + toNode));
    }

    private void take(String member, Actions actions) {
        Process process = processes.get(member);
        process.journal.addAll(actions.records());
        process.history.addAll(actions.history());
        Member self = topology.member(member);
        TopologyNode node = topology.node(self.node());
        List<Member> parents = node.parent().isEmpty()
                ? List.of()
                : topology.node(node.parent()).members();
        for (Outgoing outgoing : actions.outgoing()) {
            switch (outgoing.door()) {
                case PARENT -> send(member, parents.get(0).id(), Door.SOUTH, outgoing);
                case PARENT_BACKUP -> send(member, parents.get(1).id(), Door.SOUTH, outgoing);
                case PEER -> send(member, node.members().get(0).id(), Door.SOUTH, outgoing);
                case SOUTH -> {
                    String to = new String(outgoing.routingId(), StandardCharsets.UTF_8);
                    boolean peer = topology.member(to).node().equals(self.node());
                    Door door = peer ? Door.PEER : self.place().equals("backup") ? Door.PARENT_BACKUP : Door.PARENT;
                    send(member, to, door, outgoing);
                }
                default -> {
                    // To clients, of whom there are none here.
                }
            }
        }
    }

    private void send(String from, String to, Door door, Outgoing outgoing) {
        wire.add(new Message(from, to, door, outgoing.frames()));
    }

    /** How many of the records of a process each process has, by its id. */
    Map<String, Long> recorded(String of) {
        Map<String, Long> recorded = new HashMap<>();
        processes.forEach((member, process) -> {
            if (process.core != null) {
                recorded.put(member, process.core.historyRecords(of));
            }
        });
        return recorded;
    }
}
