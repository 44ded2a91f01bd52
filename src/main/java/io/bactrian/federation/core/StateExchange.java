package io.bactrian.federation.core;

import io.bactrian.federation.core.ClusteredHashmap.KeyValue;
import io.bactrian.federation.core.ReplicatedState.Outcome;
import io.bactrian.federation.core.ReplicatedState.StateDelta;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;

/**
 * The state between two neighbours: changes as they happen, and snapshots of what is missing. A gap, or a heartbeat whose
 * hash differs, leads to a question with all heads; the answer is what was changed since. For one thread.
 */
final class StateExchange {
    /** How long a snapshot may be under way, in heartbeats, before it is asked for again. */
    private static final int SYNC_HEARTBEATS = 5;

    /** The property that says whose keys are whose by the topology of the sender. */
    static final String OWNERSHIP = "ownership";

    private final NodeContext context;
    private final Supplier<byte[]> uuids;

    StateExchange(NodeContext context, Supplier<byte[]> uuids) {
        this.context = context;
        this.uuids = uuids;
    }

    /** Takes changes, or parts of a snapshot. */
    void update(Link link, List<KeyValue> messages, long nowMs) {
        List<StateEntry> applied = new ArrayList<>();
        Map<String, StateVersion> before = new LinkedHashMap<>();
        boolean gap = false;
        for (KeyValue message : messages) {
            StateEntry entry = entry(message);
            String sync = message.property("sync");
            boolean accepted = accepted(link, entry);
            if (!sync.isEmpty()) {
                if (link.syncEntries != null && sync.equals(id(link.syncId))) {
                    ofSnapshot(link, entry, accepted);
                }
                continue;
            }
            if (!accepted) {
                continue;
            }
            StateVersion head = context.state.head(entry.owner());
            Outcome outcome = context.state.apply(entry, StateVersion.parse(message.property("previous")));
            if (outcome == Outcome.APPLIED) {
                before.putIfAbsent(entry.owner(), head);
                context.actions.records().add(new StateRecord.Put(entry));
                applied.add(entry);
            } else if (outcome == Outcome.GAP) {
                gap = true;
            }
        }
        if (!applied.isEmpty()) {
            context.spread(applied, before);
        }
        if (gap && link.syncEntries == null) {
            context.actions.note("gap", "changes from " + link.member.id() + " are missing, asking for them");
            ask(link, false, nowMs);
        }
    }

    /** What is refused of one owner does not hold up the others. */
    private static void ofSnapshot(Link link, StateEntry entry, boolean accepted) {
        if (accepted && link.syncEntries != null) {
            link.syncEntries.add(entry);
        } else {
            link.syncRefused.add(entry.owner());
            link.syncRefusals++;
        }
    }

    private boolean accepted(Link link, StateEntry entry) {
        String owner = context.topology.owner(entry.key());
        boolean own = entry.owner().equals(context.self.node()) && link.syncEntries != null;
        if (!entry.owner().equals(owner) || !(own || context.comesFrom(link, entry.owner()))) {
            context.actions.warn(
                    "foreign-update",
                    "refused a change of " + entry.key() + " from " + link.member.id() + ": its owner is " + owner);
            return false;
        }
        if (entry.value().length > context.settings.valueBytesMax()) {
            context.actions.warn("too-large", "refused " + entry.key() + ": " + entry.value().length + " octets");
            return false;
        }
        if (context.state.size() >= context.settings.keysMax() && context.state.get(entry.key()) == null) {
            context.actions.warn(
                    "full",
                    "refused " + entry.key() + ": the state has its " + context.settings.keysMax()
                            + " keys, see bactrian.federation.keys.max");
            return false;
        }
        if (context.signatures != Signatures.NONE
                && !context.signatures.valid(entry.owner(), entry.signed(), entry.signature())) {
            context.actions.warn(
                    "bad-signature",
                    "refused a change of " + entry.key() + " from " + link.member.id() + ": it is not signed by "
                            + entry.owner());
            return false;
        }
        return true;
    }

