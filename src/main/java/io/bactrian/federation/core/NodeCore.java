package io.bactrian.federation.core;

import io.bactrian.federation.core.ClusteredHashmap.KeyValue;
import io.bactrian.federation.core.Command.Address;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * One process of a node of the federation: takes messages and the time, and gives what is to be kept and sent. For one
 * thread. Nothing here waits: a neighbour that is away is asked again when it is heard.
 */
public final class NodeCore {
    /** The actor that sets keys of this node. */
    public static final String STATE_ACTOR = "state";
    /** The actor that acknowledges alarms of this node. */
    public static final String ALARM_ACTOR = "alarms";

    /** The actor that has the other process of a pair act. */
    public static final String PAIR_ACTOR = "pair";

    private static final int UUID_BYTES = 16;
    private static final long MS_PER_S = 1_000;

    private final NodeContext context;
    private final StateExchange exchange;
    private final CommandDesk desk;
    private final AlarmBook alarms;
    private final PairDuty pair;
    private final HistoryExchange history;
    private final Random random;
    private final Map<ByteBuffer, Link> byRoutingId = new HashMap<>();
    private final TreeMap<Long, List<StateEntry>> expiring = new TreeMap<>();
    private final Set<String> delegated = new HashSet<>();
    private long tickedMs;

    /**
     * A node with nothing in it yet.
     *
     * @param topology the tree
     * @param member which process this is
     * @param settings bounds and intervals
     * @param signatures signs and checks
     * @param historyLog the journal of the history, to read
     * @param random makes UUIDs
     * @param nowMs the time, in ms
     */
    public NodeCore(
            Topology topology,
            String member,
            NodeSettings settings,
            Signatures signatures,
            HistoryLog historyLog,
            Random random,
            long nowMs) {
        this.context = new NodeContext(topology, topology.member(member), settings, signatures);
        this.exchange = new StateExchange(context, this::uuid);
        this.alarms = new AlarmBook(context, this::writeAlarm);
        this.desk = new CommandDesk(context, this::run);
        this.pair = new PairDuty(context, this::act);
        this.random = random;
        this.history = new HistoryExchange(context, historyLog, this::uuid);
        this.tickedMs = nowMs - settings.heartbeatMs();
        makeLinks(nowMs);
    }

    private void writeAlarm(String key, String value) {
        change(key, ClusteredHashmap.octets(value), 0, uuid());
        history.add(key, Double.NaN, value, context.nowMs);
    }

    private void makeLinks(long nowMs) {
        TopologyNode node = context.node();
        if (!node.parent().isEmpty()) {
            List<Member> parents = context.topology.node(node.parent()).members();
            for (int i = 0; i < parents.size(); i++) {
                addLink(parents.get(i), Link.Side.PARENT, i == 0 ? Door.PARENT : Door.PARENT_BACKUP, nowMs);
            }
        }
        for (String child : node.children()) {
            context.topology
                    .node(child)
                    .members()
                    .forEach(member -> addLink(member, Link.Side.CHILD, Door.SOUTH, nowMs));
        }
        for (Member member : node.members()) {
            if (!member.id().equals(context.self.id())) {
                boolean primary = context.self.place().equals("primary");
                addLink(member, Link.Side.PEER, primary ? Door.SOUTH : Door.PEER, nowMs);
            }
        }
    }

    private void addLink(Member member, Link.Side side, Door door, long nowMs) {
        context.links.put(member.id(), new Link(member, side, door, nowMs));
    }

    /** The state, to read; on the thread of the node only. */
    public ReplicatedState state() {
        return context.state;
    }

    /** The tree as this node knows it. */
    public Topology topology() {
        return context.topology;
    }

    /** Whether this process acts for its node. */
    public boolean active() {
        return context.active;
    }

    /** The epoch under which this node changes its keys. */
    public long epoch() {
        return context.epoch;
    }

    /** How far away a neighbouring process is, in ms there and back; -1 if it is not known. */
    public Map<String, Long> delays() {
        Map<String, Long> delays = new TreeMap<>();
        context.links.forEach((member, link) -> delays.put(member, link.up ? link.delayMs : -1));
        return delays;
    }

    /** How many records the history has here, of this process and of those below. */
    public long historyRecords() {
        return history.records();
    }

    /** How many alarms of all nodes are not closed. */
    public int openAlarms() {
        return (int) context.state.startingWith("").stream()
                .filter(AlarmBook::isOpen)
                .count();
    }

    /** The neighbouring processes that are heard. */
    public List<String> heard() {
        return context.links.values().stream()
                .filter(link -> link.up)
                .map(link -> link.member.id())
                .toList();
    }

