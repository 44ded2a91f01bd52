package io.bactrian.discovery.core;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** The shared state with its indexes: routers by id, and for each node who has it in his care and how it stands. */
final class ClusterState {
    private static final int BROADCASTS_MAX = 500;

    private final String self;
    private final RouterSettings settings;
    private final Outbox outbox;
    private final Replica replica = new Replica();
    private final Broadcasts broadcasts = new Broadcasts(replica, BROADCASTS_MAX);
    private final Map<String, Entry> routers = new TreeMap<>();
    private final Map<String, Long> routerHashes = new HashMap<>();
    private final Map<String, Slot> nodes = new HashMap<>();
    private final Map<String, Map<String, Entry>> assignments = new TreeMap<>();
    private final Set<String> orphans = new HashSet<>();
    private final Map<String, Set<String>> byRouter = new HashMap<>();
    private final Map<String, Set<String>> byGroup = new HashMap<>();
    private final Set<String> changedGroups = new HashSet<>();
    private final PriorityQueue<Ending> endings = new PriorityQueue<>();
    private List<Content.Router> members = List.of();
    private boolean membersStale = true;
    private long changedMs;

    /** All sightings of a node, and the view that was last told. */
    static final class Slot {
        /** In the order of the routers' ids; there are two or three. */
        private final List<Entry> byRouter = new ArrayList<>(2);

        private @Nullable NodeView told;

        Collection<Entry> sightings() {
            return byRouter;
        }

        private void put(String router, Entry entry) {
            for (int i = 0; i < byRouter.size(); i++) {
                int order = sighting(byRouter.get(i)).router().compareTo(router);
                if (order == 0) {
                    byRouter.set(i, entry);
                    return;
                }
                if (order > 0) {
                    byRouter.add(i, entry);
                    return;
                }
            }
            byRouter.add(entry);
        }

        private @Nullable Entry of(String router) {
            for (Entry entry : byRouter) {
                if (sighting(entry).router().equals(router)) {
                    return entry;
                }
            }
            return null;
        }
    }

    private record Ending(long atMs, Entry entry) implements Comparable<Ending> {
        @Override
        public int compareTo(Ending other) {
            return Long.compare(atMs, other.atMs);
        }
    }

    ClusterState(String self, RouterSettings settings, Outbox outbox) {
        this.self = self;
        this.settings = settings;
        this.outbox = outbox;
    }

    Replica replica() {
        return replica;
    }

    Broadcasts broadcasts() {
        return broadcasts;
    }

    @Nullable Entry get(String key) {
        return replica.get(key);
    }

    @Nullable Entry router(String id) {
        return routers.get(id);
    }

    boolean member(String router) {
        Entry entry = routers.get(router);
        return entry != null && content(entry).state().member();
    }

    static Content.Router content(Entry entry) {
        return (Content.Router) entry.content();
    }

    static Content.Sighting sighting(Entry entry) {
        return (Content.Sighting) entry.content();
    }

    Collection<Entry> routers() {
        return routers.values();
    }

    /** The other routers that are members. */
    List<Content.Router> others() {
        if (membersStale) {
            List<Content.Router> all = new ArrayList<>();
            for (Entry entry : routers.values()) {
                Content.Router router = content(entry);
                if (router.state().member() && !router.id().equals(self)) {
                    all.add(router);
                }
            }
            members = List.copyOf(all);
            membersStale = false;
        }
        return members;
    }

    /** The hash of a router's id; kept, as it is needed often. */
    long hashOf(Content.Router router) {
        return routerHashes.computeIfAbsent(router.id(), Hashes::of);
    }

    int nodeCount() {
        return nodes.size();
    }

    boolean knowsNode(String id) {
        return nodes.containsKey(id);
    }

    Collection<String> nodeIds() {
        return nodes.keySet();
    }

    Collection<Entry> sightings(String node) {
        Slot slot = nodes.get(node);
        return slot == null ? List.of() : slot.sightings();
    }

    Map<String, Entry> assignments(String group) {
        return assignments.getOrDefault(group, Map.of());
    }

