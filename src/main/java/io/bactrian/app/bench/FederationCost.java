package io.bactrian.app.bench;

import io.bactrian.federation.core.Actions;
import io.bactrian.federation.core.Door;
import io.bactrian.federation.core.HistoryEntry;
import io.bactrian.federation.core.HistoryLog;
import io.bactrian.federation.core.NodeCore;
import io.bactrian.federation.core.NodeSettings;
import io.bactrian.federation.core.Outgoing;
import io.bactrian.federation.core.Signatures;
import io.bactrian.federation.core.Topology;
import io.bactrian.federation.core.TopologyNode;
import io.bactrian.federation.core.TopologyReader;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;

/**
 * Counts in virtual time what a node of a large tree costs: the messages and octets that it sends, and the processor time of its
 * decisions. The production cores run, with the default intervals; messages arrive at once, nothing is encrypted or signed.
 */
final class FederationCost {
    private static final NodeSettings SETTINGS =
            new NodeSettings(1_000, 3_000, 1_000_000, 1_000_000, 10_000, 10_000, 600_000, 100);
    private static final int CHILDREN_OF_A_NODE = 32;
    private static final int WARM_UP_S = 5;
    private static final int MEASURED_S = 10;
    /** Each change reaches each node. */
    private static final int CHANGING_S = 2;

    private static final long SECOND_MS = 1_000;

    /** A history with nothing in it. */
    private static final class NoHistory implements HistoryLog {
        @Override
        public long end() {
            return 0;
        }

        @Override
        public List<HistoryEntry> read(long after, int bytesMax) {
            return List.of();
        }
    }

    @SuppressWarnings("ArrayRecordComponent") // octets that nobody changes
    private record SentMessage(String to, Door door, byte[] routingId, List<byte[]> frames) {}

    private final Topology topology;
    private final Map<String, NodeCore> cores = new LinkedHashMap<>();
    private final ArrayDeque<SentMessage> messages = new ArrayDeque<>();
    private final Random random = new Random(1);
    private long nowMs = 1_000_000;
    private long sent;
    private long octets;

    private FederationCost(int nodes) {
        topology = tree(nodes);
        for (TopologyNode node : topology.nodes()) {
            cores.put(
                    node.id(),
                    new NodeCore(
                            topology,
                            node.id(),
                            SETTINGS,
                            Signatures.NONE,
                            new NoHistory(),
                            new Random(random.nextLong()),
                            nowMs));
        }
    }

    /** What it costs without changes, and with one change of each node in a second; by what it is. */
    static Map<String, String> of(int nodes) {
        FederationCost cost = new FederationCost(nodes);
        Map<String, String> lines = new LinkedHashMap<>();
        cost.cores.forEach((id, core) -> cost.carryOut(id, core.start(null, cost.nowMs)));
        cost.run(WARM_UP_S, false);
        lines.put("simulated " + nodes + " nodes, no changes, each node", cost.measured(false));
        lines.put("simulated " + nodes + " nodes, a change of each in a second, each node", cost.measured(true));
        return lines;
    }

    private static Topology tree(int nodes) {
        Map<String, Object> children = new LinkedHashMap<>();
        int left = nodes - 1;
        int middle = Math.min(CHILDREN_OF_A_NODE, left);
        left -= middle;
        for (int i = 0; i < middle; i++) {
            Map<String, Object> below = new LinkedHashMap<>();
            int leaves = left / (middle - i);
            left -= leaves;
            for (int j = 0; j < leaves; j++) {
                below.put("l" + j, Map.of("host", "h" + i + "-" + j, "owns", List.of("m" + i + ".l" + j)));
            }
            children.put("m" + i, Map.of("host", "h" + i, "owns", List.of("m" + i), "children", below));
        }
        return TopologyReader.read(
                "simulated",
                Map.of("nodes", Map.of("root", Map.of("host", "h", "owns", List.of("site"), "children", children))));
    }

    private String measured(boolean changes) {
        sent = 0;
        octets = 0;
        long before = processorNanos();
        int seconds = changes ? CHANGING_S : MEASURED_S;
        run(seconds, changes);
        double nodeSeconds = (double) cores.size() * seconds;
        return String.format(
                Locale.ROOT,
                "%.1f messages/s  %,.0f octets/s  %.0f us of a processor a second",
                sent / nodeSeconds,
                octets / nodeSeconds,
                (processorNanos() - before) / 1e3 / nodeSeconds);
    }

    private static long processorNanos() {
        return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
    }

    private void run(int seconds, boolean changes) {
        List<String> ids = new ArrayList<>(cores.keySet());
        for (int second = 0; second < seconds; second++) {
            for (int i = 0; i < ids.size(); i++) {
                String id = ids.get(i);
                NodeCore core = cores.get(id);
                if (core == null) {
                    continue;
                }
                nowMs += (i + 1) * SECOND_MS / ids.size() - i * SECOND_MS / ids.size();
                carryOut(id, core.tick(nowMs));
                if (changes) {
                    String key = topology.node(id).owns().get(0) + ".key";
                    carryOut(id, core.put(key, Long.toString(nowMs).getBytes(StandardCharsets.UTF_8), 0, nowMs));
                }
                deliverAll();
            }
        }
    }

    private void deliverAll() {
        SentMessage message = messages.poll();
        while (message != null) {
            NodeCore core = cores.get(message.to());
            if (core != null) {
                carryOut(message.to(), core.receive(message.door(), message.routingId(), message.frames(), nowMs));
            }
            message = messages.poll();
        }
    }

    private void carryOut(String from, Actions actions) {
        for (Outgoing outgoing : actions.outgoing()) {
            if (outgoing.door() == Door.PARENT) {
                send(
                        topology.node(from).parent(),
                        Door.SOUTH,
                        from.getBytes(StandardCharsets.UTF_8),
                        outgoing.frames());
            } else if (outgoing.door() == Door.SOUTH) {
                send(
                        new String(outgoing.routingId(), StandardCharsets.UTF_8),
                        Door.PARENT,
                        new byte[0],
                        outgoing.frames());
            }
        }
    }

    private void send(String to, Door door, byte[] routingId, List<byte[]> frames) {
        sent++;
        for (byte[] frame : frames) {
            octets += frame.length;
        }
        messages.add(new SentMessage(to, door, routingId, frames));
    }
}