    /** Puts a record of the journal in, before {@link #start}. */
    public void replay(StateRecord item) {
        if (item instanceof StateRecord.Put put) {
            context.state.load(put.entry());
        } else if (item instanceof StateRecord.Head head) {
            context.state.moveHead(head.owner(), head.head());
        } else if (item instanceof StateRecord.Drop drop) {
            context.state.drop(drop.owner());
        } else if (item instanceof StateRecord.Epoch epoch) {
            context.epoch = Math.max(context.epoch, epoch.epoch());
            context.firstEpoch = epoch.first();
        }
    }

    /** Puts an entry of the history's journal in, before {@link #start}. */
    public void replay(HistoryEntry entry) {
        history.replay(entry);
    }

    /** Records a value of a series, or an event, whose value is NaN. */
    public Actions record(String name, double value, String text, long nowMs) {
        begin(nowMs);
        history.add(name, value, text, nowMs);
        return context.actions;
    }

    /**
     * Begins: a new epoch as an owner, and the first greetings.
     *
     * @param former the topology with which this process ran last, null if that is not known
     */
    public Actions start(@Nullable Topology former, long nowMs) {
        begin(nowMs);
        Version own = context.state.head(context.self.node());
        // Without a journal the clock makes the epoch differ from those that may have been lost.
        boolean first = context.epoch == 0;
        long epoch = first ? Math.max(nowMs, own.epoch() + 1) : Math.max(context.epoch, own.epoch()) + 1;
        context.firstEpoch = first ? epoch : context.firstEpoch;
        takeEpoch(epoch);
        history.start();
        desk.begin(nowMs);
        context.state.startingWith("").forEach(entry -> {
            if (entry.owner().equals(context.self.node())) {
                expireLater(entry);
            }
        });
        conform(former);
        heartbeats(nowMs);
        return context.actions;
    }

    private void takeEpoch(long epoch) {
        context.epoch = epoch;
        context.actions.records().add(new StateRecord.Epoch(epoch, context.firstEpoch));
    }

    private void begin(long nowMs) {
        context.actions = new Actions();
        context.nowMs = nowMs;
    }

    /** Everything that is to be in a snapshot of the journal. */
    public List<StateRecord> snapshot() {
        List<StateRecord> all = new ArrayList<>();
        all.add(new StateRecord.SnapshotBegin());
        all.add(new StateRecord.Epoch(context.epoch, context.firstEpoch));
        context.state.startingWith("").forEach(entry -> all.add(new StateRecord.Put(entry)));
        context.state.heads().forEach((owner, head) -> all.add(new StateRecord.Head(owner, head)));
        all.add(new StateRecord.SnapshotEnd());
        return all;
    }

    /** Of a pair: which process acts for the node has changed; a new active one changes keys under a new epoch. */
    private void act(boolean active, String why, long nowMs) {
        context.actions.warn(
                active ? "active" : "passive", context.self.id() + (active ? " acts: " : " does not act: ") + why);
        if (active == context.active) {
            return;
        }
        context.active = active;
        context.links().forEach(link -> {
            link.endSync();
            link.sent.clear();
        });
        if (active) {
            Version own = context.state.head(context.self.node());
            takeEpoch(Math.max(context.epoch, own.epoch()) + 1);
            boolean takeover = !own.equals(Version.NONE) && !why.startsWith("at the start");
            byte[] place = ClusteredHashmap.octets(context.self.place());
            change(context.self.node() + ".active", place, 0, uuid());
            if (takeover) {
                alarms.happened(AlarmBook.FAILOVER, context.self.id() + " has taken over: " + why, nowMs);
            }
            conform(null);
            desk.begin(nowMs);
            alarms.activated();
        }
        context.heartbeatsDue = true;
    }

    /**
     * Goes on with another topology, which {@link TopologyChange} has found nothing against.
     *
     * @param signatures those of the keys in it
     */
    public Actions change(Topology next, Signatures signatures, long nowMs) {
        begin(nowMs);
        Topology formerTopology = context.topology;
        context.topology = next;
        context.self = next.member(context.self.id());
        context.signatures = signatures;
        Map<String, Link> former = new LinkedHashMap<>(context.links);
        context.links.clear();
        makeLinks(nowMs);
        former.forEach((id, link) -> {
            Link made = context.links.get(id);
            if (made == null || made.door != link.door) {
                byRoutingId.remove(ByteBuffer.wrap(link.routingId));
                alarms.close(link.alarm, id + " is no longer a neighbour", nowMs);
                alarms.close(link.inactiveAlarm, id + " is no longer a neighbour", nowMs);
                alarms.close(link.topologyAlarm, id + " is no longer a neighbour", nowMs);
            } else {
                link.member = made.member;
                context.links.put(id, link);
            }
        });
        conform(formerTopology);
        heartbeats(nowMs);
        return context.actions;
    }

