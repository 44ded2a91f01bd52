package io.bactrian.simulation;

import io.bactrian.journal.log.Entry;
import io.bactrian.pair.core.LogHistory;
import io.bactrian.pair.core.PairMessage;
import io.bactrian.pair.core.PairNode;
import io.bactrian.pair.core.PeerStanding;
import io.bactrian.pair.core.Role;
import io.bactrian.pair.core.Side;
import io.bactrian.pair.core.Witness;
import io.bactrian.pair.core.WitnessRecord;
import io.bactrian.pubsub.core.DurableSubscriber;
import io.bactrian.pubsub.core.HubState;
import io.bactrian.wire.Batch;
import io.bactrian.wire.PatternKind;
import io.bactrian.wire.StartFrom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * One run of two hubs on a pair, of any {@link PairKind}, and publishers and subscribers: some seconds with faults, then
 * calm, in which everything must come to rest with every promise of that kind kept.
 *
 * <p>Links between the nodes and the witness are cut one way or both, and lose, double, delay and reorder; nodes are killed,
 * lose their power, die at a write, are held up and handed over from, and their clocks jump; the witness is away; clients are
 * killed and cut off.
 */
final class HubPairSimulation implements SimPairedHub.Around, Hubs {
    private static final long CALM_MS = 120_000;

    private static final int WITNESS = 2;

    /** What happened in a run. */
    record Outcome(long fingerprint, int takeovers, int moved, int deathsAtWrites, int messages) {}

    private final World world;
    private final Oracle oracle;
    private final PairNetwork network;
    private final PairFlaw flaw;
    private final PairKind kind;
    private final Map<Side, SimPairedHub> nodes = new EnumMap<>(Side.class);
    private final List<SimPublisher> publishers = new ArrayList<>();
    private final List<SimSubscriber> subscribers = new ArrayList<>();
    private final long faultsUntilMs;
    private final Map<Integer, String> owners = new TreeMap<>();
    /** Every entry that was relied on, by its last position. */
    private final TreeMap<Long, Entry> committed = new TreeMap<>();

    /** What each node has relied on, of which it may have deleted the beginning. */
    private final Map<Side, TreeMap<Long, Entry>> reliedOn =
            new EnumMap<>(Map.of(Side.PRIMARY, new TreeMap<>(), Side.BACKUP, new TreeMap<>()));

    private final boolean[][] cut = new boolean[3][3];
    private WitnessRecord record = WitnessRecord.NONE;
    private WitnessRecord formerRecord = WitnessRecord.NONE;
    private boolean witnessUp = true;
    private boolean calm;
    /** The highest epoch in which a node was active. */
    private int leading;

    private int takeovers;
    private int moved;

    private HubPairSimulation(long seed, PairFlaw flaw, PairKind kind, boolean noted) {
        this.flaw = flaw;
        this.kind = kind;
        world = new World(seed, noted);
        oracle = new Oracle(world);
        network = new PairNetwork(
                world,
                (side, peer, frame) -> node(side).now(() -> node(side).receive(peer, frame)),
                side -> node(side).up());
        HubRules rules = HubRules.ofPair(world);
        world.note(() -> String.valueOf(rules));
        if (rules.topicBytes() < Long.MAX_VALUE) {
            oracle.refusals();
        }
        for (Side side : Side.values()) {
            nodes.put(side, new SimPairedHub(world, this, oracle, flaw, side, kind, rules));
        }
        faultsUntilMs = 3_000 + world.draw(5_000);
        for (int i = 1 + world.draw(3); i > 0; i--) {
            publishers.add(new SimPublisher(
                    world, network, this, oracle, Flaw.NONE, "p" + i, List.of("t/a", "t/b", "u/a", "x/a", "d/" + i)));
        }
        for (int i = 1 + world.draw(3); i > 0; i--) {
            Set<SimSubscriber.Wish> wishes = new LinkedHashSet<>(Set.of(wish()));
            subscribers.add(new SimSubscriber(world, network, this, oracle, Flaw.NONE, "s" + i, wishes));
        }
    }

    private SimPairedHub node(Side side) {
        return Objects.requireNonNull(nodes.get(side));
    }

    private SimSubscriber.Wish wish() {
        StartFrom from = StartFrom.values()[world.draw(3)];
        long position = from == StartFrom.POSITION ? 1 + world.draw(300) : 0;
        return switch (world.draw(4)) {
            case 0 -> new SimSubscriber.Wish(PatternKind.TOPIC, "t/a", from, position);
            case 1 -> new SimSubscriber.Wish(PatternKind.PREFIX, "t/", from, position);
            case 2 -> new SimSubscriber.Wish(PatternKind.PREFIX, "d/", from, position);
            default -> new SimSubscriber.Wish(PatternKind.PREFIX, "t", from, position);
        };
    }