    private static StateEntry entry(KeyValue message) {
        String expires = message.property("expires");
        String time = message.property("time");
        return new StateEntry(
                message.key(),
                message.property("owner"),
                StateVersion.parse(message.property("version")),
                message.uuid(),
                expires.isEmpty() ? 0 : Long.parseLong(expires),
                time.isEmpty() ? 0 : Long.parseLong(time),
                message.body(),
                message.property("signature"));
    }

    /** Compares what the neighbour says of its heads with ours, and asks if they differ. */
    void compare(Link link, long hash, long nowMs) {
        if (underWay(link, nowMs)) {
            return;
        }
        if (hash != incomingHash(link)) {
            ask(link, false, nowMs);
        }
    }

    /** Whether a snapshot is on its way to us; one that takes too long was lost. */
    boolean underWay(Link link, long nowMs) {
        if (link.syncEntries != null && nowMs - link.syncMs >= SYNC_HEARTBEATS * context.settings.heartbeatMs()) {
            link.endSync();
        }
        return link.syncEntries != null;
    }

    /** The hash of the heads that come over a link, as they are here: of the owners by {@link NodeContext#comesFrom}. */
    private long incomingHash(Link link) {
        ReplicatedState state = context.state;
        return switch (link.side) {
            case PARENT -> state.hash() - state.hashBelow(context.self.node());
            case CHILD -> state.hashBelow(link.node());
            case PEER -> context.active ? 0 : state.hash();
        };
    }

    /** The hash of the heads that go over a link, as they should be there: of the owners by {@link NodeContext#goesTo}. */
    long outgoingHash(Link link) {
        if (!context.active) {
            return 0;
        }
        ReplicatedState state = context.state;
        String self = context.self.node();
        long hash = switch (link.side) {
            case PARENT -> state.hashBelow(self);
            case CHILD -> state.hash() - state.hashBelow(link.node());
            case PEER -> state.hash();
        };
        if (!context.goesTo(link, self)) {
            hash -= ReplicatedState.hash(self, state.head(self));
        }
        for (Map.Entry<String, StateVersion> sent : link.sent.entrySet()) {
            String owner = sent.getKey();
            if (context.goesTo(link, owner)) {
                hash += ReplicatedState.hash(owner, sent.getValue()) - ReplicatedState.hash(owner, state.head(owner));
            }
        }
        return hash;
    }

    /** Asks for what is missing; with {@code recover} for all keys of this node itself, as it has lost them. */
    void ask(Link link, boolean recover, long nowMs) {
        byte[] id = uuids.get();
        link.beginSync(id, nowMs);
        StringBuilder heads = new StringBuilder();
        context.state.forEachHead((owner, head) -> {
            if (!recover && context.comesFrom(link, owner)) {
                heads.append(owner).append(' ').append(head).append('\n');
            }
        });
        Map<String, String> properties = new LinkedHashMap<>();
        properties.put(OWNERSHIP, context.topology.ownership());
        if (recover) {
            properties.put("recover", "true");
        }
        context.actions.note("snapshot", "asked " + link.member.id() + " for a snapshot");
        context.send(
                link,
                ClusteredHashmap.frames(
                        ClusteredHashmap.ICANHAZ, 0, id, properties, ClusteredHashmap.octets(heads.toString())));
    }

    /**
     * Whether a neighbour has the same owners in its topology. While it has not, it gets no snapshot: what the keys are left out of
     * here is not what they are left out of there.
     */
    boolean agrees(KeyValue message) {
        String theirs = message.property(OWNERSHIP);
        return theirs.isEmpty() || theirs.equals(context.topology.ownership());
    }

