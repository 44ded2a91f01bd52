package io.bactrian.federation.core;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;

/**
 * The changes of another topology, and those that a running process cannot take over.
 *
 * @param changes what differs, a line for each
 * @param refusals why the process that was asked for cannot go on with it; empty if it can
 */
public record TopologyChange(List<String> changes, List<String> refusals) {
    public TopologyChange {
        changes = List.copyOf(changes);
        refusals = List.copyOf(refusals);
    }

    /** Finds the changes for one process that runs with the former topology. */
    public static TopologyChange of(Topology former, Topology next, Member self) {
        return new TopologyChange(changes(former, next), refusals(former, next, self));
    }

    /** Finds all differences of two topologies. */
    public static List<String> changes(Topology former, Topology next) {
        List<String> changes = new ArrayList<>();
        difference(changes, "the federation's name", former.name(), next.name());
        difference(changes, "security", security(former), security(next));
        Set<String> all = new TreeSet<>();
        former.nodes().forEach(node -> all.add(node.id()));
        next.nodes().forEach(node -> all.add(node.id()));
        for (String id : all) {
            if (next.find(id).isEmpty()) {
                changes.add(id + " is removed");
            } else if (former.find(id).isEmpty()) {
                changes.add(id + " is added");
            } else {
                node(changes, former.node(id), next.node(id));
            }
        }
        return changes;
    }

    private static void node(List<String> changes, TopologyNode former, TopologyNode next) {
        String id = former.id();
        difference(changes, id + " owns", former.owns(), next.owns());
        difference(changes, id + " keeps", former.keeps(), next.keeps());
        difference(changes, id + " roles", former.roles(), next.roles());
        Map<String, Member> before = byId(former);
        Map<String, Member> after = byId(next);
        if (!before.keySet().equals(after.keySet())) {
            changes.add(id + " processes: " + before.keySet() + " becomes " + after.keySet());
            return;
        }
        before.forEach((member, was) -> {
            Member is = Objects.requireNonNull(after.get(member));
            difference(changes, member + " address", place(was), place(is));
            if (!was.publicKey().equals(is.publicKey()) || !was.signKey().equals(is.signKey())) {
                changes.add(member + " has other keys");
            }
        });
    }

    private static List<String> refusals(Topology former, Topology next, Member self) {
        List<String> refusals = new ArrayList<>();
        if (next.find(self.node()).isEmpty()) {
            refusals.add(self.id() + " is not in it any more: stop this process");
            return refusals;
        }
        TopologyNode was = former.node(self.node());
        TopologyNode is = next.node(self.node());
        Member now = byId(is).get(self.id());
        if (now == null) {
            refusals.add(self.id() + " is not in it any more, it has " + byId(is).keySet()
                    + ": stop this process and start those");
            return refusals;
        }
        restart(refusals, "the federation's name", former.name(), next.name());
        restart(refusals, "security", security(former), security(next));
        restart(refusals, self.id() + " address", place(self), place(now));
        restart(refusals, self.node() + " keeps", was.keeps(), is.keeps());
        restart(refusals, self.node() + " roles", was.roles(), is.roles());
        restart(refusals, self.node() + " parent", was.parent(), is.parent());
        return refusals;
    }

    private static void restart(List<String> refusals, String what, Object was, Object is) {
        int before = refusals.size();
        difference(refusals, what, was, is);
        if (refusals.size() > before) {
            refusals.set(before, refusals.get(before) + ": restart this process for it");
        }
    }

    private static void difference(List<String> changes, String what, Object was, Object is) {
        if (!was.equals(is)) {
            changes.add(what + ": " + was + " becomes " + is);
        }
    }

    private static Map<String, Member> byId(TopologyNode node) {
        Map<String, Member> members = new LinkedHashMap<>();
        node.members().forEach(member -> members.put(member.id(), member));
        return members;
    }

    private static String security(Topology topology) {
        return topology.curve() ? "curve" : "none";
    }

    private static String place(Member member) {
        return member.host() + " south " + member.southPort() + " north " + member.northPort();
    }
}
