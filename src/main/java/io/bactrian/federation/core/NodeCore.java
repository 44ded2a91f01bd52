package io.bactrian.federation.core;

import io.bactrian.federation.core.ActorCommand.Address;
import io.bactrian.federation.core.ClusteredHashmap.KeyValue;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * One process of a node of the federation: takes messages and the time, and gives what is to be kept and sent. The time only
 * moves on, also if the wall clock is set. For one thread. Nothing here waits: a neighbour that is away is asked again
 * when it is heard.
 */
public final class NodeCore {
    /** The actor that sets keys of this node. */
    public static final String STATE_ACTOR = "state";
    /** The actor that acknowledges alarms of this node. */
    public static final String ALARM_ACTOR = "alarms";

    /** The actor that has the other process of a pair act. */
    public static final String PAIR_ACTOR = "pair";

    private static final int UUID_BYTES = 16;

    private final NodeContext context;
    private final StateExchange exchange;
    private final CommandDesk desk;
    private final AlarmBook alarms;
    private final PairDuty pair;
    private final HistoryExchange history;
    private final OwnKeys own;
    private final Ownership ownership;
    private final Neighbours neighbours;
    private final ClientDesk clients;
    private final ClientSnapshots snapshots;
    private final Random random;
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
        this.own = new OwnKeys(context, this::uuid);
        this.ownership = new Ownership(context, own);
        this.neighbours = new Neighbours(context, exchange, alarms, pair, nowMs);
        this.snapshots = new ClientSnapshots(context);
        this.clients = new ClientDesk(context, desk, own, pair, snapshots);
        this.random = random;
        this.history = new HistoryExchange(context, historyLog, this::uuid);
        this.tickedMs = nowMs - settings.heartbeatMs();
    }

    private void writeAlarm(String key, String value) {
        own.change(key, ClusteredHashmap.octets(value), 0, uuid());
        history.add(key, Double.NaN, value);
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

    /** How many records of a process the history has here. */
    public long historyRecords(String process) {
        return history.records(process);
    }

    /** How many alarms of all nodes are not closed. */
    public int openAlarms() {
        return (int) context.state.startingWith("").stream()
                .filter(AlarmBook::isOpen)
                .count();
    }

    /** The neighbouring processes that are heard. */
    public List<String> reachable() {
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
        history.add(name, value, text);
        return context.actions;
    }

    /**
     * Begins: a new epoch as an owner, and the first greetings.
     *
     * @param former the topology with which this process ran last, null if that is not known
     */
    public Actions start(@Nullable Topology former, long nowMs) {
        begin(nowMs);
        StateVersion head = context.state.head(context.self.node());
        // Without a journal the clock makes the epoch differ from those that may have been lost.
        boolean first = context.epoch == 0;
        long known = first ? Math.max(nowMs - 1, head.epoch()) : Math.max(context.epoch, head.epoch());
        context.firstEpoch = first ? context.epochAfter(known) : context.firstEpoch;
        context.takeEpochAfter(known);
        history.start();
        desk.begin();
        own.start();
        ownership.conform(former);
        neighbours.closeOldAlarms();
        neighbours.tellAll();
        return context.actions;
    }

    /** Messages of this node were dropped: clients that wait for a snapshot do not get one with gaps, but have to ask again. */
    public void messagesDropped() {
        snapshots.drop();
    }

    /** By how much the wall clock, which people read and which is signed, is ahead of the times that are passed in. */
    public void wallAhead(long ms) {
        context.wallAheadMs = ms;
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
            StateVersion head = context.state.head(context.self.node());
            context.takeEpochAfter(Math.max(context.epoch, head.epoch()));
            boolean takeover = !head.equals(StateVersion.NONE) && !why.startsWith("at the start");
            byte[] place = ClusteredHashmap.octets(context.self.place());
            own.change(context.self.node() + ".active", place, 0, uuid());
            if (takeover) {
                alarms.happened(AlarmBook.FAILOVER, context.self.id() + " has taken over: " + why);
            }
            ownership.conform(null);
            desk.begin();
            neighbours.closeOldAlarms();
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
        Topology former = context.topology;
        context.topology = next;
        context.self = next.member(context.self.id());
        context.signatures = signatures;
        neighbours.change(nowMs);
        ownership.conform(former);
        neighbours.tellAll();
        return context.actions;
    }

    /** From now on commands to set these keys of this node go to an actor, which sets them when a field device has the value. */
    public void delegate(Collection<String> keys) {
        own.delegate(keys);
    }

    /** Takes the life sign of the active process from the field device of a pair; null if the device was not read. */
    public Actions lifeSign(@Nullable String value, long nowMs) {
        begin(nowMs);
        pair.lifeSign(value, nowMs);
        neighbours.tellIfDue();
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
            own.renew(prefix + Reach.STATUS, reached ? "reached" : Reach.UNREACHED);
            own.renew(prefix + Reach.POINTS, String.join("\n", keys));
            String alarm = AlarmBook.name("device", name);
            if (reached) {
                alarms.close(alarm, "the device " + name + " is reached");
            } else {
                alarms.open(alarm, "the device " + name + " of " + context.self.node() + " is not reached");
            }
        }
        return context.actions;
    }

    /** Somebody outside asks this process of a pair to act. */
    public Actions vote(String who, long nowMs) {
        begin(nowMs);
        pair.vote(who, nowMs);
        neighbours.tellIfDue();
        return context.actions;
    }

    /** Another topology cannot be taken over: that is an alarm, until one is. */
    public Actions refuse(String reasons, long nowMs) {
        begin(nowMs);
        neighbours.refused(reasons);
        return context.actions;
    }

    /** A connection to the parent, its backup or the peer has begun: what was under way on a former one may be lost. */
    public Actions connected(Door door, long nowMs) {
        begin(nowMs);
        neighbours.connected(door);
        return context.actions;
    }

    /** Takes a message from a neighbour or a client. */
    public Actions receive(Door door, byte[] routingId, List<byte[]> frames, long nowMs) {
        begin(nowMs);
        try {
            if (door == Door.CLIENTS) {
                clients.receive(routingId, frames, nowMs);
            } else if (door == Door.PUBLISH) {
                clients.update(ClusteredHashmap.read(frames, 0));
            } else {
                neighbour(door, routingId, frames, nowMs);
            }
        } catch (IllegalArgumentException e) {
            context.actions.warn("malformed", "refused a message at " + door + ": " + e.getMessage());
        } catch (RuntimeException e) {
            // What else has come with it, and before it, goes on.
            context.actions.warn("failed", "could not take a message at " + door + ": " + e);
        }
        neighbours.tellIfDue();
        return context.actions;
    }

    private void neighbour(Door door, byte[] routingId, List<byte[]> frames, long nowMs) {
        if (frames.size() % ClusteredHashmap.FRAMES != 0) {
            throw new IllegalArgumentException("neighbours send 5 frames for each key, not " + frames.size());
        }
        List<KeyValue> messages = new ArrayList<>(frames.size() / ClusteredHashmap.FRAMES);
        for (int i = 0; i < frames.size(); i += ClusteredHashmap.FRAMES) {
            messages.add(ClusteredHashmap.read(frames, i));
        }
        Link link = neighbours.link(door, routingId, messages.get(0));
        if (link == null) {
            context.actions.note("unknown-peer", "a message at " + door + " is of nobody that has greeted");
            if (door == Door.SOUTH) {
                neighbours.askToGreet(routingId);
            }
            return;
        }
        neighbours.received(link, nowMs);
        List<KeyValue> updates = new ArrayList<>();
        for (KeyValue message : messages) {
            if (!ClusteredHashmap.WORDS.contains(message.key())) {
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
            case ClusteredHashmap.HUGZ -> neighbours.heartbeat(link, message, nowMs);
            case ClusteredHashmap.ICANHAZ -> exchange.answer(link, message);
            case ClusteredHashmap.KTHXBAI -> snapshotEnds(link, message);
            case HistoryExchange.QUESTION -> history.question(link, message);
            case HistoryExchange.ANSWER -> history.answer(link, message, nowMs);
            case ActorCommand.NAME -> desk.receive(ActorCommand.read(message), link, nowMs);
            default -> desk.receive(CommandReply.read(message), link);
        }
    }

    private void snapshotEnds(Link link, KeyValue message) {
        boolean recover = message.property("recover").equals("true");
        List<StateEntry> since = recover ? own.all() : List.of();
        StateVersion before = context.state.head(context.self.node());
        exchange.complete(link, message);
        StateVersion head = context.state.head(context.self.node());
        if (recover && !head.equals(before)) {
            context.actions.warn("recovered", context.self.node() + " has its own keys back from " + link.member.id());
            context.firstEpoch = Math.min(context.firstEpoch, head.epoch());
            context.takeEpochAfter(Math.max(context.epoch, Math.max(before.epoch(), head.epoch())));
            // What was set meanwhile is newer than what was lost.
            since.forEach(own::changeAnew);
            neighbours.closeOldAlarms();
        }
    }

    /** Takes a change of this node's own keys, of a route or a client. */
    public Actions put(String key, byte[] value, long ttlMs, long nowMs) {
        begin(nowMs);
        String refused = own.set(key, value, expiresMs(ttlMs), uuid());
        if (!refused.isEmpty()) {
            context.actions.warn("refused", refused);
        }
        return context.actions;
    }

    private long expiresMs(long ttlMs) {
        return ttlMs == 0 ? 0 : context.wallMs() + ttlMs;
    }

    /** What the actors of the federation itself do; others are for routes. */
    private @Nullable CommandReply run(ActorCommand command, long nowMs) {
        if (command.to().actor().equals(STATE_ACTOR)) {
            SetRequest request = SetRequest.read(command.body());
            if (own.isDelegated(request.key())) {
                if (!context.active) {
                    return desk.failed(command, context.self.id() + " is passive");
                }
                context.actions.deliveries().add(command);
                return null;
            }
            String refused = own.set(request.key(), request.value(), expiresMs(request.ttlMs()), command.uuid());
            return refused.isEmpty() ? desk.done(command, request.key()) : desk.failed(command, refused);
        }
        if (command.to().actor().equals(PAIR_ACTOR)) {
            String refused = pair.switchOver(nowMs);
            return refused.isEmpty() ? desk.done(command, "switched") : desk.failed(command, refused);
        }
        if (command.to().actor().equals(ALARM_ACTOR)) {
            String refused = alarms.acknowledge(
                    ClusteredHashmap.text(command.body()), command.from().toString());
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
                desk.command(uuid, from, Address.parse(to, context.self.node()), dialog, lifeMs, body),
                ReturnPath.HERE,
                nowMs);
        return context.actions;
    }

    /** Sends the answer of an actor of this node to a command that was delivered. */
    public Actions answer(ActorCommand command, boolean done, byte[] body, long nowMs) {
        begin(nowMs);
        desk.answer(new CommandReply(command.uuid(), context.self.node(), command.from(), done, 0, body, ""));
        return context.actions;
    }

    /** Time has passed: heartbeats, silence, expiry. */
    public Actions tick(long nowMs) {
        begin(nowMs);
        own.expire();
        desk.tick(nowMs);
        history.serve(nowMs);
        snapshots.tick();
        if (nowMs >= tickedMs && nowMs - tickedMs < context.settings.heartbeatMs()) {
            return context.actions;
        }
        tickedMs = nowMs;
        neighbours.tick(nowMs);
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

    private byte[] uuid() {
        byte[] uuid = new byte[UUID_BYTES];
        random.nextBytes(uuid);
        return uuid;
    }
}
