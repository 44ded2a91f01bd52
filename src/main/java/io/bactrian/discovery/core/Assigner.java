package io.bactrian.discovery.core;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Says who does which work of a group. The rule: work stays with its node if that is there; otherwise with who has it; and if
 * that node is gone it goes to the node of the group with the least work, and among equals to the one with the highest
 * weight for this work (rendezvous hashing). With hand-back, work returns to the node of its own name when that is there
 * again, and moves from the node with the most to the one with the least work until they differ by one at most.
 *
 * <p>A pure function of what it is given: every router that decides on the same state decides the same.
 */
final class Assigner {
    private final boolean handback;

    Assigner(boolean handback) {
        this.handback = handback;
    }

    /**
     * Decides.
     *
     * @param nodes the nodes of the group
     * @param holders who does what now, by the work
     * @return who does what; work that nobody can do has the empty text
     */
    Map<String, String> decide(List<NodeView> nodes, Map<String, String> holders) {
        Set<String> work = new TreeSet<>();
        Map<String, Integer> load = new TreeMap<>();
        Set<String> live = new TreeSet<>();
        for (NodeView view : nodes) {
            if (!canHold(view)) {
                continue;
            }
            if (view.status() != NodeStatus.LEFT) {
                work.addAll(coversOf(view));
            }
            if (view.status() == NodeStatus.ACTIVE) {
                load.put(view.node().id(), 0);
            }
            if (view.status().live()) {
                live.add(view.node().id());
            }
        }
        Map<String, String> decided = new TreeMap<>();
        List<String> open = new ArrayList<>();
        for (String one : work) {
            String holder = holders.getOrDefault(one, "");
            boolean ownIsBack = load.containsKey(one) && (handback || !live.contains(holder));
            if (ownIsBack) {
                holder = one;
            }
            if (live.contains(holder)) {
                decided.put(one, holder);
                load.merge(holder, 1, Integer::sum);
            } else {
                open.add(one);
            }
        }
        Set<String> candidates = new TreeSet<>();
        for (String id : load.keySet()) {
            if (isActive(nodes, id)) {
                candidates.add(id);
            }
        }
        for (String one : open) {
            String holder = least(candidates, load, one);
            decided.put(one, holder);
            if (!holder.isEmpty()) {
                load.merge(holder, 1, Integer::sum);
            }
        }
        if (handback) {
            balance(decided, load, candidates);
        }
        return decided;
    }

    private static boolean isActive(List<NodeView> nodes, String id) {
        return nodes.stream().anyMatch(view -> view.node().id().equals(id) && view.status() == NodeStatus.ACTIVE);
    }

    /** Subscribers take; they do no work of a group. */
    static boolean canHold(NodeView view) {
        return !view.node().kind().equals("subscriber");
    }

    private static List<String> coversOf(NodeView view) {
        List<String> covers = view.node().covers();
        return covers.isEmpty() ? List.of(view.node().id()) : covers;
    }

    private static String least(Set<String> candidates, Map<String, Integer> load, String work) {
        String best = "";
        for (String candidate : candidates) {
            if (best.isEmpty() || before(candidate, best, load, work)) {
                best = candidate;
            }
        }
        return best;
    }

    private static boolean before(String one, String other, Map<String, Integer> load, String work) {
        int byLoad = Integer.compare(load.getOrDefault(one, 0), load.getOrDefault(other, 0));
        return byLoad != 0
                ? byLoad < 0
                : Long.compareUnsigned(Hashes.weight(work, one), Hashes.weight(work, other)) > 0;
    }

    private static void balance(Map<String, String> decided, Map<String, Integer> load, Set<String> candidates) {
        if (candidates.size() < 2) {
            return;
        }
        Map<String, List<String>> byHolder = new HashMap<>();
        decided.forEach((one, holder) ->
                byHolder.computeIfAbsent(holder, h -> new ArrayList<>()).add(one));
        while (true) {
            String most = "";
            String least = "";
            for (String candidate : candidates) {
                if (most.isEmpty() || load.getOrDefault(candidate, 0) > load.getOrDefault(most, 0)) {
                    most = candidate;
                }
                if (least.isEmpty() || load.getOrDefault(candidate, 0) < load.getOrDefault(least, 0)) {
                    least = candidate;
                }
            }
            if (load.getOrDefault(most, 0) - load.getOrDefault(least, 0) < 2) {
                return;
            }
            String moved = heaviest(byHolder.getOrDefault(most, List.of()), most, least);
            if (moved.isEmpty()) {
                return;
            }
            decided.put(moved, least);
            byHolder.getOrDefault(most, new ArrayList<>()).remove(moved);
            byHolder.computeIfAbsent(least, h -> new ArrayList<>()).add(moved);
            load.merge(most, -1, Integer::sum);
            load.merge(least, 1, Integer::sum);
        }
    }

    /** Of the work of a node, not its own, what fits another best; empty if there is none. */
    private static String heaviest(List<String> works, String holder, String other) {
        String best = "";
        for (String work : works) {
            if (!work.equals(holder)
                    && (best.isEmpty()
                            || Long.compareUnsigned(Hashes.weight(work, other), Hashes.weight(best, other)) > 0)) {
                best = work;
            }
        }
        return best;
    }
}
