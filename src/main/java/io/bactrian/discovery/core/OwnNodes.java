package io.bactrian.discovery.core;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * The nodes in the care of this router: their leases and pings. Each is pinged at its own address and by its own timetable,
 * so none waits for another. Pings overlap: any answer counts, however late.
 */
final class OwnNodes {
    /** A node that is down is still pinged, but so many times less often. */
    private static final int DOWN_SLOWER = 10;

    private final String self;
    private final RouterSettings settings;
    private final ClusterState state;
    private final ActionList outbox;
    private final Random random;
    private final Rules rules;
    private final Map<String, Own> nodes = new HashMap<>();
    private final PriorityQueue<Due> timetable = new PriorityQueue<>();
    private long version;
    private long suspected;
    private long evicted;
    private long refusedRegistrations;

    /** A node, and when it is to be looked at. */
    private static final class Own {
        private Registration node;
        private NodeStatus status;
        private final long firstSeenMs;
        private long lastSeenMs;
        private int unanswered;
        private long dueMs;
        /** Its first entry in the timetable, not later than when it is due. */
        private long listedMs = Long.MAX_VALUE;

        private String pingAddress;
        private String pingText;
        private final RoundTrips roundTrips = new RoundTrips();

        private Own(Registration node, NodeStatus status, long firstSeenMs, long lastSeenMs) {
            this.node = node;
            pingAddress = node.pingAddress();
            pingText = "ping " + node.kind();
            this.status = status;
            this.firstSeenMs = firstSeenMs;
            this.lastSeenMs = lastSeenMs;
        }
    }

    private record Due(long atMs, Own own) implements Comparable<Due> {
        @Override
        public int compareTo(Due other) {
            return Long.compare(atMs, other.atMs);
        }
    }

    OwnNodes(
            String self,
            long incarnation,
            RouterSettings settings,
            ClusterState state,
            ActionList outbox,
            Random random,
            Rules rules) {
        this.self = self;
        this.settings = settings;
        this.state = state;
        this.outbox = outbox;
        this.random = random;
        this.rules = rules;
        version = incarnation << Integer.SIZE;
    }

    int size() {
        return nodes.size();
    }

    long suspected() {
        return suspected;
    }

    long evicted() {
        return evicted;
    }

    long refusedRegistrations() {
        return refusedRegistrations;
    }

    /**
     * Registers a node or refreshes its lease.
     *
     * @throws RequestRefusedException if it is too large, there is no room, or another node has its id
     */
    void register(Registration node, long nowMs) {
        Own own = nodes.get(node.id());
        try {
            admit(node, own);
        } catch (RequestRefusedException e) {
            refusedRegistrations++;
            throw e;
        }
        boolean known = own != null && own.status.live();
        if (own == null || !own.status.live()) {
            own = new Own(node, NodeStatus.JOINING, own == null ? nowMs : own.firstSeenMs, nowMs);
            nodes.put(node.id(), own);
        }
        boolean moved = !own.node.pingedLike(node);
        boolean changed = !known || !own.node.equals(node);
        if (changed) {
            own.node = node;
            own.pingAddress = node.pingAddress();
            own.pingText = "ping " + node.kind();
        }
        own.lastSeenMs = nowMs;
        NodeStatus status = own.status;
        if (node.pingPort() == 0) {
            status = NodeStatus.ACTIVE;
        } else if (moved) {
            status = NodeStatus.JOINING;
        }
        if (moved) {
            own.unanswered = 0;
        }
        if (changed || status != own.status) {
            own.status = status;
            tell(own, nowMs);
        }
        if (!known || moved) {
            // Not all at once after a start.
            due(own, nowMs + (node.pingPort() == 0 ? node.leaseMs() : 1));
        }
    }

    private void admit(Registration node, @Nullable Own own) {
        if (own == null || !own.node.equals(node)) {
            checkSize(node);
        }
        checkId(node);
        if (own == null && !state.knowsNode(node.id()) && state.nodeCount() >= settings.nodesMax()) {
            String text = "not more than " + settings.nodesMax() + " nodes can register";
            outbox.add(new Action.Notice("nodes-max", node.id(), text));
            throw new RequestRefusedException(text);
        }
    }

    private void checkSize(Registration node) {
        int octets = GossipCodec.encode(new Content.Sighting(self, node, NodeStatus.ACTIVE, 0)).length;
        int most = settings.datagramBytes() - NewsMargin.OCTETS;
        if (octets > most) {
            throw new RequestRefusedException("the registration takes " + octets + " octets, at most " + most);
        }
    }