    /**
     * Makes the state what the topology says of owners and keys. A new owner takes the values of its new keys over; what came of
     * an owner that has others now is asked for again.
     */
    private void conform(@Nullable Topology former) {
        List<StateEntry> gone = new ArrayList<>();
        for (String owner : List.copyOf(context.state.heads().keySet())) {
            if (context.topology.find(owner).isEmpty()) {
                Version head = context.state.head(owner);
                context.state.drop(owner).forEach(entry -> gone.add(deleted(entry.key(), owner, head)));
                context.actions.records().add(new StateRecord.Drop(owner));
            }
        }
        List<StateEntry> adopted = new ArrayList<>();
        for (StateEntry entry : context.state.startingWith("")) {
            String owner = context.topology.owner(entry.key());
            if (owner == null) {
                gone.add(deleted(entry.key(), entry.owner(), entry.version()));
            } else if (!owner.equals(entry.owner()) && owner.equals(context.self.node())) {
                adopted.add(entry);
            }
        }
        context.state.show(context.topology);
        if (former != null) {
            former.nodes().forEach(this::compareOwner);
        }
        context.tellOfSnapshot(gone);
        if (context.active) {
            adopted.forEach(entry -> change(entry.key(), entry.value(), entry.expiresMs(), entry.uuid()));
            signAnew();
        }
    }

    private void compareOwner(TopologyNode former) {
        String owner = former.id();
        boolean owned = context.topology.find(owner).isPresent()
                && !context.state.head(owner).equals(Version.NONE);
        if (owned
                && !owner.equals(context.self.node())
                && !former.owns().equals(context.topology.node(owner).owns())) {
            context.state.moveHead(owner, Version.NONE);
            context.actions.records().add(new StateRecord.Head(owner, Version.NONE));
        }
    }

    private static StateEntry deleted(String key, String owner, Version version) {
        return new StateEntry(key, owner, version, ClusteredHashmap.EMPTY, 0, ClusteredHashmap.EMPTY, "");
    }

    /** With another key the former changes count no more for those who have not got them yet. */
    private void signAnew() {
        String self = context.self.node();
        for (StateEntry entry : context.state.of(self)) {
            if (!context.signatures.valid(self, entry.signed(), entry.signature())) {
                change(entry.key(), entry.value(), entry.expiresMs(), entry.uuid());
            }
        }
    }

    /** From now on commands to set these keys of this node go to an actor, which sets them when a field device has the value. */
    public void delegate(Collection<String> keys) {
        delegated.addAll(keys);
    }

    /** What the field device of a pair has as life sign of the active process; null if the device was not read. */
    public Actions lifeSign(@Nullable String value, long nowMs) {
        begin(nowMs);
        pair.lifeSign(value, nowMs);
        tellHeads(nowMs);
        return context.actions;
    }

    /**
     * Tells whether a field device of this node is reached: that, and the keys with its values, are keys of the state, and while
     * it is not reached there is an alarm.
     */
    public Actions device(String name, boolean reached, Collection<String> keys, long nowMs) {
        begin(nowMs);
        if (context.active) {
            String prefix = context.self.node() + Reach.DEVICES + name;
            renew(prefix + Reach.STATUS, reached ? "reached" : Reach.UNREACHED);
            renew(prefix + Reach.POINTS, String.join("\n", keys));
            String alarm = AlarmBook.name("device", name);
            if (reached) {
                alarms.close(alarm, "the device " + name + " is reached", nowMs);
            } else {
                alarms.open(alarm, "the device " + name + " of " + context.self.node() + " is not reached", nowMs);
            }
        }
        return context.actions;
    }

    private void renew(String key, String value) {
        StateEntry former = context.state.get(key);
        if (former == null || !former.text().equals(value)) {
            change(key, ClusteredHashmap.octets(value), 0, uuid());
        }
    }

    /** Somebody outside asks this process of a pair to act. */
    public Actions vote(String who, long nowMs) {
        begin(nowMs);
        pair.vote(who, nowMs);
        tellHeads(nowMs);
        return context.actions;
    }

    /** Opens an alarm of this node. */
    public Actions openAlarm(String kind, String subject, String text, long nowMs) {
        begin(nowMs);
        alarms.open(AlarmBook.name(kind, subject), text, nowMs);
        return context.actions;
    }

