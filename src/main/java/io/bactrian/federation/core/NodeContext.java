package io.bactrian.federation.core;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The state that the parts of a node share. For one thread. */
final class NodeContext {
    /** So many publications in a millisecond, on the average, are more than there can be. */
    private static final int SEQUENCE_BITS = 20;

    private static final long DAY_MS = 86_400_000;
    private static final long YEAR_2100_MS = 4_102_444_800_000L;
    /** More changes than an owner makes between two snapshots. */
    private static final long CHANGES_MAX = 1L << 40;

    Topology topology;
    Member self;
    final NodeSettings settings;
    Signatures signatures;
    final ReplicatedState state;
    final Map<String, Link> links = new LinkedHashMap<>();
    Actions actions = new Actions();
    long epoch;
    /** The first epoch of what the journal holds: changes of an earlier one were lost with a disk. */
    long firstEpoch;

    long nowMs;
    /** By how much the wall clock is ahead of the times that only move on. */
    long wallAheadMs;
    /** Whether this process acts for its node; always, unless it is one of a pair. */
    boolean active;
    /** Neighbours are to hear of our heads before the next interval. */
    boolean heartbeatsDue;

    private long published;

    NodeContext(Topology topology, Member self, NodeSettings settings, Signatures signatures) {
        this.topology = topology;
        this.self = self;
        this.settings = settings;
        this.signatures = signatures;
        this.state = new ReplicatedState(settings.deletionsMax());
        this.active = self.place().isEmpty();
    }

    /** What the wall clock shows: for what is signed, and what people read. */
    long wallMs() {
        return nowMs + wallAheadMs;
    }

    /** The next epoch of this process after one. A version never means two changes, even if both processes of a pair act. */
    long epochAfter(long known) {
        return self.side().map(side -> side.epochAbove(known)).orElse(known + 1);
    }

    /** From now on this node changes its keys under the next epoch after those that are known. */
    void takeEpochAfter(long known) {
        epoch = epochAfter(known);
        actions.records().add(new StateRecord.Epoch(epoch, firstEpoch));
    }

    /**
     * Whether what nobody has signed can be true of a version. Epochs begin with a clock, which need not be right, and numbers
     * with 1; one that is far beyond would in the end leave its owner no room for a change.
     */
    static boolean plausible(StateVersion claimed, StateVersion known) {
        return claimed.epoch() - DAY_MS <= Math.max(known.epoch(), YEAR_2100_MS)
                && claimed.number() - CHANGES_MAX <= known.number();
    }

    TopologyNode node() {
        return topology.node(self.node());
    }

    Collection<Link> links() {
        return links.values();
    }

    /** The link by which a neighbouring node is reached: that of its active process. */
    Optional<Link> linkTo(String node) {
        return links.values().stream()
                .filter(link -> link.node().equals(node) && link.up && link.active)
                .findFirst();
    }

    void send(Link link, List<byte[]> frames) {
        if (link.reachable()) {
            actions.outgoing().add(new Outgoing(link.door, link.routingId, frames));
        }
    }

    /** Whether the changes of an owner come over this link. */
    boolean comesFrom(Link link, String owner) {
        if (topology.find(owner).isEmpty()) {
            return false;
        }
        return switch (link.side) {
            case PARENT -> !Topology.below(owner, self.node());
            case CHILD -> Topology.below(owner, link.node());
            case PEER -> !active;
        };
    }

    /** Whether the changes of an owner go over this link. */
    boolean goesTo(Link link, String owner) {
        if (topology.find(owner).isEmpty() || !active) {
            return false;
        }
        return switch (link.side) {
            case PARENT -> Topology.below(owner, self.node()) && tellsOwn(link, owner);
            case CHILD -> !Topology.below(owner, link.node()) && tellsOwn(link, owner);
            case PEER -> true;
        };
    }