    /** Runs a seed to its end. */
    static Outcome run(long seed, PairFlaw flaw, PairKind kind) {
        HubPairSimulation simulation = new HubPairSimulation(seed, flaw, kind, false);
        try {
            simulation.run();
        } catch (Broken | RuntimeException e) {
            throw broken(seed, e, new HubPairSimulation(seed, flaw, kind, true));
        }
        return new Outcome(
                simulation.world.fingerprint(),
                simulation.takeovers,
                simulation.moved,
                simulation.nodes.values().stream()
                        .mapToInt(SimPairedHub::deathsAtWrites)
                        .sum(),
                simulation.oracle.log().size());
    }

    /** What a failure was, with what led to it, by the same run once more. */
    private static Broken broken(long seed, Throwable failure, HubPairSimulation again) {
        try {
            again.run();
        } catch (Broken | RuntimeException e) {
            return new Broken(
                    "seed " + seed + " of kind " + again.kind + " at " + again.world.nowMs() + " ms: " + e
                            + "\nreplay with"
                            + " -Dbactrian.pair.hub.seed=" + seed + "\n  "
                            + String.join("\n  ", again.world.tail()),
                    e);
        }
        return new Broken("seed " + seed + " fails, but not once more: " + failure, failure);
    }

    private void run() {
        for (SimPairedHub node : nodes.values()) {
            world.in(world.draw(100), node::start);
        }
        network.faults(world.draw(3) * 0.03, world.draw(3) * 0.03, world.chance(0.5) ? 3 : 1 + world.draw(60));
        double failures = world.chance(0.5) ? 0.01 : 0;
        nodes.values().forEach(node -> node.failures(failures));
        world.in(500 + world.draw(500), this::fault);
        world.in(world.draw(500), this::choose);
        world.runUntil(faultsUntilMs);
        calm();
        long end = faultsUntilMs + CALM_MS;
        while (!restless().isEmpty() && world.nowMs() < end) {
            world.runUntil(world.nowMs() + 100);
        }
        if (!restless().isEmpty()) {
            oracle.fail("does not come to rest: " + restless());
        }
        oracle.checkPromises();
        subscribers.forEach(SimSubscriber::check);
        checkStates();
    }

    private void calm() {
        world.note(() -> "calm");
        calm = true;
        network.faults(0, 0, 3);
        for (boolean[] row : cut) {
            Arrays.fill(row, false);
        }
        witnessUp = true;
        for (SimPairedHub node : nodes.values()) {
            node.failures(0);
            node.endPause();
        }
        publishers.forEach(SimPublisher::stopPutting);
    }

    // Faults.

    private void fault() {
        if (world.nowMs() >= faultsUntilMs) {
            return;
        }
        world.in(1 + world.draw(700), this::fault);
        SimPairedHub node = node(Side.values()[world.draw(2)]);
        switch (world.draw(12)) {
            case 0, 1 -> node.crash(1 + world.draw(2_000));
            case 2 -> {
                if (world.chance(0.3)) {
                    nodes.values().forEach(each -> each.crash(1 + world.draw(1_500)));
                }
            }
            case 3, 4 -> cutLink();
            case 5 -> node.pause(1 + world.draw(1 << 1 + world.draw(15)));
            case 6 -> {
                witnessUp = false;
                if (flaw == PairFlaw.WITNESS_RECORD_IS_NOT_DURABLE) {
                    record = formerRecord;
                }
                world.in(world.draw(2_000), () -> witnessUp = true);
            }
            case 7 -> node.tryTo(PairNode::switchOver);
            case 8 -> node.clockJumps(world.draw(7_200_000) - 3_600_000);
            case 9 -> publishers.get(world.draw(publishers.size())).crash(1 + world.draw(600));
            case 10 -> subscribers.get(world.draw(subscribers.size())).crash(1 + world.draw(600));
            default -> network.cut(world.chance(0.5) ? "p1" : "s1", 1 + world.draw(1_000));
        }
    }

    private void cutLink() {
        int a = world.draw(3);
        int b = (a + 1 + world.draw(2)) % 3;
        boolean oneWay = world.chance(0.5);
        world.note(() -> "cut " + a + " to " + b + (oneWay ? "" : " and back"));
        cut[a][b] = true;
        cut[b][a] |= !oneWay;
        world.in(world.draw(3_000), () -> {
            cut[a][b] = false;
            cut[b][a] = false;
        });
    }

