package io.bactrian.federation.core;

import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Which nodes a process does not reach: a neighbour that it does not hear, one further away for which the node before it has
 * an open alarm, and all that lie behind one of these.
 */
public final class Reach {
    /** Between the id of a node and the name of its field device in a key. */
    static final String DEVICES = ".devices.";
    /** The end of the key that says whether a device is reached. */
    static final String STATUS = ".status";
    /** The end of the key with the keys of a device's values, one a line. */
    static final String POINTS = ".points";
    /** The device is not reached. */
    static final String UNREACHED = "unreached";

    private Reach() {}

    /** The keys whose values are of field devices that their nodes do not reach. */
    public static Set<String> oldPoints(ReplicatedState state) {
        Set<String> keys = new HashSet<>();
        for (StateEntry entry : state.startingWith("nodes")) {
            String key = entry.key();
            if (key.endsWith(STATUS) && key.contains(DEVICES) && entry.text().equals(UNREACHED)) {
                StateEntry points = state.get(key.substring(0, key.length() - STATUS.length()) + POINTS);
                if (points != null) {
                    points.text().lines().forEach(keys::add);
                }
            }
        }
        return keys;
    }

    /**
     * The nodes that are not reached; its own node is among them for a passive process that does not hear its peer.
     *
     * @param active whether the process acts for its node
     * @param reachable the ids of the neighbouring processes that are heard
     * @param state where the alarms are
     */
    public static Set<String> without(
            Topology topology, Member self, boolean active, Collection<String> reachable, ReplicatedState state) {
        Set<String> unreached = new HashSet<>();
        TopologyNode here = topology.node(self.node());
        if (!active && here.members().stream().noneMatch(member -> reachable.contains(member.id()))) {
            unreached.add(here.id());
        }
        down(topology, here, reachable, state, self.node(), false, unreached);
        up(topology, here, reachable, state, self.node(), unreached);
        return unreached;
    }

    private static void up(
            Topology topology,
            TopologyNode from,
            Collection<String> reachable,
            ReplicatedState state,
            String self,
            Set<String> unreached) {
        if (from.parent().isEmpty()) {
            return;
        }
        TopologyNode parent = topology.node(from.parent());
        boolean lost = (!from.id().equals(self) && unreached.contains(from.id()))
                || !hears(from.id(), parent, reachable, state, self);
        if (lost) {
            unreached.add(parent.id());
        }
        for (String child : parent.children()) {
            if (!child.equals(from.id())) {
                TopologyNode node = topology.node(child);
                boolean away = lost || !hears(parent.id(), node, reachable, state, self);
                if (away) {
                    unreached.add(child);
                }
                down(topology, node, reachable, state, self, away, unreached);
            }
        }
        up(topology, parent, reachable, state, self, unreached);
    }

    private static void down(
            Topology topology,
            TopologyNode from,
            Collection<String> reachable,
            ReplicatedState state,
            String self,
            boolean lost,
            Set<String> unreached) {
        for (String child : from.children()) {
            TopologyNode node = topology.node(child);
            boolean away = lost || !hears(from.id(), node, reachable, state, self);
            if (away) {
                unreached.add(child);
            }
            down(topology, node, reachable, state, self, away, unreached);
        }
    }

    /** Whether a node hears one of the processes of its neighbour. */
    private static boolean hears(
            String node, TopologyNode neighbour, Collection<String> reachable, ReplicatedState state, String self) {
        List<Member> members = neighbour.members();
        if (node.equals(self)) {
            return members.stream().anyMatch(member -> reachable.contains(member.id()));
        }
        return members.stream().anyMatch(member -> !open(state, node, AlarmBook.name("silent", member.id())));
    }

    private static boolean open(ReplicatedState state, String node, String alarm) {
        StateEntry entry = state.get(AlarmBook.key(node, alarm));
        return entry != null && !entry.text().startsWith("closed");
    }
}