    /**
     * Before a neighbour has said what it knows of this node's own keys, it is told nothing of them: they may be lost here. The
     * passive process of a pair never says it, so what its active one has said holds for both: it is told too, and misses
     * nothing when it takes over.
     */
    private boolean tellsOwn(Link link, String owner) {
        return link.greeted
                || !owner.equals(self.node())
                || (!link.active
                        && links.values().stream()
                                .anyMatch(other -> other.greeted && other.node().equals(link.node())));
    }

    /** The head of an owner is another one, and the neighbours have not heard how it came to that: they see it, and ask. */
    void moveHead(String owner, StateVersion head) {
        state.moveHead(owner, head);
        actions.records().add(new StateRecord.Head(owner, head));
        links.values().forEach(link -> link.sent.remove(owner));
    }

    /** The changes that are new here go to the neighbours they have not come from, and to clients. */
    void spread(List<StateEntry> entries, Map<String, StateVersion> before) {
        for (Link link : links.values()) {
            if (link.up) {
                spread(link, entries, before);
            }
        }
        for (StateEntry entry : entries) {
            publish(entry);
            actions.changes().add(entry);
        }
    }

    private void spread(Link link, List<StateEntry> entries, Map<String, StateVersion> before) {
        List<byte[]> frames = new ArrayList<>();
        Map<String, StateVersion> heads = new LinkedHashMap<>(before);
        int count = 0;
        for (StateEntry entry : entries) {
            StateVersion previous = heads.getOrDefault(entry.owner(), StateVersion.NONE);
            heads.put(entry.owner(), entry.version());
            if (!goesTo(link, entry.owner())) {
                continue;
            }
            if (!topology.keeps(link.node(), entry.key())) {
                link.sent.putIfAbsent(entry.owner(), previous);
                continue;
            }
            StateVersion last = link.sent.remove(entry.owner());
            add(frames, entry, "previous", (last == null ? previous : last).toString());
            if (++count % settings.batch() == 0) {
                send(link, frames);
                frames = new ArrayList<>();
            }
        }
        if (!frames.isEmpty()) {
            send(link, frames);
        }
    }

    /**
     * What a snapshot has changed goes to clients at once. Neighbours see by the next heartbeat that they lack it, and ask:
     * so a heartbeat goes out now.
     */
    void tellOfSnapshot(List<StateEntry> entries) {
        if (entries.isEmpty()) {
            return;
        }
        for (StateEntry entry : entries) {
            publish(entry);
            actions.changes().add(entry);
        }
        heartbeatsDue = true;
    }

    void add(List<byte[]> frames, StateEntry entry, String name, String value) {
        Map<String, String> properties = new LinkedHashMap<>();
        properties.put("owner", entry.owner());
        properties.put("version", entry.version().toString());
        properties.put(name, value);
        if (entry.expiresMs() > 0) {
            properties.put("expires", Long.toString(entry.expiresMs()));
        }
        if (entry.changedMs() > 0) {
            properties.put("time", Long.toString(entry.changedMs()));
        }
        if (!entry.signature().isEmpty()) {
            properties.put("signature", entry.signature());
        }
        ClusteredHashmap.add(frames, entry.key(), 0, entry.uuid(), properties, entry.value());
    }

    private void publish(StateEntry entry) {
        if (!active) {
            return;
        }
        List<byte[]> frames = ClusteredHashmap.frames(
                entry.key(), nextSequence(), entry.uuid(), clientProperties(entry), entry.value());
        actions.outgoing().add(new Outgoing(Door.PUBLISH, ClusteredHashmap.EMPTY, frames));
    }

    static Map<String, String> clientProperties(StateEntry entry) {
        Map<String, String> properties = new LinkedHashMap<>();
        properties.put("owner", entry.owner());
        properties.put("version", entry.version().toString());
        if (entry.changedMs() > 0) {
            properties.put("time", Long.toString(entry.changedMs()));
        }
        return properties;
    }

    private long nextSequence() {
        published = Math.max(published + 1, nowMs << SEQUENCE_BITS);
        return published;
    }

    /** The sequence of the last publication; by the clock it also grows from one life of this node to the next. */
    long sequence() {
        return published;
    }
}
