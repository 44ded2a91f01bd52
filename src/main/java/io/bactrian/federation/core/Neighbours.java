package io.bactrian.federation.core;

import io.bactrian.federation.core.ClusteredHashmap.KeyValue;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The neighbouring processes: greetings, heartbeats, and alarms about those that are silent or do not act. For one thread.
 */
final class Neighbours {
    private final NodeContext context;
    private final StateExchange exchange;
    private final AlarmBook alarms;
    private final PairDuty pair;
    private final Map<ByteBuffer, Link> byRoutingId = new HashMap<>();
    /** What the peer raises when it does not hear this process. */
    private final String ownAlarm;

    private boolean listens;
    private boolean refuses;
    /** When this node has last asked for its own keys. */
    private long recoveringMs;

    Neighbours(NodeContext context, StateExchange exchange, AlarmBook alarms, PairDuty pair, long nowMs) {
        this.context = context;
        this.exchange = exchange;
        this.alarms = alarms;
        this.pair = pair;
        this.ownAlarm = AlarmBook.name(AlarmBook.SILENT, context.self.id());
        this.recoveringMs = nowMs - context.settings.heartbeatMs();
        makeLinks(nowMs);
    }

    private void makeLinks(long nowMs) {
        TopologyNode node = context.node();
        if (!node.parent().isEmpty()) {
            List<Member> parents = context.topology.node(node.parent()).members();
            for (int i = 0; i < parents.size(); i++) {
                addLink(parents.get(i), Link.LinkSide.PARENT, i == 0 ? Door.PARENT : Door.PARENT_BACKUP, nowMs);
            }
        }
        for (String child : node.children()) {
            context.topology
                    .node(child)
                    .members()
                    .forEach(member -> addLink(member, Link.LinkSide.CHILD, Door.SOUTH, nowMs));
        }
        for (Member member : node.members()) {
            if (!member.id().equals(context.self.id())) {
                boolean primary = context.self.place().equals("primary");
                addLink(member, Link.LinkSide.PEER, primary ? Door.SOUTH : Door.PEER, nowMs);
            }
        }
    }

    private void addLink(Member member, Link.LinkSide side, Door door, long nowMs) {
        context.links.put(member.id(), new Link(member, side, door, nowMs));
    }

    /**
     * Closes the alarms that are about no neighbour any more, and what a process has refused before it began; what the other one
     * of a pair has refused stays.
     */
    void closeOldAlarms() {
        Set<String> names = new HashSet<>();
        for (Link link : context.links()) {
            names.addAll(List.of(link.alarm, link.inactiveAlarm, link.topologyAlarm));
            if (link.side == Link.LinkSide.PEER) {
                names.add(AlarmBook.refusal(link.member.id()));
            }
        }
        if (refuses) {
            names.add(AlarmBook.refusal(context.self.id()));
        }
        alarms.closeOthers(names);
    }

    /** This process goes on with its topology, as it cannot take another one over. */
    void refused(String reasons) {
        refuses = true;
        alarms.open(
                AlarmBook.refusal(context.self.id()),
                context.self.id() + " cannot take the changed topology over: " + reasons);
    }

    /** Goes on with the neighbours of another topology. */
    void change(long nowMs) {
        refuses = false;
        Map<String, Link> former = new LinkedHashMap<>(context.links);
        context.links.clear();
        makeLinks(nowMs);
        former.forEach((id, link) -> {
            Link made = context.links.get(id);
            if (made == null || made.door != link.door) {
                byRoutingId.remove(ByteBuffer.wrap(link.routingId));
            } else {
                link.member = made.member;
                context.links.put(id, link);
            }
        });
        closeOldAlarms();
    }