    private void choose() {
        if (world.nowMs() < faultsUntilMs) {
            world.in(1 + world.draw(1_500), this::choose);
            subscribers.get(world.draw(subscribers.size())).wish(wish());
        }
    }

    // Links.

    private static int index(Side side) {
        return side == Side.PRIMARY ? 0 : 1;
    }

    private void send(int from, int to, Runnable arrival) {
        if (cut[from][to] || (!calm && world.draw(40) == 0)) {
            return;
        }
        int times = !calm && world.draw(60) == 0 ? 2 : 1;
        for (int i = 0; i < times; i++) {
            long delay = !calm && world.draw(80) == 0 ? world.draw(600) : 1 + world.draw(4);
            world.in(delay, () -> {
                if (!cut[from][to]) {
                    arrival.run();
                }
            });
        }
    }

    @Override
    public void toPeer(Side from, PairMessage message) {
        SimPairedHub peer = node(from.other());
        send(
                index(from),
                index(from.other()),
                () -> peer.now(() -> peer.node().message(mistaken(message, peer), world.nowMs())));
    }

    private PairMessage mistaken(PairMessage message, SimPairedHub peer) {
        LogHistory own = peer.log().ofPair().history();
        if (message instanceof PairMessage.Attach a) {
            long lower = peer.log().from(Math.max(1, a.common() - 5)).stream()
                    .map(entry -> entry.position() - 1)
                    .findFirst()
                    .orElse(0L);
            if (flaw == PairFlaw.CUTS_BELOW_THE_COMMON_POINT && !a.anew() && lower >= own.first()) {
                return new PairMessage.Attach(
                        a.session(), a.stamp(), a.epoch(), lower, false, a.id(), upTo(a.epochStarts(), lower + 1));
            }
            if (flaw == PairFlaw.DOES_NOT_CUT && !a.anew()) {
                return new PairMessage.Attach(
                        a.session(), a.stamp(), a.epoch(), own.end(), false, a.id(), own.epochStarts());
            }
        }
        if (flaw == PairFlaw.CONFIRMS_BEFORE_IT_IS_ON_THE_DISK && message instanceof PairMessage.Confirm c) {
            return new PairMessage.Confirm(c.session(), peer.log().end(), c.creditBytes(), c.resend());
        }
        return message;
    }

    private static List<Long> upTo(List<Long> starts, long position) {
        return starts.stream().filter(start -> start <= position).toList();
    }

    @Override
    public void beat(Side from, Role role) {
        SimPairedHub peer = node(from.other());
        send(index(from), index(from.other()), () -> peer.now(() -> peer.node().heartbeat(role, world.nowMs())));
    }

    @Override
    public void toWitness(Side from, int life, Witness.Request request) {
        send(index(from), WITNESS, () -> {
            if (witnessUp) {
                Witness.Reply reply = decide(request);
                SimPairedHub node = node(from);
                send(
                        WITNESS,
                        index(from),
                        () -> node.ofLife(life, () -> node.node().witnessReply(reply, world.nowMs())));
            }
        });
    }

    private Witness.Reply decide(Witness.Request request) {
        if (flaw == PairFlaw.TAKE_WITHOUT_IN && request.kind() == Witness.Kind.TAKE && record.epoch() > 0) {
            record = new WitnessRecord(record.epoch(), record.active(), record.version(), Set.of(Side.values()));
        }
        Witness.Decision decision = Witness.decide(record, request);
        WitnessRecord keep = decision.keep();
        if (keep != null) {
            formerRecord = record;
            record = keep;
            world.note(() -> "witness keeps " + keep);
        }
        return decision.reply();
    }

    @Override
    public void toClient(Side from, byte[] peer, byte[] frame, byte @Nullable [] second) {
        network.toPeer(peer, frame, second);
    }

    /** A process has ended: its port refuses connections, which its peer may notice. */
    @Override
    public void gone(SimPairedHub node) {
        SimPairedHub peer = node(node.side().other());
        if (world.chance(0.7)) {
            send(
                    index(node.side()),
                    index(peer.side()),
                    () -> peer.now(() -> {
                        if (!node.up()) {
                            peer.node().peerRefused(world.nowMs());
                        }
                    }));
        }
    }

    @Override
    public void here(SimPairedHub node) {
        network.here(node.side());
    }

    // What must hold.

