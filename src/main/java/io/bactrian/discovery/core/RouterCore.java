package io.bactrian.discovery.core;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A router: it registers nodes and watches those in its care, finds out which other routers live, and shares all it knows
 * with them. An event comes in by one of the methods with the time, and the actions are what {@link #drain} gives after it.
 * One thread at a time.
 *
 * <p>Each router writes only entries of its own care, so the replicas of all routers become equal in whatever order messages
 * arrive; see {@link RegistryEntry}. Time is in milliseconds of a clock that never goes back.
 */
public final class RouterCore {
    /** After a tick that comes so much too late this process did not run. */
    private static final long STALLED_MS = 250;
    /** Time is never looked at more often. */
    private static final long TICK_MIN_MS = 10;

    private static final int DATAGRAMS_AT_ONCE = 4;
    private static final long REGROUP_MS = 200;
    /** So many pieces of work make the pause after a decision a millisecond longer: other things are done, too. */
    private static final int WORK_A_MS = 20;
    /** Nodes name one piece of work in the middle, their own, and some of them more. */
    private static final int WORK_A_NODE = 4;

    private static final long EXPIRE_MS = 1_000;

    private final Self self;
    private final long selfHash;
    private final RouterSettings settings;
    private final Random random;
    private final Rules rules;
    private final ActionList outbox = new ActionList();
    private final ClusterState state;
    private final NewsPacker news;
    private final FailureDetector detector;
    private final AntiEntropy antiEntropy;
    private final OwnNodes own;
    private final Assigner assigner;
    private long lastTickMs;
    private long nextGossipMs;
    private long nextRegroupMs;
    private long nextExpireMs;
    private long stalls;
    private long ticks;

    /**
     * A router that starts.
     *
     * @param seeds {@code host:port} of other routers, to find the first of them
     */
    public RouterCore(Self self, RouterSettings settings, List<String> seeds, Random random, long nowMs) {
        this(self, settings, seeds, random, nowMs, Rules.STANDARD);
    }

    /** With rules that a test has broken. */
    RouterCore(Self self, RouterSettings settings, List<String> seeds, Random random, long nowMs, Rules rules) {
        this.self = self;
        selfHash = Hashes.of(self.id());
        this.rules = rules;
        this.settings = settings;
        this.random = random;
        state = new ClusterState(self.id(), settings, outbox);
        news = new NewsPacker(settings, state);
        detector = new FailureDetector(self.id(), settings, state, outbox, random, news, rules);
        antiEntropy = new AntiEntropy(self.id(), settings, state, outbox, random, news, seeds, rules, nowMs);
        own = new OwnNodes(self.id(), self.incarnation(), settings, state, outbox, random, rules);
        assigner = new Assigner(settings.handback());
        lastTickMs = nowMs;
        Content.Router router = new Content.Router(
                self.id(), self.gossip(), self.register(), self.publications(), RouterState.ALIVE, self.id());
        state.put(RegistryEntry.router(router, self.incarnation(), 0), true, nowMs);
    }

    /** The actions since the last call. */
    public List<Action> drain() {
        return outbox.drain();
    }

    /** Registers a node or refreshes its lease. @throws RequestRefusedException with the reason */
    public void register(Registration node, long nowMs) {
        own.register(node, nowMs);
    }

    /** Takes a node out; false if it is not in the care of this router. @throws RequestRefusedException if it is another's */
    public boolean deregister(String id, String instance, long nowMs) {
        return own.deregister(id, instance, nowMs);
    }

    /** Takes a node back that this router had in its care before a restart. */
    public void restore(Registration node, NodeStatus status, long firstSeenMs, long nowMs) {
        own.restore(new Content.Sighting(self.id(), node, status, firstSeenMs), nowMs);
    }

    /** Introduces this router at an address that was heard of, by a beacon say. */
    public void meet(String gossipAddress) {
        for (Content.Router router : state.others()) {
            if (router.gossip().equals(gossipAddress)) {
                return;
            }
        }
        antiEntropy.join(gossipAddress);
    }

    /** Tells the others that this router goes; what it had in its care is left to them. */
    public void leave(long nowMs) {
        RegistryEntry entry = state.router(self.id());
        if (entry == null) {
            return;
        }
        Content.Router left = ClusterState.content(entry).with(RouterState.LEFT, self.id());
        RegistryEntry last = RegistryEntry.router(left, entry.version(), nowMs);
        state.put(last, false, nowMs);
        for (Content.Router other : state.others()) {
            outbox.send(other.gossip(), new RouterMessage.Gossip(self.id(), List.of(last)));
        }
    }

    /**
     * When {@link #tick} is to be called next if nothing comes before. An event may make it sooner. A call that comes much too
     * late tells that this process did not run.
     */
    public long dueMs() {
        long dueMs = Math.min(detector.dueMs(lastTickMs), own.dueMs());
        dueMs = Math.min(dueMs, Math.min(antiEntropy.dueMs(), nextExpireMs));
        if (state.groupsChanged() || !state.orphans().isEmpty()) {
            dueMs = Math.min(dueMs, nextRegroupMs);
        }
        if (!state.broadcasts().isEmpty()) {
            dueMs = Math.min(dueMs, nextGossipMs);
        }
        return Math.max(dueMs, lastTickMs + TICK_MIN_MS);
    }

    /** Time passes; to be called at {@link #dueMs}, or sooner. */
    public void tick(long nowMs) {
        long lateMs = nowMs - dueMs();
        if (ticks > 0 && lateMs > STALLED_MS) {
            stalls++;
            detector.forgetWaiting(lateMs, nowMs);
            own.forgive(lateMs);
        }
        ticks++;
        lastTickMs = nowMs;
        detector.tick(nowMs);
        own.tick(nowMs);
        antiEntropy.tick(nowMs);
        if (nowMs >= nextExpireMs) {
            nextExpireMs = nowMs + EXPIRE_MS;
            state.expire(nowMs);
            own.forgetEnded();
        }
        if (nowMs >= nextRegroupMs) {
            nextRegroupMs = nowMs + REGROUP_MS;
            lookAfterOrphans(nowMs);
            if (antiEntropy.caughtUp(nowMs) || !rules.catchesUp()) {
                nextRegroupMs += regroup(nowMs) / WORK_A_MS;
            }
        }
        if (nowMs >= nextGossipMs && !state.broadcasts().isEmpty()) {
            nextGossipMs = nowMs + settings.gossipIntervalMs();
            gossip();
        }
    }

    private void gossip() {
        List<Content.Router> others = new ArrayList<>(state.others());
        for (int i = 0; i < settings.fanout() && !others.isEmpty(); i++) {
            Content.Router to = others.remove(random.nextInt(others.size()));
            // Each piece of news once to each of them, however many datagrams that takes.
            for (List<RegistryEntry> part : news.several(DATAGRAMS_AT_ONCE)) {
                outbox.send(to.gossip(), new RouterMessage.Gossip(self.id(), part));
            }
        }
    }

    private void lookAfterOrphans(long nowMs) {
        for (String id : List.copyOf(state.orphans())) {
            state.retell(id, nowMs);
            NodeView view = state.view(id, nowMs);
            if (view != null
                    && view.status() == NodeStatus.SUSPECT
                    && view.node().pingPort() != 0
                    && chosen(id).equals(self.id())) {
                own.adopt(view.node(), view.firstSeenMs(), nowMs);
            }
        }
    }

    /** The member with the highest weight for a key. */
    private String chosen(String key) {
        long keyHash = Hashes.of(key);
        String best = self.id();
        long most = Hashes.weight(keyHash, selfHash);
        long[] hashes = state.otherHashes();
        for (int i = 0; i < hashes.length; i++) {
            long weight = Hashes.weight(keyHash, hashes[i]);
            if (Long.compareUnsigned(weight, most) > 0) {
                best = state.others().get(i).id();
                most = weight;
            }
        }
        return best;
    }

    /** Returns how much work there was to decide on. */
    private int regroup(long nowMs) {
        int works = 0;
        for (String group : state.takeChangedGroups()) {
            if (!chosen(group).equals(self.id())) {
                continue;
            }
            List<NodeView> members = new ArrayList<>();
            for (String id : state.ofGroup(group)) {
                NodeView view = state.view(id, nowMs);
                if (view != null) {
                    members.add(view);
                }
            }
            works += decide(group, members, nowMs);
        }
        return works;
    }

    private int decide(String group, List<NodeView> members, long nowMs) {
        Map<String, RegistryEntry> entries = new TreeMap<>(state.assignments(group));
        Map<String, String> holders = new TreeMap<>();
        entries.forEach((work, entry) -> holders.put(work, ((Content.Assignment) entry.content()).holder()));
        Map<String, String> decided = assigner.decide(members, holders);
        for (Map.Entry<String, String> one : decided.entrySet()) {
            String former = holders.getOrDefault(one.getKey(), "");
            RegistryEntry before = entries.get(one.getKey());
            if (before == null && !one.getValue().isEmpty() && !workFits()) {
                break;
            }
            if (before == null ? !one.getValue().isEmpty() : !former.equals(one.getValue())) {
                assign(group, one.getKey(), one.getValue(), former, before, nowMs);
            }
        }
        for (Map.Entry<String, RegistryEntry> old : entries.entrySet()) {
            String former = holders.getOrDefault(old.getKey(), "");
            if (!decided.containsKey(old.getKey()) && !former.isEmpty()) {
                assign(group, old.getKey(), "", former, old.getValue(), nowMs);
            }
        }
        return decided.size();
    }

    private void assign(
            String group, String work, String holder, String former, @Nullable RegistryEntry before, long nowMs) {
        long version = before == null ? 1 : before.version() + 1;
        Content.Assignment assignment = new Content.Assignment(group, work, holder, former);
        state.put(RegistryEntry.assignment(assignment, version, self.id(), holder.isEmpty() ? nowMs : 0), true, nowMs);
    }

    /**
     * A datagram of another router.
     *
     * @param from {@code host:port} where it came from, and where an answer goes
     */
    public void receive(String from, RouterMessage message, long nowMs) {
        if (message.from().equals(self.id())) {
            detector.heardOfTwin(message);
            return;
        }
        if (message instanceof RouterMessage.Beat beat) {
            detector.beat(beat, nowMs);
            introduce(beat.from(), from);
        } else if (message instanceof RouterMessage.Ping ping) {
            take(ping.entries(), true, nowMs);
            detector.ping(ping, from);
            introduce(ping.from(), from);
        } else if (message instanceof RouterMessage.Ack ack) {
            take(ack.entries(), true, nowMs);
            detector.ack(ack, nowMs);
        } else if (message instanceof RouterMessage.ProbeRequest request) {
            take(request.entries(), true, nowMs);
            detector.probeRequest(request, from, nowMs);
        } else if (message instanceof RouterMessage.Nack nack) {
            detector.nack(nack);
        } else if (message instanceof RouterMessage.Gossip gossip) {
            take(gossip.entries(), true, nowMs);
        } else if (message instanceof RouterMessage.State sent) {
            take(sent.entries(), false, nowMs);
        } else if (message instanceof RouterMessage.CheckNode check) {
            if (state.member(check.from())) {
                outbox.add(new Action.CheckNode(from, check.seq(), check.node(), check.address(), check.text()));
            }
        } else if (message instanceof RouterMessage.NodeAnswered answered) {
            own.answered(answered.node(), -1, nowMs);
        } else {
            compare(from, message, nowMs);
        }
    }

    private void compare(String from, RouterMessage message, long nowMs) {
        if (message instanceof RouterMessage.Root root) {
            antiEntropy.root(root, from, nowMs);
        } else if (message instanceof RouterMessage.Buckets buckets) {
            antiEntropy.buckets(buckets, from, nowMs);
        } else if (message instanceof RouterMessage.Keys keys) {
            antiEntropy.keys(keys, from);
        } else if (message instanceof RouterMessage.Want want) {
            antiEntropy.want(want, from);
        }
    }

    /** Who is not known here is asked for what it knows, and so for itself. */
    private void introduce(String router, String address) {
        if (state.router(router) == null) {
            antiEntropy.join(address);
        }
    }

    private void take(Collection<RegistryEntry> entries, boolean passOn, long nowMs) {
        for (RegistryEntry entry : entries) {
            if (entry.endedMs() > 0 && nowMs - entry.endedMs() >= settings.tombstoneMs()) {
                continue;
            }
            if (entry.content() instanceof Content.Router) {
                detector.received(entry, nowMs);
            } else if (entry.content() instanceof Content.Sighting sighting) {
                take(entry, sighting, passOn, nowMs);
            } else {
                RegistryEntry known = state.replica().sameKey(entry);
                if (known == null ? workFits() : rules.wins(entry, known)) {
                    state.put(entry, passOn, nowMs);
                }
            }
        }
    }

    /** False, which is told, if no more work can be known. All routers have the same bound, so they know the same. */
    private boolean workFits() {
        int max = settings.nodesMax() * WORK_A_NODE;
        if (state.assignmentCount() < max) {
            return true;
        }
        outbox.add(new Action.Notice(
                "work-max",
                "assignments",
                "not more than " + max + " pieces of work are known; more is done by nobody"));
        return false;
    }

    private void take(RegistryEntry entry, Content.Sighting sighting, boolean passOn, long nowMs) {
        if (sighting.router().equals(self.id())) {
            own.receivedOwn(entry, nowMs);
            return;
        }
        RegistryEntry known = state.replica().sameKey(entry);
        if (known != null && !rules.wins(entry, known)) {
            return;
        }
        if (state.router(sighting.router()) == null) {
            return;
        }
        String id = sighting.node().id();
        if (known == null && !state.knowsNode(id) && state.nodeCount() >= settings.nodesMax()) {
            outbox.add(new Action.Notice("nodes-max", id, "not more than " + settings.nodesMax() + " nodes are known"));
            return;
        }
        state.put(entry, passOn, nowMs);
        own.heardOfOther(sighting, nowMs);
    }

    /** A ping that was asked for could not be sent yet, so nobody has missed it. */
    public void pingPutOff(String node) {
        own.putOff(node);
    }

    /** A node cannot be pinged, as there is no room for its connection: so its lease decides alone. */
    public void pingNotPossible(String node, long nowMs) {
        own.notPinged(node, nowMs);
    }

    /** A node has answered this router's ping. */
    public void pingAnswered(String node, long roundTripUs, long nowMs) {
        own.answered(node, roundTripUs, nowMs);
    }

    /** A node has answered the ping that another router asked for. */
    public void checkAnswered(Action.CheckNode check) {
        outbox.send(check.replyTo(), new RouterMessage.NodeAnswered(self.id(), check.seq(), check.node()));
    }

    /** All nodes that are known, by id. */
    public List<NodeView> nodes(long nowMs) {
        List<NodeView> all = new ArrayList<>();
        for (String id : new TreeMap<>(byId()).keySet()) {
            NodeView view = node(id, nowMs);
            if (view != null) {
                all.add(view);
            }
        }
        return all;
    }

    private Map<String, String> byId() {
        Map<String, String> ids = new TreeMap<>();
        state.nodeIds().forEach(id -> ids.put(id, id));
        return ids;
    }

    /** One node, null if it is not known. */
    public @Nullable NodeView node(String id, long nowMs) {
        NodeView view = state.view(id, nowMs);
        RoundTrips trips = own.roundTrips(id);
        return view == null || trips == null
                ? view
                : new NodeView(
                        view.node(),
                        view.status(),
                        view.routers(),
                        view.firstSeenMs(),
                        own.lastSeenMs(id),
                        trips.p50(),
                        trips.p99());
    }

    /** All routers that are known, this one included. */
    public List<Content.Router> routers() {
        return state.routers().stream()
                .map(ClusterState::content)
                .sorted(Comparator.comparing(Content.Router::id))
                .toList();
    }

    /** Returns the assignments: who does what, by group and work. */
    public List<Content.Assignment> assignments() {
        List<Content.Assignment> all = new ArrayList<>();
        for (Map<String, RegistryEntry> group : state.allAssignments()) {
            for (RegistryEntry entry : group.values()) {
                Content.Assignment assignment = (Content.Assignment) entry.content();
                if (!assignment.holder().isEmpty()) {
                    all.add(assignment);
                }
            }
        }
        all.sort(Comparator.comparing(Content.Assignment::group).thenComparing(Content.Assignment::coverage));
        return all;
    }

    /** The work that a node of a group does, in order. */
    public List<String> work(String group, String holder) {
        Map<String, RegistryEntry> all = new TreeMap<>(state.assignments(group));
        all.values()
                .removeIf(entry ->
                        !((Content.Assignment) entry.content()).holder().equals(holder));
        return List.copyOf(all.keySet());
    }

    /** The ids of the nodes in the care of this router. */
    public Set<String> inCare() {
        return Set.copyOf(own.ids());
    }

    /** The digest of all that is known: equal digests mean equal states. */
    public long digest() {
        return state.replica().root();
    }

    /** Returns the counts by name. */
    public Map<String, Long> figures() {
        Map<String, Long> figures = new TreeMap<>();
        figures.put("entries", (long) state.replica().size());
        figures.put("nodes", (long) state.nodeCount());
        figures.put("inCare", (long) own.size());
        figures.put("routers", (long) state.others().size() + 1);
        figures.put("newsWaiting", (long) state.broadcasts().size());
        figures.put("newsLeftOut", state.broadcasts().leftOut());
        figures.put("localHealth", (long) detector.localHealth());
        figures.put("routersSuspected", detector.suspected());
        figures.put("suspicionsRefuted", detector.refuted());
        figures.put("routersDeclaredDown", detector.declaredDown());
        figures.put("nodesSuspected", own.suspected());
        figures.put("nodesEvicted", own.evicted());
        figures.put("registrationsRefused", own.refusedRegistrations());
        figures.put("stalls", stalls);
        figures.put("ticks", ticks);
        return figures;
    }
}