    /** Closes an alarm of this node. */
    public Actions closeAlarm(String kind, String subject, String text, long nowMs) {
        begin(nowMs);
        alarms.close(AlarmBook.name(kind, subject), text, nowMs);
        return context.actions;
    }

    /** Takes a message from a neighbour or a client. */
    public Actions receive(Door door, byte[] routingId, List<byte[]> frames, long nowMs) {
        begin(nowMs);
        try {
            if (door == Door.CLIENTS) {
                client(routingId, frames, nowMs);
            } else if (door == Door.PUBLISH) {
                clientUpdate(ClusteredHashmap.read(frames, 0), nowMs);
            } else {
                neighbour(door, routingId, frames, nowMs);
            }
        } catch (IllegalArgumentException e) {
            context.actions.warn("malformed", "refused a message at " + door + ": " + e.getMessage());
        }
        tellHeads(nowMs);
        return context.actions;
    }

    private void tellHeads(long nowMs) {
        if (context.heartbeatsDue) {
            context.heartbeatsDue = false;
            heartbeats(nowMs);
        }
    }

    private void neighbour(Door door, byte[] routingId, List<byte[]> frames, long nowMs) {
        if (frames.size() % ClusteredHashmap.FRAMES != 0) {
            throw new IllegalArgumentException("neighbours send 5 frames for each key, not " + frames.size());
        }
        List<KeyValue> messages = new ArrayList<>(frames.size() / ClusteredHashmap.FRAMES);
        for (int i = 0; i < frames.size(); i += ClusteredHashmap.FRAMES) {
            messages.add(ClusteredHashmap.read(frames, i));
        }
        Link link = link(door, routingId, messages.get(0), nowMs);
        if (link == null) {
            context.actions.note("unknown-peer", "a message at " + door + " is of nobody that has greeted");
            if (door == Door.SOUTH) {
                // A child that was connected before this node was restarted does not know that it must greet again.
                context.actions
                        .outgoing()
                        .add(new Outgoing(
                                door,
                                routingId,
                                ClusteredHashmap.frames(
                                        ClusteredHashmap.HUGZ,
                                        0,
                                        ClusteredHashmap.EMPTY,
                                        Map.of("greet", "true"),
                                        ClusteredHashmap.EMPTY)));
            }
            return;
        }
        heard(link, nowMs);
        List<KeyValue> updates = new ArrayList<>();
        for (KeyValue message : messages) {
            boolean update = switch (message.key()) {
                case ClusteredHashmap.HUGZ,
                        ClusteredHashmap.ICANHAZ,
                        ClusteredHashmap.KTHXBAI,
                        Command.NAME,
                        Reply.NAME,
                        HistoryExchange.QUESTION,
                        HistoryExchange.ANSWER -> false;
                default -> true;
            };
            if (update) {
                updates.add(message);
            } else {
                // Everything before the end of a snapshot belongs to it.
                exchange.update(link, updates, nowMs);
                updates.clear();
                order(link, message, nowMs);
            }
        }
        exchange.update(link, updates, nowMs);
    }

    private void order(Link link, KeyValue message, long nowMs) {
        switch (message.key()) {
            case ClusteredHashmap.HUGZ -> heartbeat(link, message, nowMs);
            case ClusteredHashmap.ICANHAZ -> exchange.answer(link, message);
            case ClusteredHashmap.KTHXBAI -> snapshotEnds(link, message);
            case HistoryExchange.QUESTION -> history.question(link, message);
            case HistoryExchange.ANSWER -> history.answer(link, message, nowMs);
            case Command.NAME -> desk.receive(Command.read(message), link, nowMs);
            default -> desk.receive(Reply.read(message), link);
        }
    }

    private void snapshotEnds(Link link, KeyValue message) {
        boolean recover = message.property("recover").equals("true");
        Map<String, StateEntry> since = new LinkedHashMap<>();
        if (recover) {
            context.state.startingWith("").forEach(entry -> {
                if (entry.owner().equals(context.self.node())) {
                    since.put(entry.key(), entry);
                }
            });
        }
        Version before = context.state.head(context.self.node());
        exchange.complete(link, message);
        Version own = context.state.head(context.self.node());
        if (recover && !own.equals(before)) {
            context.actions.warn("recovered", context.self.node() + " has its own keys back from " + link.member.id());
            context.firstEpoch = Math.min(context.firstEpoch, own.epoch());
            takeEpoch(Math.max(context.epoch, Math.max(before.epoch(), own.epoch())) + 1);
            // What was set meanwhile is newer than what was lost.
            since.values().forEach(entry -> change(entry.key(), entry.value(), entry.expiresMs(), entry.uuid()));
        }
    }