    /** Answers a neighbour with what it lacks. */
    void answer(Link link, KeyValue question) {
        boolean recover = question.property("recover").equals("true");
        Map<String, StateVersion> theirs = heads(question.body());
        List<StateDelta> deltas = new ArrayList<>();
        context.state.forEachHead((owner, head) -> {
            boolean wanted = recover ? owner.equals(link.node()) : context.goesTo(link, owner);
            if (wanted && agrees(question)) {
                StateDelta delta = context.state.delta(
                        owner,
                        theirs.getOrDefault(owner, StateVersion.NONE),
                        key -> context.topology.keeps(link.node(), key) && owner.equals(context.topology.owner(key)));
                if (delta != null) {
                    deltas.add(delta);
                }
                link.sent.remove(owner);
            }
        });
        String id = id(question.uuid());
        List<byte[]> frames = new ArrayList<>();
        StringBuilder heads = new StringBuilder();
        int count = 0;
        for (StateDelta delta : deltas) {
            for (StateEntry entry : delta.entries()) {
                context.add(frames, entry, "sync", id);
                if (++count % context.settings.batch() == 0) {
                    context.send(link, frames);
                    frames = new ArrayList<>();
                }
            }
            heads.append(delta.owner()).append(' ').append(delta.head()).append(delta.full() ? " full\n" : " part\n");
        }
        Map<String, String> properties = new LinkedHashMap<>();
        properties.put("count", Integer.toString(count));
        properties.put("recover", Boolean.toString(recover));
        ClusteredHashmap.add(
                frames,
                ClusteredHashmap.KTHXBAI,
                0,
                question.uuid(),
                properties,
                ClusteredHashmap.octets(heads.toString()));
        context.send(link, frames);
    }

    /** The end of a snapshot: what has come of it takes effect at once. Returns false if it was not complete. */
    boolean complete(Link link, KeyValue end) {
        List<StateEntry> entries = link.syncEntries;
        if (entries == null || !Arrays.equals(end.uuid(), link.syncId)) {
            return true;
        }
        link.endSync();
        if (entries.size() + link.syncRefusals != Integer.parseInt(end.property("count"))) {
            context.actions.note("snapshot-incomplete", "a snapshot of " + link.member.id() + " was not complete");
            return false;
        }
        boolean recover = end.property("recover").equals("true");
        Map<String, List<StateEntry>> byOwner = new TreeMap<>();
        entries.forEach(entry -> byOwner.computeIfAbsent(entry.owner(), owner -> new ArrayList<>())
                .add(entry));
        List<StateEntry> applied = new ArrayList<>();
        for (String line : ClusteredHashmap.text(end.body()).lines().toList()) {
            String[] words = line.split(" ", -1);
            String owner = words[0];
            boolean wanted = recover ? owner.equals(context.self.node()) : context.comesFrom(link, owner);
            if (words.length == 3 && wanted && !link.syncRefused.contains(owner)) {
                take(
                        owner,
                        StateVersion.parse(words[1]),
                        words[2].equals("full"),
                        byOwner.getOrDefault(owner, List.of()),
                        applied);
            }
        }
        context.tellOfSnapshot(applied);
        return true;
    }

    private void take(
            String owner, StateVersion head, boolean full, List<StateEntry> entries, List<StateEntry> applied) {
        boolean own = owner.equals(context.self.node());
        StateVersion known = context.state.head(owner);
        if (!own && !head.after(known)) {
            return;
        }
        StateVersion signed = entries.stream()
                .map(StateEntry::version)
                .max(StateVersion::compareTo)
                .orElse(known);
        if (!NodeContext.plausible(head, signed.after(known) ? signed : known)) {
            context.actions.warn("implausible", "refused a snapshot by which " + owner + " is at " + head);
            return;
        }
        Map<String, StateEntry> gone = new LinkedHashMap<>();
        if (full) {
            context.state.drop(owner).forEach(entry -> gone.put(entry.key(), entry));
            context.actions.records().add(new StateRecord.Drop(owner));
        }
        for (StateEntry entry : entries) {
            context.state.load(entry);
            context.actions.records().add(new StateRecord.Put(entry));
            StateEntry former = gone.remove(entry.key());
            if (former == null || !former.version().equals(entry.version())) {
                applied.add(entry);
            }
        }
        context.moveHead(owner, head);
        gone.values().forEach(entry -> applied.add(StateEntry.gone(entry.key(), owner, head)));
    }

    private static Map<String, StateVersion> heads(byte[] body) {
        Map<String, StateVersion> heads = new LinkedHashMap<>();
        for (String line : ClusteredHashmap.text(body).lines().toList()) {
            int space = line.indexOf(' ');
            if (space < 1) {
                throw new IllegalArgumentException("heads are lines with owner and version");
            }
            heads.put(line.substring(0, space), StateVersion.parse(line.substring(space + 1)));
        }
        return heads;
    }

    private static String id(byte[] uuid) {
        return HexFormat.of().formatHex(uuid);
    }
}