    /** The link of whoever sends; null if it has not greeted as it should. */
    @Nullable Link link(Door door, byte[] routingId, KeyValue first) {
        if (door != Door.SOUTH) {
            for (Link link : context.links()) {
                if (link.door == door) {
                    return link;
                }
            }
            return null;
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
                || Math.abs(context.wallMs() - Long.parseLong(first.property("sent")))
                        > context.settings.commandAgeMaxMs()) {
            context.actions.warn("bad-signature", "refused a greeting that is not signed by " + link.member.id());
            return null;
        }
        byRoutingId.remove(ByteBuffer.wrap(link.routingId));
        link.routingId = routingId;
        link.begin();
        byRoutingId.put(id, link);
        if (link.up) {
            // It waits for that.
            heartbeat(link, 0);
        }
        return link;
    }

    /** A child that was connected before this node was restarted does not know that it must greet again. */
    void askToGreet(byte[] routingId) {
        context.actions
                .outgoing()
                .add(new Outgoing(
                        Door.SOUTH,
                        routingId,
                        ClusteredHashmap.frames(
                                ClusteredHashmap.HUGZ,
                                0,
                                ClusteredHashmap.EMPTY,
                                Map.of("greet", "true"),
                                ClusteredHashmap.EMPTY)));
    }

    /** Tells them what this process has, if something has come that they do not know of. */
    void tellIfDue() {
        if (context.heartbeatsDue) {
            context.heartbeatsDue = false;
            tellAll();
        }
    }

    private byte[] hello(KeyValue message) {
        return hello(message.property("member"), message.property("sent"), context.self.id());
    }

    private static byte[] hello(String member, String sent, String receiver) {
        return ClusteredHashmap.octets("hello\n" + member + "\n" + sent + "\n" + receiver);
    }

    /** A neighbour has sent something. */
    void received(Link link, long nowMs) {
        link.heardMs = nowMs;
        link.greets = false;
        if (!link.up) {
            link.up = true;
            link.begin();
            context.actions.note("neighbour-up", link.member.id() + " is heard");
            alarms.close(link.alarm, link.member.id() + " is heard again");
            heartbeat(link, 0);
        }
    }

    /** A connection upwards has begun. */
    void connected(Door door) {
        context.links().stream().filter(link -> link.door == door).forEach(this::greet);
    }

    /** With the next heartbeats, until it is heard, the neighbour is told who this is. */
    private void greet(Link link) {
        link.begin();
        link.greets = true;
        heartbeat(link, 0);
    }

    /** A neighbour says how it is, and what it has. */
    void heartbeat(Link link, KeyValue message, long nowMs) {
        if (message.property("greet").equals("true")) {
            greet(link);
            return;
        }
        boolean answer = message.property("answer").equals("true");
        if (answer && message.sequence() == link.pingSequence) {
            link.delayMs = nowMs - link.pingMs;
        }
        link.active = message.property("active").equals("true");
        if (exchange.agrees(message)) {
            link.agreedMs = nowMs;
            alarms.close(link.topologyAlarm, link.member.id() + " has the same topology again");
        } else if (nowMs - link.agreedMs > context.settings.silentMs()) {
            alarms.open(
                    link.topologyAlarm,
                    link.member.id()
                            + " has another topology, in which others own some keys: until both have the same, what"
                            + " is missing between the two is not made up for");
        }
        if (link.side == Link.LinkSide.PEER) {
            pair.peer(message, nowMs);
        } else if (message.property("vote").equals("true")) {
            pair.vote(link.member.id(), nowMs);
        }
        if (!answer && message.sequence() > 0) {
            send(link, message.sequence(), true);
        }
        if (!link.active) {
            return;
        }
        String own = message.property("own");
        if (context.active && !own.isEmpty() && lost(StateVersion.parse(own))) {
            link.greeted = false;
            // Two that act without hearing each other would have each other's keys back as fast as the network can.
            boolean again = nowMs - recoveringMs < context.settings.heartbeatMs();
            if (!again && recoversFrom(link) && !exchange.underWay(link, nowMs)) {
                recoveringMs = nowMs;
                exchange.ask(link, true, nowMs);
            }
            return;
        }
        link.greeted = true;
        exchange.compare(link, Long.parseLong(message.property("hash")), nowMs);
    }