    private @Nullable Link link(Door door, byte[] routingId, KeyValue first, long nowMs) {
        if (door != Door.SOUTH) {
            return context.links.values().stream()
                    .filter(link -> link.door == door)
                    .findFirst()
                    .orElse(null);
        }
        ByteBuffer id = ByteBuffer.wrap(routingId);
        Link known = byRoutingId.get(id);
        if (known != null || !first.key().equals(ClusteredHashmap.HUGZ)) {
            return known;
        }
        Link link = context.links.get(first.property("member"));
        if (link == null || link.door != Door.SOUTH) {
            return null;
        }
        if (!context.signatures.valid(link.node(), hello(first), first.property("signature"))
                || Math.abs(nowMs - Long.parseLong(first.property("sent"))) > context.settings.commandAgeMaxMs()) {
            context.actions.warn("bad-signature", "refused a greeting that is not signed by " + link.member.id());
            return null;
        }
        byRoutingId.remove(ByteBuffer.wrap(link.routingId));
        link.routingId = routingId;
        link.greeted = false;
        link.sent.clear();
        link.endSync();
        byRoutingId.put(id, link);
        return link;
    }

    private byte[] hello(KeyValue message) {
        return hello(message.property("member"), message.property("sent"), context.self.id());
    }

    private static byte[] hello(String member, String sent, String receiver) {
        return ClusteredHashmap.octets("hello\n" + member + "\n" + sent + "\n" + receiver);
    }

    private void heard(Link link, long nowMs) {
        link.heardMs = nowMs;
        if (!link.up) {
            link.up = true;
            link.greeted = false;
            link.sent.clear();
            link.endSync();
            context.actions.note("neighbour-up", link.member.id() + " is heard");
            alarms.close(link.alarm, link.member.id() + " is heard again", nowMs);
            heartbeat(link, 0, nowMs);
        }
    }

    private void heartbeat(Link link, KeyValue message, long nowMs) {
        if (message.property("greet").equals("true")) {
            link.up = false;
            heartbeat(link, 0, nowMs);
            return;
        }
        boolean answer = message.property("answer").equals("true");
        if (answer && message.sequence() == link.pingSequence) {
            link.delayMs = nowMs - link.pingMs;
        }
        link.active = message.property("active").equals("true");
        if (exchange.agrees(message)) {
            link.agreedMs = nowMs;
            alarms.close(link.topologyAlarm, link.member.id() + " has the same topology again", nowMs);
        } else if (nowMs - link.agreedMs > context.settings.silentMs()) {
            alarms.open(
                    link.topologyAlarm,
                    link.member.id()
                            + " has another topology, in which others own some keys: until both have the same, what"
                            + " is missing between the two is not made up for",
                    nowMs);
        }
        if (link.side == Link.Side.PEER) {
            pair.peer(message, nowMs);
        } else if (message.property("vote").equals("true")) {
            pair.vote(link.member.id(), nowMs);
        }
        if (!answer && message.sequence() > 0) {
            send(link, message.sequence(), true, nowMs);
        }
        if (!link.active) {
            return;
        }
        String own = message.property("own");
        if (context.active && !own.isEmpty() && lost(Version.parse(own))) {
            link.greeted = false;
            if (!exchange.underWay(link, nowMs)) {
                exchange.ask(link, true, nowMs);
            }
            return;
        }
        link.greeted = true;
        exchange.compare(link, Long.parseLong(message.property("hash")), nowMs);
    }

    /** Whether a neighbour knows changes of this node that this node has not: its disk was lost, or is an old copy. */
    private boolean lost(Version known) {
        return known.epoch() < context.firstEpoch || known.after(context.state.head(context.self.node()));
    }

    private void heartbeat(Link link, long sequence, long nowMs) {
        send(link, sequence, false, nowMs);
    }

    private void send(Link link, long sequence, boolean answer, long nowMs) {
        Map<String, String> properties = new LinkedHashMap<>();
        properties.put("member", context.self.id());
        properties.put("active", Boolean.toString(context.active));
        properties.put("answer", Boolean.toString(answer));
        if (link.side == Link.Side.PEER) {
            pair.describe(properties);
        } else if (votes(link)) {
            properties.put("vote", "true");
        }
        properties.put("hash", Long.toString(exchange.outgoingHash(link)));
        properties.put(StateExchange.OWNERSHIP, context.topology.ownership());
        Version theirs = context.state.head(link.node());
        if (context.active && link.side != Link.Side.PEER && !theirs.equals(Version.NONE)) {
            properties.put("own", theirs.toString());
        }
        if (link.door != Door.SOUTH && !link.up) {
            String sent = Long.toString(nowMs);
            properties.put("sent", sent);
            properties.put("signature", context.signatures.sign(hello(context.self.id(), sent, link.member.id())));
        }
        context.send(
                link,
                ClusteredHashmap.frames(
                        ClusteredHashmap.HUGZ, sequence, ClusteredHashmap.EMPTY, properties, ClusteredHashmap.EMPTY));
    }