    Collection<Map<String, Entry>> allAssignments() {
        return assignments.values();
    }

    /** The groups in which something changed since the last call. */
    Set<String> takeChangedGroups() {
        Set<String> all = Set.copyOf(changedGroups);
        changedGroups.clear();
        return all;
    }

    void groupChanged(String group) {
        if (!group.isEmpty()) {
            changedGroups.add(group);
        }
    }

    /** Takes an entry that is newer than the one that is there; passes it on if asked to. */
    void put(Entry entry, boolean passOn, long nowMs) {
        Entry before = replica.get(entry.key());
        changedMs = nowMs;
        replica.put(entry);
        if (entry.endedMs() > 0) {
            endings.add(new Ending(entry.endedMs() + settings.tombstoneMs(), entry));
        }
        if (passOn) {
            broadcasts.add(entry);
        }
        if (entry.content() instanceof Content.Router router) {
            putRouter(entry, router, before, nowMs);
        } else if (entry.content() instanceof Content.Sighting sighting) {
            if (before == null) {
                byRouter.computeIfAbsent(sighting.router(), id -> new HashSet<>())
                        .add(sighting.node().id());
            }
            nodes.computeIfAbsent(sighting.node().id(), id -> new Slot()).put(sighting.router(), entry);
            retell(sighting.node().id(), nowMs);
        } else if (entry.content() instanceof Content.Assignment assignment) {
            assignments
                    .computeIfAbsent(assignment.group(), group -> new TreeMap<>())
                    .put(assignment.coverage(), entry);
            groupChanged(assignment.group());
            if (before == null
                    || !((Content.Assignment) before.content()).holder().equals(assignment.holder())) {
                outbox.add(new Action.Assigned(assignment, entry.version()));
            }
        }
    }

    private void putRouter(Entry entry, Content.Router router, @Nullable Entry before, long nowMs) {
        routers.put(router.id(), entry);
        membersStale = true;
        RouterState old = before == null ? null : content(before).state();
        if (old != router.state()) {
            outbox.add(new Action.RouterChanged(router.id(), router.state(), router.accuser()));
        }
        if (old == null || old.member() != router.state().member()) {
            everyNodeOf(router.id(), nowMs);
            allGroupsChanged();
        }
    }

    private void allGroupsChanged() {
        assignments.keySet().forEach(this::groupChanged);
        byGroup.keySet().forEach(this::groupChanged);
    }

    private void everyNodeOf(String router, long nowMs) {
        for (String node : List.copyOf(byRouter.getOrDefault(router, Set.of()))) {
            retell(node, nowMs);
        }
    }

    /** When an entry was put last. */
    long changedMs() {
        return changedMs;
    }

    /** Whether some group changed that nobody has looked at. */
    boolean groupsChanged() {
        return !changedGroups.isEmpty();
    }

    /** Tells of a node if its view has changed. */
    void retell(String id, long nowMs) {
        Slot slot = nodes.get(id);
        if (slot == null) {
            return;
        }
        NodeView before = slot.told;
        NodeView after = slot.byRouter.isEmpty() ? null : view(id, slot, nowMs);
        if (after == null) {
            nodes.remove(id);
            orphans.remove(id);
        }
        if ((before == null && after == null) || (before != null && after != null && before.saysSameAs(after))) {
            return;
        }
        slot.told = after;
        if (before != null) {
            groupChanged(before.node().group());
            leaveGroup(before.node().group(), id);
        }
        if (after != null) {
            groupChanged(after.node().group());
            byGroup.computeIfAbsent(after.node().group(), group -> new TreeSet<>())
                    .add(id);
        }
        outbox.add(new Action.NodeChanged(before, after));
    }

    private void leaveGroup(String group, String id) {
        Set<String> ids = byGroup.get(group);
        if (ids != null) {
            ids.remove(id);
            if (ids.isEmpty()) {
                byGroup.remove(group);
            }
        }
    }

    /** The ids of the nodes of a group. */
    Set<String> ofGroup(String group) {
        return byGroup.getOrDefault(group, Set.of());
    }