    @Override
    public void activated(SimPairedHub node, int epoch) {
        takeovers++;
        String owner = node.side() + " in its life " + node.life();
        String former = owners.putIfAbsent(epoch, owner);
        if (former != null) {
            throw new Broken("one writer for each epoch: " + epoch + " of " + former + " again by " + owner);
        }
        if (epoch % 2 != (node.side() == Side.PRIMARY ? 1 : 0)) {
            throw new Broken("epoch " + epoch + " is not one of the " + node.side());
        }
        long end = lastCommitted();
        if (kind.keepsAll()) {
            if (node.log().end() < end) {
                throw new Broken(node + " takes over, but " + end + " positions were relied on");
            }
            compare(node, node.log().first(), end);
        } else if (epoch > leading) {
            follows(node, epoch, end);
        }
    }

    private long lastCommitted() {
        return committed.isEmpty() ? 0 : committed.lastKey();
    }

    /** The highest epoch stays in the end, with the log of its node. */
    private void follows(SimPairedHub node, int epoch, long end) {
        long common = end;
        while (common > 0 && !holds(node, common)) {
            common = Objects.requireNonNullElse(committed.lowerKey(common), 0L);
        }
        if (common < end) {
            moved++;
            committed.tailMap(common, false).clear();
            oracle.shortened();
            if (node.log().end() > common) {
                oracle.parted(common);
                oracle.partedUpTo(node.log().end());
            }
        }
        if (leading > 0) {
            oracle.cut(leading, common < end ? common : node.log().end());
        }
        leading = epoch;
        reliedOn(node)
                .tailMap(common, false)
                .headMap(Math.max(common, node.log().first()), false)
                .values()
                .forEach(this::rely);
    }

    private boolean holds(SimPairedHub node, long last) {
        Entry relied = Objects.requireNonNull(committed.get(last));
        if (last < node.log().first()) {
            Map.Entry<Long, Entry> its = reliedOn(node).ceilingEntry(last);
            return its == null || its.getValue().position() > last || same(its.getValue(), relied);
        }
        List<Entry> from = node.log().from(last);
        return !from.isEmpty() && same(from.get(0), relied);
    }

    private TreeMap<Long, Entry> reliedOn(SimPairedHub node) {
        return Objects.requireNonNull(reliedOn.get(node.side()));
    }

    private static boolean same(Entry a, Entry b) {
        return a.position() == b.position()
                && a.count() == b.count()
                && a.epoch() == b.epoch()
                && Arrays.equals(a.payload(), b.payload());
    }

    /** What was relied on, at whichever node, is the same at this one. */
    private void compare(SimPairedHub node, long from, long upTo) {
        for (Entry entry : node.log().from(from)) {
            Entry relied = committed.get(entry.last());
            if (entry.last() <= upTo && (relied == null || !same(relied, entry))) {
                throw new Broken("the logs differ: " + node + " holds " + entry + ", but relied on was " + relied
                        + " of epoch " + (relied == null ? 0 : relied.epoch()));
            }
        }
    }

    @Override
    public void committed(SimPairedHub node, long from, long upTo) {
        if (!kind.keepsAll()) {
            relies(node, Math.max(from, node.log().first()), upTo);
        }
        if (!kind.keepsAll() && !(node.active() && node.node().epoch() == leading)) {
            if (node.active()) {
                besides(node, from, upTo);
            }
            return;
        }
        long known = lastCommitted();
        compare(node, Math.max(from, node.log().first()), Math.min(upTo, known));
        for (Entry entry : node.log().from(known + 1)) {
            if (entry.last() <= upTo) {
                rely(entry);
            }
        }
    }

    private void relies(SimPairedHub node, long from, long upTo) {
        TreeMap<Long, Entry> its = reliedOn(node);
        its.tailMap(from, true).clear();
        for (Entry entry : node.log().from(from)) {
            if (entry.last() <= upTo) {
                its.put(entry.last(), entry);
            }
        }
    }

    private void rely(Entry entry) {
        committed.put(entry.last(), entry);
        oracle.committed(entry);
    }

    /** A node relies on its log in an epoch above which there is another one. */
    private void besides(SimPairedHub node, long from, long upTo) {
        for (Entry entry : node.log().from(from)) {
            Entry relied = committed.get(entry.last());
            if (entry.last() <= upTo && (relied == null || !same(relied, entry))) {
                moved++;
                oracle.besides(node.node().epoch(), entry);
            }
        }
    }