    /** Whether this node has heard no active process of the neighbouring pair for too long, and asks this one to act. */
    private boolean votes(Link to) {
        if (!context.active || context.topology.node(to.node()).members().size() < 2) {
            return false;
        }
        for (Link link : context.links()) {
            if (link.node().equals(to.node()) && link.active && link.up) {
                return false;
            }
        }
        return true;
    }

    private void heartbeats(long nowMs) {
        context.links().forEach(link -> heartbeat(link, 0, nowMs));
    }

    private void client(byte[] routingId, List<byte[]> all, long nowMs) {
        ReturnPath path = ReturnPath.of(routingId, all);
        List<byte[]> frames = all.subList(path.envelope().size(), all.size());
        if (frames.isEmpty()) {
            throw new IllegalArgumentException("a request is empty");
        }
        pair.vote("a client", nowMs);
        if (!context.active) {
            // A passive process does not answer: the client goes to the other one.
            context.actions.note("not-active", "a client has asked a passive process");
            return;
        }
        String first = ClusteredHashmap.text(frames.get(0));
        if (first.equals(ClusteredHashmap.ICANHAZ) && frames.size() <= 2) {
            clientSnapshot(path, frames.size() < 2 ? "" : ClusteredHashmap.text(frames.get(1)));
            return;
        }
        KeyValue message = ClusteredHashmap.read(frames, 0);
        if (message.uuid().length == 0) {
            throw new IllegalArgumentException("a request has a UUID");
        }
        switch (message.key()) {
            case "GET?" -> getForClient(path, message);
            case "SET?" -> setForClient(path, message, nowMs);
            case "COMMAND?" -> commandForClient(path, message, nowMs);
            default ->
                throw new IllegalArgumentException(
                        "clients send ICANHAZ?, GET?, SET? or COMMAND?, not " + message.key());
        }
    }

    private static long life(KeyValue message) {
        String life = message.property("life");
        return life.isEmpty() ? 5 * MS_PER_S : Math.max(1, Math.min(Long.parseLong(life), 3_600 * MS_PER_S));
    }

    private void clientSnapshot(ReturnPath path, String subtree) {
        for (StateEntry entry : context.state.startingWith(subtree)) {
            context.actions
                    .outgoing()
                    .add(path.outgoing(ClusteredHashmap.frames(
                            entry.key(),
                            context.sequence(),
                            entry.uuid(),
                            NodeContext.clientProperties(entry),
                            entry.value())));
        }
        context.actions
                .outgoing()
                .add(path.outgoing(ClusteredHashmap.frames(
                        ClusteredHashmap.KTHXBAI,
                        context.sequence(),
                        ClusteredHashmap.EMPTY,
                        Map.of(),
                        ClusteredHashmap.octets(subtree))));
    }

    private void getForClient(ReturnPath path, KeyValue message) {
        StateEntry entry = context.state.get(message.property("key"));
        if (entry == null) {
            answerClient(path, message, false, "no such key: " + message.property("key"));
        } else {
            context.actions
                    .outgoing()
                    .add(path.outgoing(ClusteredHashmap.frames(
                            "DONE", 0, message.uuid(), NodeContext.clientProperties(entry), entry.value())));
        }
    }

    private void setForClient(ReturnPath path, KeyValue message, long nowMs) {
        String key = message.property("key");
        String owner = context.topology.owner(key);
        if (owner == null) {
            answerClient(path, message, false, "nobody owns " + key + ": add its subtree to owns in the topology");
        } else {
            byte[] request = SetRequest.octets(key, ttlMs(message), message.body());
            Address to = new Address(STATE_ACTOR, owner);
            desk.send(desk.command(message.uuid(), client(), to, true, nowMs, life(message), request), path, nowMs);
        }
    }

    private void commandForClient(ReturnPath path, KeyValue message, long nowMs) {
        Address to = Address.parse(message.property("to"), context.self.node());
        boolean dialog = !message.property("dialog").equals("false");
        desk.send(
                desk.command(message.uuid(), client(), to, dialog, nowMs, life(message), message.body()), path, nowMs);
        if (!dialog) {
            answerClient(path, message, true, "sent");
        }
    }