    private void checkId(Registration node) {
        for (RegistryEntry entry : state.sightings(node.id())) {
            Content.Sighting other = ClusterState.sighting(entry);
            if (other.status().live()
                    && (other.router().equals(self) || state.member(other.router()))
                    && !node.sameNodeAs(other.node())) {
                String text = "the id is taken by a node at " + other.node().address()
                        + "; choose another, or wait until its lease ends";
                outbox.add(new Action.Notice("id-taken", node.id(), text + " (asked by " + node.address() + ")"));
                throw new RequestRefusedException(text);
            }
        }
    }

    /**
     * Takes a node out.
     *
     * @return false if it is not known here
     * @throws RequestRefusedException if it is another's
     */
    boolean deregister(String id, String instance, long nowMs) {
        Own own = nodes.get(id);
        if (own == null || !own.status.live()) {
            return false;
        }
        if (!instance.isEmpty() && !own.node.instance().equals(instance)) {
            throw new RequestRefusedException("the id belongs to another instance");
        }
        end(own, NodeStatus.LEFT, nowMs);
        return true;
    }

    /** Takes a node back that was in the care of this router before it was restarted; its lease begins anew. */
    void restore(Content.Sighting sighting, long nowMs) {
        if (!sighting.status().live()) {
            return;
        }
        Own own = new Own(sighting.node(), NodeStatus.SUSPECT, sighting.firstSeenMs(), nowMs);
        nodes.put(sighting.node().id(), own);
        tell(own, nowMs);
        due(own, nowMs + (own.node.pingPort() == 0 ? own.node.leaseMs() : 1));
    }

    /** Takes over the care of a node whose routers are gone. */
    void adopt(Registration node, long firstSeenMs, long nowMs) {
        if (nodes.containsKey(node.id()) && nodes.get(node.id()).status.live()) {
            return;
        }
        Own own = new Own(node, NodeStatus.SUSPECT, firstSeenMs, nowMs);
        nodes.put(node.id(), own);
        tell(own, nowMs);
        due(own, nowMs + 1);
    }

    /** After a time in which this process did not run: no node is blamed for it. */
    void forgive(long gapMs) {
        for (Own own : nodes.values()) {
            own.lastSeenMs += gapMs;
            own.unanswered = 0;
        }
    }

    void tick(long nowMs) {
        while (dueMs() <= nowMs) {
            Own own = timetable.remove().own();
            own.listedMs = Long.MAX_VALUE;
            if (nodes.get(own.node.id()) == own) {
                look(own, nowMs);
            }
        }
    }

    /** When the next node is to be looked at. */
    long dueMs() {
        while (!timetable.isEmpty()) {
            Due due = timetable.element();
            Own own = due.own();
            if (due.atMs() == own.dueMs) {
                return due.atMs();
            }
            timetable.remove();
            if (due.atMs() == own.listedMs) {
                list(own);
            }
        }
        return Long.MAX_VALUE;
    }

    /** An entry of the timetable that has become too early is put right when its time comes: answers move most of them. */
    private void due(Own own, long atMs) {
        own.dueMs = atMs;
        if (atMs < own.listedMs) {
            list(own);
        }
    }

    private void list(Own own) {
        own.listedMs = own.dueMs;
        timetable.add(new Due(own.dueMs, own));
    }

    private void look(Own own, long nowMs) {
        if (own.status == NodeStatus.LEFT) {
            return;
        }
        if (own.node.pingPort() == 0) {
            long endMs = own.lastSeenMs + own.node.leaseMs();
            if (own.status == NodeStatus.DOWN) {
                return;
            }
            if (nowMs >= endMs) {
                evicted++;
                end(own, NodeStatus.DOWN, nowMs);
            } else {
                due(own, endMs);
            }
            return;
        }
        ping(own, nowMs);
    }

    private void ping(Own own, long nowMs) {
        if (own.unanswered >= settings.pingAttempts() && own.status.live()) {
            evicted++;
            end(own, NodeStatus.DOWN, nowMs);
        } else if (own.unanswered >= settings.suspectAfter() && own.status == NodeStatus.ACTIVE) {
            suspected++;
            own.status = NodeStatus.SUSPECT;
            tell(own, nowMs);
        }
        outbox.add(new Action.PingNode(own.node.id(), own.pingAddress, own.pingText));
        if (own.unanswered > 0 && own.status.live() && rules.asksHelpers()) {
            askHelpers(own);
        }
        if (own.status == NodeStatus.DOWN) {
            due(own, nowMs + (long) settings.pingIntervalMs() * DOWN_SLOWER);
        } else {
            // Whether this one is answered is seen after the short time.
            // A tick that comes late does not delay the next ones.
            due(own, Math.max(own.dueMs, nowMs - settings.pingRetryMs()) + settings.pingRetryMs());
        }
        own.unanswered++;
    }