    private String restless() {
        SimPairedHub active = null;
        for (SimPairedHub node : nodes.values()) {
            if (node.active()) {
                if (active != null) {
                    return "two nodes are active: " + nodes.values();
                }
                active = node;
            }
        }
        if (active != null && !kind.keepsAll() && active.node().epoch() < leading) {
            return "the active node is in an epoch below " + leading + ": " + nodes.values();
        }
        if (active == null || !active.machine().isActive()) {
            return "no hub is active: " + nodes.values() + " " + record;
        }
        SimPairedHub passive = node(active.side().other());
        if (!passive.up() || active.node().standing() != PeerStanding.IN) {
            return "not in step: " + nodes.values() + " " + record;
        }
        for (SimPublisher publisher : publishers) {
            if (!publisher.idle()) {
                return "a publisher has something waiting: " + nodes.values();
            }
        }
        for (SimSubscriber subscriber : subscribers) {
            String missing = subscriber.missing();
            if (!missing.isEmpty()) {
                return missing + " " + nodes.values();
            }
        }
        return "";
    }

    /** The passive node knows what the active one knows. */
    private void checkStates() {
        SimPairedHub active = presentlyActive();
        SimPairedHub passive = node(active.side().other());
        String a = "";
        String b = "-";
        // Cursors come along as subscribers acknowledge, and a hand-over may still be under way.
        for (int tries = 0; !a.equals(b) && tries < 20; tries++) {
            active = presentlyActive();
            passive = node(active.side().other());
            active.keep();
            world.runUntil(world.nowMs() + 500);
            if (active.active() && allCommitted(active, passive)) {
                passive.keep();
                a = state(active.snapshots().load());
                b = state(passive.snapshots().load());
            }
        }
        if (!allCommitted(active, passive)) {
            oracle.fail("not all is committed: " + nodes.values());
        }
        long end = active.node().committed();
        compare(active, active.log().first(), end);
        compare(passive, passive.log().first(), end);
        if (!a.equals(b)) {
            oracle.fail("the states differ:\n" + active.side() + " " + a + "\n" + passive.side() + " " + b);
        }
        nodes.values().forEach(node -> node.snapshots().checkNothingLost());
    }

    private SimPairedHub presentlyActive() {
        return node(Side.PRIMARY).active() ? node(Side.PRIMARY) : node(Side.BACKUP);
    }

    private static boolean allCommitted(SimPairedHub active, SimPairedHub passive) {
        long end = active.log().end();
        return active.node().committed() == end
                && passive.log().end() == end
                && passive.node().committed() == end;
    }

    private String state(HubState state) {
        StringBuilder text = new StringBuilder();
        text.append("identity=").append(state.logIdentity());
        text.append(" lastEpoch=").append(state.lastEpoch()).append(" former=").append(state.formerEpochs());
        state.publishers().stream()
                .map(p -> "\n  " + p.id() + " granted=" + p.grantedEpoch() + " open=" + p.openEpoch())
                .sorted()
                .forEach(text::append);
        state.grants().stream().map(g -> "\n  " + g).sorted().forEach(text::append);
        state.sequences().stream().map(s -> "\n  " + s).sorted().forEach(text::append);
        long messages = lastMessage();
        state.subscribers().stream().map(s -> text(s, messages)).sorted().forEach(text::append);
        return text.append("\n  reached=")
                .append(new TreeMap<>(state.reached()))
                .append(" lives=")
                .append(new TreeMap<>(state.lives()))
                .toString();
    }

    /** The last position of a message. */
    private long lastMessage() {
        return committed.descendingMap().values().stream()
                .filter(entry -> !Batch.parseTrusted(entry.payload()).topic().startsWith("$"))
                .findFirst()
                .map(Entry::last)
                .orElse(0L);
    }

    /** A cursor that passes no message more is not logged. */
    private static String text(DurableSubscriber s, long messages) {
        return "\n  " + s.id() + " generation=" + s.generation() + " cursor=" + Math.min(s.cursor(), messages)
                + " passed=" + s.purgedUpTo()
                + " had=" + s.receivedUpTo() + " "
                + s.subscriptions().stream().map(String::valueOf).sorted().toList();
    }

    // What clients ask of both.

    @Override
    public void receive(byte[] peer, byte[] frame) {
        throw new IllegalStateException("a client sends to the hub that it has chosen");
    }

    @Override
    public long first() {
        return Math.max(node(Side.PRIMARY).first(), node(Side.BACKUP).first());
    }

    @Override
    public long gaveUp(String subscriber) {
        return Math.max(
                node(Side.PRIMARY).snapshots().gaveUp(subscriber),
                node(Side.BACKUP).snapshots().gaveUp(subscriber));
    }
}