    private Address client() {
        return new Address("client", context.self.node());
    }

    private void answerClient(ReturnPath path, KeyValue message, boolean done, String text) {
        context.actions
                .outgoing()
                .add(path.outgoing(ClusteredHashmap.frames(
                        done ? "DONE" : "FAILED", 0, message.uuid(), Map.of(), ClusteredHashmap.octets(text))));
    }

    private static long ttlMs(KeyValue message) {
        String ttl = message.property("ttl");
        return ttl.isEmpty() ? 0 : Math.max(0, Long.parseLong(ttl)) * MS_PER_S;
    }

    /** A KVSET of a client: only this node's own keys may be set so. */
    private void clientUpdate(KeyValue message, long nowMs) {
        if (message.key().equals(ClusteredHashmap.HUGZ)) {
            return;
        }
        long ttlMs = ttlMs(message);
        String refused = delegated.contains(message.key())
                ? message.key() + " is a value of a field device: set it by SET?"
                : set(message.key(), message.body(), ttlMs == 0 ? 0 : nowMs + ttlMs, message.uuid());
        if (!refused.isEmpty()) {
            context.actions.warn("foreign-update", "refused a client's change: " + refused);
        }
    }

    /** Takes a change of this node's own keys, of a route or a client. */
    public Actions put(String key, byte[] value, long ttlMs, long nowMs) {
        begin(nowMs);
        String refused = set(key, value, ttlMs == 0 ? 0 : nowMs + ttlMs, uuid());
        if (!refused.isEmpty()) {
            context.actions.warn("refused", refused);
        }
        return context.actions;
    }

    /** Sets a key if this node owns it; returns why not, or empty. */
    private String set(String key, byte[] value, long expiresMs, byte[] uuid) {
        String owner = context.topology.owner(key);
        if (!context.self.node().equals(owner)) {
            return "the owner of " + key + " is " + owner + ", not " + context.self.node();
        }
        if (!context.active) {
            return context.self.id() + " is passive";
        }
        if (key.length() > 512 || key.startsWith("$") || ClusteredHashmap.HUGZ.equals(key)) {
            return "a key has at most 512 characters and does not begin with $: " + key;
        }
        if (value.length > context.settings.valueBytesMax()) {
            return key + " has " + value.length + " octets, more than bactrian.federation.value.bytesMax allows";
        }
        StateEntry former = context.state.get(key);
        if (former == null && context.state.size() >= context.settings.keysMax()) {
            return "the state has its " + context.settings.keysMax() + " keys, see bactrian.federation.keys.max";
        }
        if (former != null && uuid.length > 0 && Arrays.equals(former.uuid(), uuid)) {
            return "";
        }
        if (former == null && value.length == 0) {
            return "";
        }
        change(key, value, expiresMs, uuid);
        return "";
    }

    private void change(String key, byte[] value, long expiresMs, byte[] uuid) {
        String owner = context.self.node();
        Version head = context.state.head(owner);
        StateEntry unsigned =
                new StateEntry(key, owner, new Version(context.epoch, head.number() + 1), uuid, expiresMs, value, "");
        StateEntry entry = unsigned.with(context.signatures.sign(unsigned.signed()));
        context.state.apply(entry, head);
        context.actions.records().add(new StateRecord.Put(entry));
        context.spread(List.of(entry), Map.of(owner, head));
        expireLater(entry);
    }

    private void expireLater(StateEntry entry) {
        if (entry.expiresMs() > 0) {
            expiring.computeIfAbsent(entry.expiresMs(), ms -> new ArrayList<>()).add(entry);
        }
    }

    /** What the actors of the federation itself do; others are for routes. */
    private @Nullable Reply run(Command command, long nowMs) {
        if (command.to().actor().equals(STATE_ACTOR)) {
            SetRequest request = SetRequest.read(command.body());
            if (delegated.contains(request.key())) {
                if (!context.active) {
                    return desk.failed(command, context.self.id() + " is passive");
                }
                context.actions.deliveries().add(command);
                return null;
            }
            String refused = set(
                    request.key(), request.value(), request.ttlMs() == 0 ? 0 : nowMs + request.ttlMs(), command.uuid());
            return refused.isEmpty() ? desk.done(command, request.key()) : desk.failed(command, refused);
        }
        if (command.to().actor().equals(PAIR_ACTOR)) {
            String refused = pair.switchOver(nowMs);
            return refused.isEmpty() ? desk.done(command, "switched") : desk.failed(command, refused);
        }
        if (command.to().actor().equals(ALARM_ACTOR)) {
            String refused = alarms.acknowledge(
                    ClusteredHashmap.text(command.body()), command.from().toString(), nowMs);
            return refused.isEmpty() ? desk.done(command, "acknowledged") : desk.failed(command, refused);
        }
        context.actions.deliveries().add(command);
        return null;
    }