    private void askHelpers(Own own) {
        List<Content.Router> helpers = new ArrayList<>(state.others());
        for (int i = 0; i < settings.helpers() && !helpers.isEmpty(); i++) {
            Content.Router helper = helpers.remove(random.nextInt(helpers.size()));
            outbox.send(
                    helper.gossip(),
                    new RouterMessage.CheckNode(self, 0, own.node.id(), own.pingAddress, own.pingText));
        }
    }

    /** An answer to a ping of this router, or of a helper ({@code roundTripUs} is -1 then). */
    void answered(String id, long roundTripUs, long nowMs) {
        Own own = nodes.get(id);
        if (own == null || own.status == NodeStatus.LEFT || own.node.pingPort() == 0) {
            return;
        }
        if (roundTripUs >= 0) {
            own.roundTrips.add(roundTripUs);
        }
        own.lastSeenMs = nowMs;
        own.unanswered = 0;
        if (own.status != NodeStatus.ACTIVE) {
            own.status = NodeStatus.ACTIVE;
            tell(own, nowMs);
        }
        due(own, nowMs + settings.pingIntervalMs());
    }

    /** A ping was not sent: what was missed before counts, this one does not. */
    void putOff(String id) {
        Own own = nodes.get(id);
        if (own != null && own.unanswered > 0) {
            own.unanswered--;
        }
    }

    /** A node that can be pinged is not, as this router pings too many: its lease decides. */
    void notPinged(String id, long nowMs) {
        Own own = nodes.get(id);
        if (own == null || !own.status.live()) {
            return;
        }
        own.unanswered = 0;
        if (nowMs >= own.lastSeenMs + own.node.leaseMs()) {
            evicted++;
            end(own, NodeStatus.DOWN, nowMs);
            return;
        }
        if (own.status != NodeStatus.ACTIVE) {
            own.status = NodeStatus.ACTIVE;
            tell(own, nowMs);
        }
        due(own, nowMs + settings.pingIntervalMs());
    }

    private void end(Own own, NodeStatus status, long nowMs) {
        own.status = status;
        tell(own, nowMs);
    }

    private void tell(Own own, long nowMs) {
        Content.Sighting sighting = new Content.Sighting(self, own.node, own.status, own.firstSeenMs);
        state.put(RegistryEntry.sighting(sighting, ++version, own.status.ended() ? nowMs : 0), true, nowMs);
    }

    /** What other routers hold of this router's own care can be of an earlier life: then what is true is told anew. */
    void receivedOwn(RegistryEntry entry, long nowMs) {
        RegistryEntry own = state.replica().sameKey(entry);
        if (own != null && !entry.newerThan(own)) {
            return;
        }
        version = Math.max(version, entry.version());
        Content.Sighting said = ClusterState.sighting(entry);
        Own kept = nodes.get(said.node().id());
        if (kept != null && (kept.status != said.status() || !kept.node.equals(said.node()))) {
            tell(kept, nowMs);
        } else if (kept != null || said.status().ended()) {
            // It is true, or of no matter; to tell the same again would never end with a router that has the same id.
            state.put(entry, true, nowMs);
        } else {
            // It was in this router's care, so it is again: its pings or its lease will tell.
            restore(said, nowMs);
        }
    }

    /** A sighting of another router of a node that is in the care of this one, too. */
    void heardOfOther(Content.Sighting other, long nowMs) {
        Own own = nodes.get(other.node().id());
        if (own == null || !own.status.live()) {
            return;
        }
        if (other.status() == NodeStatus.LEFT && other.node().instance().equals(own.node.instance())) {
            end(own, NodeStatus.LEFT, nowMs);
        } else if (other.status().live()
                && !other.node().sameNodeAs(own.node)
                && state.member(other.router())
                && hasPriority(other, own)) {
            outbox.add(new Action.Notice(
                    "id-conflict",
                    own.node.id(),
                    "two nodes registered with it at once; the one at "
                            + other.node().address() + " keeps it, the one at " + own.node.address() + " does not"));
            end(own, NodeStatus.LEFT, nowMs);
        }
    }

    private static boolean hasPriority(Content.Sighting other, Own own) {
        return other.firstSeenMs() != own.firstSeenMs
                ? other.firstSeenMs() < own.firstSeenMs
                : other.node().instance().compareTo(own.node.instance()) < 0;
    }

    /** Forgets what the shared state has forgotten. */
    void forgetEnded() {
        nodes.values().removeIf(own -> own.status.ended() && !state.sees(own.node.id(), self));
    }

    /** When it was seen last, 0 if it is not in the care of this router. */
    long lastSeenMs(String id) {
        Own own = nodes.get(id);
        return own == null ? 0 : own.lastSeenMs;
    }

    @Nullable RoundTrips roundTrips(String id) {
        Own own = nodes.get(id);
        return own == null ? null : own.roundTrips;
    }

    Collection<String> ids() {
        return nodes.keySet();
    }
}
