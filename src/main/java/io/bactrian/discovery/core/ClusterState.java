package io.bactrian.discovery.core;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** The shared state with its indexes: routers by id, and for each node who has it in his care and how it stands. */
final class ClusterState {
    private static final int BROADCASTS_MAX = 500;

    private final String self;
    private final RouterSettings settings;
    private final ActionList outbox;
    private final RegistryReplica replica = new RegistryReplica();
    private final Broadcasts broadcasts = new Broadcasts(replica, BROADCASTS_MAX);
    private final Map<String, RegistryEntry> routers = new HashMap<>();
    private final Set<String> memberIds = new HashSet<>();
    private final Map<String, Slot> nodes = new HashMap<>();
    private final Map<String, Map<String, RegistryEntry>> assignments = new HashMap<>();
    private int assignmentCount;
    private final Set<String> orphans = new HashSet<>();
    private final Map<String, List<Slot>> byRouter = new HashMap<>();
    private final Map<String, Set<String>> byGroup = new HashMap<>();
    private Set<String> changedGroups = new HashSet<>();
    private final PriorityQueue<Ending> endings = new PriorityQueue<>();
    private List<Content.Router> members = List.of();
    private long[] memberHashes = {};
    private boolean membersStale = true;
    private long changedMs;

    /** All sightings of a node, what follows from them, and the view that was last told. */
    static final class Slot {
        /** In the order of the routers' ids; there are two or three. */
        private final List<RegistryEntry> byRouter = new ArrayList<>(2);

        private final String id;
        private NodeStatus status = NodeStatus.JOINING;
        private @Nullable NodeView told;

        private Slot(String id) {
            this.id = id;
        }

        Collection<RegistryEntry> sightings() {
            return byRouter;
        }

        private void put(String router, RegistryEntry entry) {
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

        private @Nullable RegistryEntry of(String router) {
            for (RegistryEntry entry : byRouter) {
                if (sighting(entry).router().equals(router)) {
                    return entry;
                }
            }
            return null;
        }
    }

    private record Ending(long atMs, RegistryEntry entry) implements Comparable<Ending> {
        @Override
        public int compareTo(Ending other) {
            return Long.compare(atMs, other.atMs);
        }
    }

    ClusterState(String self, RouterSettings settings, ActionList outbox) {
        this.self = self;
        this.settings = settings;
        this.outbox = outbox;
    }

    RegistryReplica replica() {
        return replica;
    }

    Broadcasts broadcasts() {
        return broadcasts;
    }

    @Nullable RegistryEntry router(String id) {
        return routers.get(id);
    }

    boolean member(String router) {
        return memberIds.contains(router);
    }

    static Content.Router content(RegistryEntry entry) {
        return (Content.Router) entry.content();
    }

    static Content.Sighting sighting(RegistryEntry entry) {
        return (Content.Sighting) entry.content();
    }

    Collection<RegistryEntry> routers() {
        return routers.values();
    }

    /** The other routers that are members. */
    List<Content.Router> others() {
        if (membersStale) {
            List<Content.Router> all = new ArrayList<>();
            for (RegistryEntry entry : routers.values()) {
                Content.Router router = content(entry);
                if (router.state().member() && !router.id().equals(self)) {
                    all.add(router);
                }
            }
            members = List.copyOf(all);
            memberHashes =
                    members.stream().mapToLong(router -> Hashes.of(router.id())).toArray();
            membersStale = false;
        }
        return members;
    }