    /** Sends a command of an actor of this node. */
    public Actions send(
            byte[] uuid, String fromActor, String to, boolean dialog, long lifeMs, byte[] body, long nowMs) {
        begin(nowMs);
        Address from = Address.parse(fromActor, context.self.node());
        desk.send(
                desk.command(uuid, from, Address.parse(to, context.self.node()), dialog, nowMs, lifeMs, body),
                ReturnPath.HERE,
                nowMs);
        return context.actions;
    }

    /** Sends the answer of an actor of this node to a command that was delivered. */
    public Actions answer(Command command, boolean done, byte[] body, long nowMs) {
        begin(nowMs);
        desk.answer(new Reply(command.uuid(), context.self.node(), command.from(), done, 0, body, ""));
        return context.actions;
    }

    /** Time has passed: heartbeats, silence, expiry. */
    public Actions tick(long nowMs) {
        begin(nowMs);
        expire(nowMs);
        desk.tick(nowMs);
        history.serve(nowMs);
        if (nowMs >= tickedMs && nowMs - tickedMs < context.settings.heartbeatMs()) {
            return context.actions;
        }
        tickedMs = nowMs;
        inactivity(nowMs);
        for (Link link : context.links()) {
            silence(link, nowMs);
            boolean pings = link.door == Door.SOUTH;
            if (pings) {
                link.pingSequence++;
                link.pingMs = nowMs;
                heartbeat(link, link.pingSequence, nowMs);
            } else if (!link.up) {
                heartbeat(link, 0, nowMs);
            }
        }
        if (!context.active) {
            return context.actions;
        }
        context.actions
                .outgoing()
                .add(new Outgoing(
                        Door.PUBLISH,
                        ClusteredHashmap.EMPTY,
                        ClusteredHashmap.frames(
                                ClusteredHashmap.HUGZ, 0, ClusteredHashmap.EMPTY, Map.of(), ClusteredHashmap.EMPTY)));
        return context.actions;
    }

    /** A neighbouring pair of which no process acts is an alarm, also if both are heard. */
    private void inactivity(long nowMs) {
        for (Link link : context.links()) {
            String node = link.node();
            boolean first = link.member.place().equals("primary") && link.side != Link.Side.PEER;
            if (first && context.links().stream().anyMatch(other -> other.node().equals(node) && other.up)) {
                boolean acts = context.linkTo(node).isPresent();
                if (acts) {
                    link.inactiveSinceMs = nowMs;
                    alarms.close(link.inactiveAlarm, "a process of " + node + " acts again", nowMs);
                } else if (nowMs - link.inactiveSinceMs > context.settings.silentMs()) {
                    alarms.open(link.inactiveAlarm, "no process of " + node + " acts", nowMs);
                }
            }
        }
    }

    private void silence(Link link, long nowMs) {
        long sinceMs = link.up ? link.heardMs : link.silentSinceMs;
        if (nowMs < sinceMs) {
            link.heardMs = nowMs;
            link.silentSinceMs = nowMs;
        } else if (nowMs - sinceMs > context.settings.silentMs()) {
            if (link.up) {
                link.up = false;
                link.silentSinceMs = link.heardMs;
                link.delayMs = -1;
                link.endSync();
                context.actions.note("neighbour-down", link.member.id() + " is silent");
            }
            alarms.open(
                    link.alarm, link.member.id() + " is silent, " + context.self.id() + " goes on without it", nowMs);
        } else if (link.up) {
            // An alarm may have come back with keys that had been lost.
            alarms.close(link.alarm, link.member.id() + " is heard again", nowMs);
        }
    }

    private void expire(long nowMs) {
        while (!expiring.isEmpty() && expiring.firstKey() <= nowMs && context.active) {
            for (StateEntry entry : expiring.pollFirstEntry().getValue()) {
                StateEntry now = context.state.get(entry.key());
                if (now != null && now.version().equals(entry.version())) {
                    change(entry.key(), ClusteredHashmap.EMPTY, 0, uuid());
                }
            }
        }
    }

    private byte[] uuid() {
        byte[] uuid = new byte[UUID_BYTES];
        random.nextBytes(uuid);
        return uuid;
    }
}