    /** The nodes whose routers are all gone, as their views change with time. */
    Set<String> orphans() {
        return orphans;
    }

    @Nullable NodeView view(String id, long nowMs) {
        Slot slot = nodes.get(id);
        return slot == null || slot.byRouter.isEmpty() ? null : view(id, slot, nowMs);
    }

    private NodeView view(String id, Slot slot, long nowMs) {
        Entry best = null;
        Entry orphan = null;
        long first = Long.MAX_VALUE;
        List<String> inCare = new ArrayList<>(slot.byRouter.size());
        for (Entry entry : slot.byRouter) {
            Content.Sighting sighting = sighting(entry);
            first = Math.min(first, sighting.firstSeenMs());
            if (!member(sighting.router())) {
                orphan = better(orphan, entry);
                continue;
            }
            if (!sighting.status().ended()) {
                inCare.add(sighting.router());
            }
            best = better(best, entry);
        }
        boolean alone = orphan != null
                && (best == null || sighting(best).status() == NodeStatus.DOWN)
                && sighting(orphan).status().live();
        if (!alone) {
            orphans.remove(id);
            Content.Sighting sighting = sighting(best == null ? orphanOf(orphan) : best);
            return new NodeView(sighting.node(), sighting.status(), inCare, first, 0, -1, -1);
        }
        orphans.add(id);
        Content.Sighting sighting = sighting(orphanOf(orphan));
        Entry router = routers.get(sighting.router());
        long goneMs = router == null ? 0 : router.endedMs();
        boolean leaseRuns = best == null && nowMs < goneMs + sighting.node().leaseMs();
        return new NodeView(
                sighting.node(), leaseRuns ? NodeStatus.SUSPECT : NodeStatus.DOWN, inCare, first, 0, -1, -1);
    }

    private static Entry orphanOf(@Nullable Entry orphan) {
        if (orphan == null) {
            throw new IllegalStateException("a node without a sighting has no view");
        }
        return orphan;
    }

    private static Entry better(@Nullable Entry one, Entry other) {
        return one == null || order(other) < order(one) ? other : one;
    }

    /** Whoever still has it as there is right: the others may only be cut off. */
    private static int order(Entry entry) {
        return switch (sighting(entry).status()) {
            case ACTIVE -> 0;
            case SUSPECT -> 1;
            case JOINING -> 2;
            case LEFT -> 3;
            case DOWN -> 4;
        };
    }

    /** Forgets the tombstones that are old enough, and what routers that are forgotten had in their care. */
    void expire(long nowMs) {
        while (!endings.isEmpty() && endings.element().atMs() <= nowMs) {
            Entry entry = endings.remove().entry();
            if (replica.get(entry.key()) == entry) {
                forget(entry, nowMs);
            }
        }
    }

    private void forget(Entry entry, long nowMs) {
        replica.remove(entry.key());
        if (entry.content() instanceof Content.Router router) {
            routers.remove(router.id());
            routerHashes.remove(router.id());
            membersStale = true;
            List<Entry> theirs = new ArrayList<>();
            for (Slot slot : nodes.values()) {
                Entry sighting = slot.of(router.id());
                if (sighting != null) {
                    theirs.add(sighting);
                }
            }
            theirs.forEach(sighting -> forget(sighting, nowMs));
            byRouter.remove(router.id());
        } else if (entry.content() instanceof Content.Sighting sighting) {
            replica.remove(entry.key());
            Slot slot = nodes.get(sighting.node().id());
            byRouter.getOrDefault(sighting.router(), new HashSet<>())
                    .remove(sighting.node().id());
            if (slot != null) {
                slot.byRouter.removeIf(one -> sighting(one).router().equals(sighting.router()));
                retell(sighting.node().id(), nowMs);
            }
        } else if (entry.content() instanceof Content.Assignment assignment) {
            Map<String, Entry> group = assignments.get(assignment.group());
            if (group != null) {
                group.remove(assignment.coverage());
                if (group.isEmpty()) {
                    assignments.remove(assignment.group());
                }
            }
        }
    }
}