    /** The hashes of the ids of {@link #others()}, in their order; not to be changed. */
    long[] otherHashes() {
        others();
        return memberHashes;
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

    Collection<RegistryEntry> sightings(String node) {
        Slot slot = nodes.get(node);
        return slot == null ? List.of() : slot.sightings();
    }

    /** True if a router has a node in its care, or remembers that it had. */
    boolean sees(String node, String router) {
        Slot slot = nodes.get(node);
        return slot != null && slot.of(router) != null;
    }

    Map<String, RegistryEntry> assignments(String group) {
        return assignments.getOrDefault(group, Map.of());
    }

    /** How many pieces of work are known, those included whose end is remembered. */
    int assignmentCount() {
        return assignmentCount;
    }

    Collection<Map<String, RegistryEntry>> allAssignments() {
        return assignments.values();
    }

    /** The groups in which something changed since the last call. */
    Set<String> takeChangedGroups() {
        if (changedGroups.isEmpty()) {
            return Set.of();
        }
        Set<String> all = changedGroups;
        changedGroups = new HashSet<>();
        return all;
    }

    void groupChanged(String group) {
        if (!group.isEmpty()) {
            changedGroups.add(group);
        }
    }

    /** Takes an entry that is newer than the one that is there; passes it on if asked to. */
    void put(RegistryEntry entry, boolean passOn, long nowMs) {
        changedMs = nowMs;
        RegistryEntry before = replica.put(entry);
        if (entry.endedMs() > 0) {
            endings.add(new Ending(entry.endedMs() + settings.tombstoneMs(), entry));
        }
        if (passOn) {
            broadcasts.add(entry);
        }
        if (entry.content() instanceof Content.Router router) {
            putRouter(entry, router, before, nowMs);
        } else if (entry.content() instanceof Content.Sighting sighting) {
            Slot slot = nodes.computeIfAbsent(sighting.node().id(), Slot::new);
            slot.put(sighting.router(), entry);
            if (before == null) {
                byRouter.computeIfAbsent(sighting.router(), id -> new ArrayList<>())
                        .add(slot);
            }
            retell(slot, nowMs);
        } else if (entry.content() instanceof Content.Assignment assignment) {
            assignmentCount += before == null ? 1 : 0;
            assignments
                    .computeIfAbsent(assignment.group(), group -> new HashMap<>())
                    .put(assignment.coverage(), entry);
            groupChanged(assignment.group());
            if (before == null
                    || !((Content.Assignment) before.content()).holder().equals(assignment.holder())) {
                outbox.add(new Action.Assigned(assignment, entry.version()));
            }
        }
    }

    private void putRouter(RegistryEntry entry, Content.Router router, @Nullable RegistryEntry before, long nowMs) {
        routers.put(router.id(), entry);
        if (router.state().member()) {
            memberIds.add(router.id());
        } else {
            memberIds.remove(router.id());
        }
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
        for (Slot slot : List.copyOf(byRouter.getOrDefault(router, List.of()))) {
            retell(slot, nowMs);
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
        if (slot != null) {
            retell(slot, nowMs);
        }
    }

    private void retell(Slot slot, long nowMs) {
        NodeView before = slot.told;
        NodeView after = null;
        if (slot.byRouter.isEmpty()) {
            nodes.remove(slot.id);
            orphans.remove(slot.id);
            if (before == null) {
                return;
            }
        } else {
            RegistryEntry best = judge(slot, nowMs);
            if (before != null && before.says(slot.status, sighting(best).node())) {
                return;
            }
            after = view(slot, best);
        }
        slot.told = after;
        moveGroup(
                slot.id,
                before == null ? null : before.node().group(),
                after == null ? null : after.node().group());
        outbox.add(new Action.NodeChanged(before, after));
    }

    private void moveGroup(String id, @Nullable String from, @Nullable String to) {
        if (to != null) {
            groupChanged(to);
        }
        if (Objects.equals(from, to)) {
            return;
        }
        if (from != null) {
            groupChanged(from);
            leaveGroup(from, id);
        }
        if (to != null) {
            byGroup.computeIfAbsent(to, group -> new TreeSet<>()).add(id);
        }
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
        return slot == null || slot.byRouter.isEmpty() ? null : view(slot, judge(slot, nowMs));
    }

    /** Returns the sighting that counts, and notes the status that follows from it. */
    private RegistryEntry judge(Slot slot, long nowMs) {
        RegistryEntry best = null;
        RegistryEntry orphan = null;
        for (RegistryEntry entry : slot.byRouter) {
            if (member(sighting(entry).router())) {
                best = better(best, entry);
            } else {
                orphan = better(orphan, entry);
            }
        }
        boolean alone = orphan != null
                && (best == null || sighting(best).status() == NodeStatus.DOWN)
                && sighting(orphan).status().live();
        RegistryEntry counts = alone || best == null ? orphan : best;
        if (counts == null) {
            throw new IllegalStateException("a node without a sighting has no view");
        }
        if (alone) {
            orphans.add(slot.id);
            slot.status = best == null && leaseRuns(counts, nowMs) ? NodeStatus.SUSPECT : NodeStatus.DOWN;
        } else {
            orphans.remove(slot.id);
            slot.status = sighting(counts).status();
        }
        return counts;
    }

    /** True if a node may live although its router is gone. */
    private boolean leaseRuns(RegistryEntry orphan, long nowMs) {
        RegistryEntry router = routers.get(sighting(orphan).router());
        long goneMs = router == null ? 0 : router.endedMs();
        return nowMs < goneMs + sighting(orphan).node().leaseMs();
    }

    private NodeView view(Slot slot, RegistryEntry counts) {
        long first = Long.MAX_VALUE;
        List<String> inCare = new ArrayList<>(slot.byRouter.size());
        for (RegistryEntry entry : slot.byRouter) {
            Content.Sighting sighting = sighting(entry);
            first = Math.min(first, sighting.firstSeenMs());
            if (member(sighting.router()) && !sighting.status().ended()) {
                inCare.add(sighting.router());
            }
        }
        return new NodeView(sighting(counts).node(), slot.status, inCare, first, 0, -1, -1);
    }

    private static RegistryEntry better(@Nullable RegistryEntry one, RegistryEntry other) {
        return one == null || order(other) < order(one) ? other : one;
    }

    /** Whoever still has it as there is right: the others may only be cut off. */
    private static int order(RegistryEntry entry) {
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
            RegistryEntry entry = endings.remove().entry();
            if (replica.holds(entry)) {
                forget(entry, nowMs);
            }
        }
    }

    private void forget(RegistryEntry entry, long nowMs) {
        replica.remove(entry);
        if (entry.content() instanceof Content.Router router) {
            routers.remove(router.id());
            memberIds.remove(router.id());
            membersStale = true;
            for (Slot slot : List.copyOf(byRouter.getOrDefault(router.id(), List.of()))) {
                RegistryEntry sighting = slot.of(router.id());
                if (sighting != null) {
                    forget(sighting, nowMs);
                }
            }
            byRouter.remove(router.id());
        } else if (entry.content() instanceof Content.Sighting sighting) {
            Slot slot = nodes.get(sighting.node().id());
            if (slot != null) {
                byRouter.getOrDefault(sighting.router(), new ArrayList<>()).remove(slot);
                slot.byRouter.removeIf(one -> sighting(one).router().equals(sighting.router()));
                retell(slot, nowMs);
            }
        } else if (entry.content() instanceof Content.Assignment assignment) {
            assignmentCount--;
            Map<String, RegistryEntry> group = assignments.get(assignment.group());
            if (group != null) {
                group.remove(assignment.coverage());
                if (group.isEmpty()) {
                    assignments.remove(assignment.group());
                }
            }
        }
    }
}
