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
 * again, and moves from the node with the most to the one with the least work until they differ by one at most. Where very
 * much is to be shared anew, a decision is a part of it, and the next one goes on.
 *
 * <p>A pure function of what it is given: every router that decides on the same state decides the same.
 */
final class Assigner {
    /** A decision takes about so many comparisons at most, however much is to be shared anew; the next one goes on. */
    private static final long COMPARISONS_MAX = 5_000_000;

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
        Map<String, Integer> load = new HashMap<>();
        Set<String> live = new TreeSet<>();
        Set<String> candidates = new TreeSet<>();
        for (NodeView view : nodes) {
            if (!canHold(view)) {
                continue;
            }
            if (view.status() != NodeStatus.LEFT) {
                work.addAll(coversOf(view));
            }
            if (view.status() == NodeStatus.ACTIVE) {
                candidates.add(view.node().id());
            }
            if (view.status().live()) {
                live.add(view.node().id());
            }
        }
        Map<String, String> decided = new TreeMap<>();
        List<String> open = new ArrayList<>();
        for (String one : work) {
            String holder = holders.getOrDefault(one, "");
            boolean ownIsBack = candidates.contains(one) && (handback || !live.contains(holder));
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
        Ranking ranking = new Ranking(candidates, load);
        long left = COMPARISONS_MAX;
        for (String one : open) {
            left -= ranking.leastCount();
            String holder = left < 0 ? holders.getOrDefault(one, "") : ranking.least(one);
            decided.put(one, holder);
            if (left >= 0 && !holder.isEmpty()) {
                ranking.add(holder, 1);
            }
        }
        if (handback && left >= 0) {
            balance(decided, ranking, left);
        }
        return decided;
    }

    /** Subscribers take; they do no work of a group. */
    static boolean canHold(NodeView view) {
        return !view.node().kind().equals("subscriber");
    }

    private static List<String> coversOf(NodeView view) {
        List<String> covers = view.node().covers();
        return covers.isEmpty() ? List.of(view.node().id()) : covers;
    }

    /** The candidates by their load, so that those with the least and the most are found without a look at all. */
    private static final class Ranking {
        private final Map<String, Integer> load = new HashMap<>();
        private final TreeMap<Integer, TreeMap<String, Long>> byLoad = new TreeMap<>();

        Ranking(Set<String> candidates, Map<String, Integer> loads) {
            for (String candidate : candidates) {
                place(candidate, Hashes.of(candidate), loads.getOrDefault(candidate, 0));
            }
        }

        private void place(String candidate, long hash, int amount) {
            load.put(candidate, amount);
            byLoad.computeIfAbsent(amount, any -> new TreeMap<>()).put(candidate, hash);
        }

        void add(String candidate, int more) {
            int before = loadOf(candidate);
            TreeMap<String, Long> equals = byLoad.getOrDefault(before, new TreeMap<>());
            Long hash = equals.remove(candidate);
            if (equals.isEmpty()) {
                byLoad.remove(before);
            }
            place(candidate, hash == null ? Hashes.of(candidate) : hash, before + more);
        }

        int loadOf(String candidate) {
            return load.getOrDefault(candidate, 0);
        }

        int size() {
            return load.size();
        }

        /** Of those with the least load the one with the highest weight for a piece of work; empty if there is none. */
        String least(String work) {
            String best = "";
            if (!byLoad.isEmpty()) {
                long workHash = Hashes.of(work);
                long most = 0;
                for (Map.Entry<String, Long> one :
                        byLoad.firstEntry().getValue().entrySet()) {
                    long weight = Hashes.weight(workHash, one.getValue());
                    if (best.isEmpty() || Long.compareUnsigned(weight, most) > 0) {
                        best = one.getKey();
                        most = weight;
                    }
                }
            }
            return best;
        }

        /** How many have the least load. */
        int leastCount() {
            return byLoad.isEmpty() ? 0 : byLoad.firstEntry().getValue().size();
        }

        String first() {
            return byLoad.firstEntry().getValue().firstKey();
        }

        String last() {
            return byLoad.lastEntry().getValue().firstKey();
        }
    }

    private static void balance(Map<String, String> decided, Ranking ranking, long comparisons) {
        if (ranking.size() < 2) {
            return;
        }
        Map<String, Map<String, Long>> byHolder = new HashMap<>();
        decided.forEach((one, holder) ->
                byHolder.computeIfAbsent(holder, h -> new HashMap<>()).put(one, Hashes.of(one)));
        long left = comparisons;
        while (left > 0) {
            String most = ranking.last();
            String least = ranking.first();
            if (ranking.loadOf(most) - ranking.loadOf(least) < 2) {
                return;
            }
            Map<String, Long> works = byHolder.getOrDefault(most, new HashMap<>());
            left -= works.size();
            String moved = heaviest(works, most, Hashes.of(least));
            Long hash = works.remove(moved);
            if (hash == null) {
                return;
            }
            decided.put(moved, least);
            byHolder.computeIfAbsent(least, h -> new HashMap<>()).put(moved, hash);
            ranking.add(most, -1);
            ranking.add(least, 1);
        }
    }

    /** Of the work of a node, not its own, what fits another best; empty if there is none. */
    private static String heaviest(Map<String, Long> works, String holder, long otherHash) {
        String best = "";
        long most = 0;
        for (Map.Entry<String, Long> work : works.entrySet()) {
            long weight = Hashes.weight(work.getValue(), otherHash);
            int order = best.isEmpty() ? 1 : Long.compareUnsigned(weight, most);
            boolean better = order > 0 || (order == 0 && work.getKey().compareTo(best) < 0);
            if (better && !work.getKey().equals(holder)) {
                best = work.getKey();
                most = weight;
            }
        }
        return best;
    }
}