    /** A node that has lost its keys has them back from a neighbour that keeps them all, if there is one. */
    private boolean recoversFrom(Link link) {
        String self = context.self.node();
        return context.topology.keepsAllOf(link.node(), self)
                || context.links().stream().noneMatch(other -> context.topology.keepsAllOf(other.node(), self));
    }

    /** Whether a neighbour knows changes of this node that this node has not: its disk was lost, or is an old copy. */
    private boolean lost(StateVersion known) {
        StateVersion head = context.state.head(context.self.node());
        if (!NodeContext.plausible(known, head)) {
            context.actions.warn("implausible", "passed over that " + context.self.node() + " is at " + known);
            return false;
        }
        return known.epoch() < context.firstEpoch || known.after(head);
    }

    private void heartbeat(Link link, long sequence) {
        send(link, sequence, false);
    }

    private void send(Link link, long sequence, boolean answer) {
        Map<String, String> properties = new LinkedHashMap<>();
        properties.put("member", context.self.id());
        properties.put("active", Boolean.toString(context.active));
        properties.put("answer", Boolean.toString(answer));
        if (link.side == Link.LinkSide.PEER) {
            pair.describe(properties);
        } else if (votes(link)) {
            properties.put("vote", "true");
        }
        properties.put("hash", Long.toString(exchange.outgoingHash(link)));
        properties.put(StateExchange.OWNERSHIP, context.topology.ownership());
        StateVersion theirs = context.state.head(link.node());
        if (context.active && link.side != Link.LinkSide.PEER && !theirs.equals(StateVersion.NONE)) {
            properties.put("own", theirs.toString());
        }
        if (link.door != Door.SOUTH && (link.greets || !link.up)) {
            String sent = Long.toString(context.wallMs());
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

    /** All neighbours hear now of what this process has. */
    void tellAll() {
        context.links().forEach(link -> heartbeat(link, 0));
    }

    /** An interval of heartbeats is over: who is silent, and pings. */
    void tick(long nowMs) {
        if (!listens) {
            // What went by while sockets and routes were started was nobody's silence.
            listens = true;
            context.links().forEach(link -> link.listen(nowMs));
        }
        inactivity(nowMs);
        if (context.active) {
            // The peer may have raised it while it acted, and not have come to close it.
            alarms.close(ownAlarm, context.self.id() + " acts");
        }
        for (Link link : context.links()) {
            silence(link, nowMs);
            boolean pings = link.door == Door.SOUTH;
            if (pings) {
                link.pingSequence++;
                link.pingMs = nowMs;
                heartbeat(link, link.pingSequence);
            } else if (link.greets || !link.up) {
                heartbeat(link, 0);
            }
        }
    }

    /** A neighbouring pair of which no process acts is an alarm, also if both are heard. */
    private void inactivity(long nowMs) {
        for (Link link : context.links()) {
            String node = link.node();
            boolean first = link.member.place().equals("primary") && link.side != Link.LinkSide.PEER;
            if (first && context.links().stream().anyMatch(other -> other.node().equals(node) && other.up)) {
                boolean acts = context.linkTo(node).isPresent();
                if (acts) {
                    link.inactiveSinceMs = nowMs;
                    alarms.close(link.inactiveAlarm, "a process of " + node + " acts again");
                } else if (nowMs - link.inactiveSinceMs > context.settings.silentMs()) {
                    alarms.open(link.inactiveAlarm, "no process of " + node + " acts");
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
            alarms.open(link.alarm, link.member.id() + " is silent, " + context.self.id() + " goes on without it");
        } else if (link.up) {
            // An alarm may have come back with keys that had been lost.
            alarms.close(link.alarm, link.member.id() + " is heard again");
        }
    }
}
