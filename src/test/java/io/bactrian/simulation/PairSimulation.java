package io.bactrian.simulation;

import io.bactrian.journal.log.Entry;
import io.bactrian.journal.log.JournalDamagedException;
import io.bactrian.journal.log.LogRewrite;
import io.bactrian.pair.core.LogHistory;
import io.bactrian.pair.core.LogRepair;
import io.bactrian.pair.core.Outbox;
import io.bactrian.pair.core.PairCodec;
import io.bactrian.pair.core.PairEvent;
import io.bactrian.pair.core.PairLog;
import io.bactrian.pair.core.PairMessage;
import io.bactrian.pair.core.PairNode;
import io.bactrian.pair.core.PairSettings;
import io.bactrian.pair.core.PairStore;
import io.bactrian.pair.core.PeerStanding;
import io.bactrian.pair.core.Replica;
import io.bactrian.pair.core.Role;
import io.bactrian.pair.core.Side;
import io.bactrian.pair.core.Witness;
import io.bactrian.pair.core.WitnessRecord;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.ObjLongConsumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A pair with its copy link, its witness and a client, in a world that loses, doubles and reorders messages, cuts links one
 * way or both, kills and pauses nodes, and loses what disks had not synced. The nodes are the production's cores.
 */
final class PairSimulation {
    static final int HEARTBEAT_MS = 100;
    private static final long SEGMENT = 8;
    private static final int CALM_MS = 4_000;

    /** A rule that was broken; the first word names it. */
    static final class BrokenRule extends AssertionError {
        private static final long serialVersionUID = 1;

        BrokenRule(String rule, String text) {
            super(rule + ": " + text);
        }
    }

    /** What is broken on purpose. */
    enum Defect {
        NONE,
        ACKNOWLEDGES_BEFORE_THE_PEER_CONFIRMS,
        CONFIRMS_BEFORE_IT_IS_ON_THE_DISK,
        WITNESS_GRANTS_TAKE_WITHOUT_IN,
        WITNESS_LETS_A_STALE_ACTIVE_PUT_THE_PEER_OUT,
        EPOCH_IS_NOT_DURABLE,
        CUTS_BELOW_THE_COMMON_POINT,
        DOES_NOT_CUT,
        LOG_IS_APPENDABLE_WHILE_PASSIVE,
        OUT_IS_TAKEN_FOR_GRANTED,
        TAKE_IS_TAKEN_FOR_GRANTED,
        ENTRIES_CHANGE_ON_THE_WAY
    }

    private record Event(long atMs, long number, Runnable work) {}

    /** An acknowledgement that a client got. */
    private record Acknowledgement(long position, long value, int epoch) {}

    private final Random random;
    private final boolean witnessed;
    private final Defect defect;
    private final PriorityQueue<Event> events = new PriorityQueue<>(
            (a, b) -> a.atMs() != b.atMs() ? Long.compare(a.atMs(), b.atMs()) : Long.compare(a.number(), b.number()));
    private final Map<Side, SimNode> nodes = new EnumMap<>(Side.class);
    private final Map<Long, Acknowledgement> acknowledged = new TreeMap<>();
    private final Map<Integer, Side> epochOwners = new TreeMap<>();
    private final Map<Integer, Integer> epochLives = new TreeMap<>();
    private final Set<Side> acknowledgers = EnumSet.noneOf(Side.class);
    private final Set<Side> acceptors = EnumSet.noneOf(Side.class);
    private WitnessRecord record = WitnessRecord.NONE;
    private boolean witnessUp = true;
    private long nowMs;
    private long numbers;
    private long nextValue = 1;
    private final boolean[][] cut = new boolean[3][3];
    private boolean calm;
    /** Whether what a node says of itself before it is active comes to the peer once more, after the peer has heard it as active. */
    private boolean overtaken;
    /** Whether an active node is gone as soon as its peer has begun to copy. */
    private boolean goneOnceThePeerCopies;

    private boolean clientsAreAway;
    /** What waits for a node that is down comes to it as soon as it is started: the first state that each side tells. Null: nothing waits. */
    private @Nullable Map<Side, PairMessage> waitsForThePeer;
    /** Whether the nodes hear nothing but heartbeats of each other. */
    private boolean beatsOnly;

    /** What the nodes told, for a run that fails. */
    final List<String> trace = new ArrayList<>();

    int takeovers;
    int damages;
    int refusals;
    int movedAside;
    /** Questions that the witness has got. */
    int questions;

    PairSimulation(long seed, boolean witnessed, Defect defect) {
        this.random = new Random(seed);
        this.witnessed = witnessed;
        this.defect = defect;
        for (Side side : Side.values()) {
            nodes.put(side, new SimNode(side));
        }
    }

    private void at(long delayMs, Runnable work) {
        events.add(new Event(nowMs + delayMs, numbers++, work));
    }

    private static int index(Side side) {
        return side == Side.PRIMARY ? 0 : 1;
    }

    private void send(int from, int to, Runnable arrival) {
        if (cut[from][to] || (!calm && random.nextInt(40) == 0)) {
            return;
        }
        int times = !calm && random.nextInt(60) == 0 ? 2 : 1;
        for (int i = 0; i < times; i++) {
            // Now and then something of an old connection comes long after.
            long delay = !calm && random.nextInt(80) == 0 ? random.nextInt(600) : 1 + random.nextInt(4);
            at(delay, () -> {
                if (!cut[from][to]) {
                    arrival.run();
                }
            });
        }
    }

    /** Runs a time of faults, then a calm one in which everything must come right again. */
    void run(int steps) {
        for (SimNode node : nodes.values()) {
            at(random.nextInt(50), node::start);
        }
        at(500, this::clientTurn);
        for (int i = 0; i < steps; i++) {
            step();
            if (random.nextInt(150) == 0) {
                fault();
            }
            if (witnessed && random.nextInt(300) == 0) {
                damage();
            }
        }
        calm();
        long until = nowMs + CALM_MS;
        while (nowMs < until && !events.isEmpty()) {
            step();
        }
        checkEnd();
    }

    /** What fails in a scripted run. */
    enum Failure {
        PRIMARY,
        BACKUP,
        WITNESS,
        LINK_OF_THE_NODES,
        LINK_OF_PRIMARY_AND_WITNESS,
        LINK_OF_BACKUP_AND_WITNESS
    }

    /** A run without chance: the primary is active and the backup in step, and clients ask both. */
    static PairSimulation inStep(boolean witnessed) {
        return inStep(witnessed, 0);
    }

    /** The same with a witness, where something is broken on purpose. */
    static PairSimulation inStep(Defect defect) {
        return new PairSimulation(1, true, defect).begun(0);
    }

    /** The same, where the backup was alone for a time, and hears the primary only when that is active. */
    static PairSimulation inStep(boolean witnessed, long backupAloneMs) {
        return new PairSimulation(1, witnessed, Defect.NONE).begun(backupAloneMs);
    }

    /** The same, where the first word of a new active overtakes what it has said before: each way has a connection of its own. */
    static PairSimulation inStepAfterWordsWereOvertaken(boolean witnessed) {
        PairSimulation simulation = new PairSimulation(1, witnessed, Defect.NONE);
        simulation.overtaken = true;
        return simulation.begun(0);
    }

    /**
     * The primary serves alone, then a backup with an empty log is started beside it, and hears nothing but heartbeats.
     *
     * @param refused whether the primary's port for copies refuses, as that of a classic peer does; else the link is cut
     */
    static PairSimulation backupThatHearsHeartbeatsOnly(boolean refused) {
        PairSimulation simulation = new PairSimulation(1, false, Defect.NONE);
        simulation.calm = true;
        simulation.beatsOnly = true;
        simulation.nodes.get(Side.PRIMARY).start();
        simulation.at(500, simulation::clientTurn);
        simulation.pass(2_000);
        SimNode backup = simulation.nodes.get(Side.BACKUP);
        backup.start();
        for (int i = 0; i < 40; i++) {
            simulation.pass(50);
            if (refused) {
                backup.node().peerRefused(simulation.nowMs);
            }
        }
        return simulation;
    }

    private PairSimulation begun(long backupAloneMs) {
        calm = true;
        nodes.get(Side.BACKUP).start();
        pass(backupAloneMs);
        cut[0][1] = backupAloneMs > 0;
        nodes.get(Side.PRIMARY).start();
        pass(backupAloneMs);
        cut[0][1] = false;
        at(500, this::clientTurn);
        pass(2_000);
        SimNode primary = nodes.get(Side.PRIMARY);
        if (!primary.active() || primary.node().standing() != PeerStanding.IN) {
            throw new AssertionError("not in step: " + primary);
        }
        return this;
    }

    void pass(long ms) {
        long until = nowMs + ms;
        while (!events.isEmpty() && events.peek().atMs() <= until) {
            step();
        }
        nowMs = until;
    }

    /** From now on something is gone. */
    void fail(Failure failure) {
        switch (failure) {
            case PRIMARY -> nodes.get(Side.PRIMARY).stop();
            case BACKUP -> nodes.get(Side.BACKUP).stop();
            case WITNESS -> witnessUp = false;
            case LINK_OF_THE_NODES -> cutBoth(0, 1, true);
            case LINK_OF_PRIMARY_AND_WITNESS -> cutBoth(0, 2, true);
            case LINK_OF_BACKUP_AND_WITNESS -> cutBoth(1, 2, true);
        }
    }

    /** Whether the primary hears the backup. */
    void backupIsHeard(boolean heard) {
        cut[1][0] = !heard;
    }

    void clientsAreAway(boolean away) {
        clientsAreAway = away;
    }

    /** From now on the first state that is told to a node that is down waits for it in a queue, and comes first when it is started. */
    void wordsWait() {
        waitsForThePeer = new EnumMap<>(Side.class);
    }

    /** An operator makes a node active. */
    void promoteByForce(Side side) {
        nodes.get(side).tryTo((node, now) -> node.promote(true, now));
    }

    void goneOnceThePeerCopies() {
        goneOnceThePeerCopies = true;
    }

    /** It is back. */
    void mend(Failure failure) {
        switch (failure) {
            case PRIMARY -> nodes.get(Side.PRIMARY).start();
            case BACKUP -> nodes.get(Side.BACKUP).start();
            case WITNESS -> witnessUp = true;
            case LINK_OF_THE_NODES -> cutBoth(0, 1, false);
            case LINK_OF_PRIMARY_AND_WITNESS -> cutBoth(0, 2, false);
            case LINK_OF_BACKUP_AND_WITNESS -> cutBoth(1, 2, false);
        }
    }

    /**
     * The primary takes a message, and is held up before it hears that the backup has it. The link of the nodes is cut from then on.
     *
     * @param arrives whether the copy that is on its way still arrives; its confirmation does not
     * @return the position of the message
     */
    long acceptAndPause(boolean arrives, long pauseMs) {
        SimNode primary = nodes.get(Side.PRIMARY);
        cut[1][0] = true;
        cut[0][1] = !arrives;
        long before = primary.disk.end();
        primary.client(nextValue++);
        primary.node().appended(nowMs);
        primary.pause(pauseMs);
        pass(HEARTBEAT_MS / 2);
        cut[0][1] = true;
        long position = primary.disk.end();
        if (position != before + 1 || primary.node().committed() >= position) {
            throw new AssertionError("nothing waits for a confirmation: " + primary);
        }
        if (nodes.get(Side.BACKUP).disk.end() >= position != arrives) {
            throw new AssertionError("position " + position + ": " + nodes.get(Side.BACKUP));
        }
        return position;
    }

    private void cutBoth(int a, int b, boolean isCut) {
        cut[a][b] = isCut;
        cut[b][a] = isCut;
    }

    /** The nodes that acknowledge something within a time. */
    Set<Side> acknowledging(long ms) {
        acknowledgers.clear();
        acceptors.clear();
        pass(ms);
        return Set.copyOf(acknowledgers);
    }

    /** The nodes whose log took messages of clients in the time of which {@link #acknowledging} told. */
    Set<Side> accepted() {
        return Set.copyOf(acceptors);
    }

    /** The nodes that are active. */
    Set<Side> active() {
        return nodes.values().stream()
                .filter(SimNode::active)
                .map(node -> node.side)
                .collect(Collectors.toUnmodifiableSet());
    }

    private void step() {
        Event event = events.poll();
        if (event == null) {
            return;
        }
        nowMs = Math.max(nowMs, event.atMs());
        event.work().run();
    }

    private void fault() {
        Side side = random.nextBoolean() ? Side.PRIMARY : Side.BACKUP;
        SimNode node = nodes.get(side);
        switch (random.nextInt(8)) {
            case 0, 1 -> node.kill(random.nextBoolean());
            case 2 -> {
                int a = random.nextInt(3);
                int b = (a + 1 + random.nextInt(2)) % 3;
                boolean oneWay = random.nextBoolean();
                cut[a][b] = true;
                cut[b][a] |= !oneWay;
                at(random.nextInt(3_000), () -> {
                    cut[a][b] = false;
                    cut[b][a] = false;
                });
            }
            case 3 -> node.pause(random.nextInt(6) == 0 ? 60_000 : random.nextInt(1_500));
            case 4 -> {
                witnessUp = false;
                at(random.nextInt(2_000), this::restartWitness);
            }
            case 5 -> {
                if (random.nextInt(6) == 0) {
                    nodes.values().forEach(each -> each.kill(true));
                }
            }
            case 6 -> node.tryTo(PairNode::switchOver);
            default -> {
                if (node.up()) {
                    node.refused();
                }
            }
        }
    }

    /**
     * The disk of one node damages an entry that was acknowledged, and that the other has, or refuses the block of several. A node that is
     * held up or killed may be hit too.
     */
    private void damage() {
        SimNode node = nodes.get(random.nextBoolean() ? Side.PRIMARY : Side.BACKUP);
        SimDisk other = nodes.get(node.side.other()).disk;
        long first = 1 + random.nextInt((int) Math.max(1, node.disk.end()));
        boolean refuses = random.nextBoolean();
        SimDisk damaged = random.nextBoolean() ? node.disk : other;
        SimDisk good = damaged == other ? node.disk : other;
        for (long position = first; position < first + (refuses ? 1 + SEGMENT : 1); position++) {
            if (node.active()
                    && position <= Math.min(node.node().committed(), other.end())
                    && acknowledged.containsKey(position)
                    && node.disk.value(position) == other.value(position)
                    && !good.damaged.contains(position)) {
                damaged.damaged.add(position);
                damages++;
                refusals += refuses ? 1 : 0;
            }
        }
    }

    private void restartWitness() {
        witnessUp = true;
    }

    private void calm() {
        calm = true;
        for (boolean[] row : cut) {
            Arrays.fill(row, false);
        }
        restartWitness();
        for (SimNode node : nodes.values()) {
            node.awake();
            if (!node.up()) {
                at(1, node::start);
            }
        }
    }

    private void clientTurn() {
        at(5 + random.nextInt(20), this::clientTurn);
        if (clientsAreAway) {
            return;
        }
        for (SimNode node : nodes.values()) {
            node.client(nextValue++);
        }
    }

    private void witness(Witness.Request request, Consumer<Witness.Reply> answer) {
        if (!witnessUp) {
            return;
        }
        questions++;
        if (defect == Defect.WITNESS_GRANTS_TAKE_WITHOUT_IN
                && request.kind() == Witness.Kind.TAKE
                && record.epoch() > 0) {
            record = new WitnessRecord(record.epoch(), record.active(), record.version(), Set.of(Side.values()));
        }
        if (defect == Defect.WITNESS_LETS_A_STALE_ACTIVE_PUT_THE_PEER_OUT && request.kind() == Witness.Kind.OUT) {
            answer.accept(new Witness.Reply(request.number(), request.pair(), request.kind(), true, record, ""));
            return;
        }
        Witness.Decision decision = Witness.decide(record, request);
        WitnessRecord keep = decision.keep();
        if (keep != null) {
            record = keep;
        }
        answer.accept(decision.reply());
    }

    private void acknowledge(long position, long value, int epoch) {
        Acknowledgement former = acknowledged.put(position, new Acknowledgement(position, value, epoch));
        if (former != null && former.value() != value && witnessed) {
            throw new BrokenRule(
                    "acknowledgements-of-two-epochs",
                    "position " + position + " was acknowledged in epochs " + former.epoch() + " and " + epoch);
        }
    }

    /** The rules that hold when everything was well for some time. */
    void checkEnd() {
        SimNode a = nodes.get(Side.PRIMARY);
        SimNode b = nodes.get(Side.BACKUP);
        long actives = nodes.values().stream().filter(SimNode::active).count();
        if (actives != 1) {
            throw new BrokenRule(
                    "one-active", actives + " nodes are active after a calm time: " + a + " " + b + " " + record);
        }
        SimNode active = a.active() ? a : b;
        SimNode passive = a.active() ? b : a;
        long committed = active.node().committed();
        if (active.node().standing() != PeerStanding.IN) {
            throw new BrokenRule(
                    "in-step",
                    "the peer is " + active.node().standing() + " after a calm time: " + a + " " + b + " " + record);
        }
        for (long position = 1; position <= Math.min(committed, passive.disk.end()); position++) {
            if (active.disk.value(position) != passive.disk.value(position)) {
                throw new BrokenRule("equal-logs", "they differ at position " + position);
            }
        }
        if (passive.disk.end() < committed) {
            throw new BrokenRule("equal-logs", "the passive ends at " + passive.disk.end() + " below " + committed);
        }
        if (!a.disk.damaged.isEmpty() || !b.disk.damaged.isEmpty()) {
            throw new BrokenRule(
                    "damage-is-repaired",
                    "primary " + a.disk.damaged + " backup " + b.disk.damaged + ": " + a + " " + b);
        }
        if (!witnessed) {
            return;
        }
        for (Acknowledgement one : acknowledged.values()) {
            if (one.position() > active.disk.end() || active.disk.value(one.position()) != one.value()) {
                throw new BrokenRule(
                        "nothing-acknowledged-is-lost", "position " + one.position() + " of epoch " + one.epoch());
            }
        }
    }

    int acknowledgements() {
        return acknowledged.size();
    }

    /** One node: a production core over a disk of its own; it can be killed and started, and be held up. */
    private final class SimNode implements Replica {
        private final Side side;
        private final SimDisk disk = new SimDisk();
        private int life;
        private PairNodeHolder holder;
        private long pausedUntilMs;
        private final List<long[]> waiting = new ArrayList<>();
        private final List<Runnable> heldUp = new ArrayList<>();
        private long applied;
        private PairMessage.@Nullable Fetched fetched;
        private PairMessage.@Nullable State before;

        SimNode(Side side) {
            this.side = side;
        }

        /** A node of one life; what comes for a former life is nobody's. */
        private record PairNodeHolder(PairNode node, LogRepair repair, int life) {}

        boolean up() {
            return holder != null;
        }

        PairNode node() {
            return holder.node();
        }

        boolean active() {
            return up() && node().active();
        }

        void start() {
            if (up()) {
                return;
            }
            life++;
            disk.open = false;
            waiting.clear();
            applied = disk.end();
            PairSettings settings = new PairSettings("p", side, HEARTBEAT_MS, witnessed, true, 4_000, 1_000, 20, 400);
            int current = life;
            Out out = new Out(current);
            PairNode made = new PairNode(settings, disk, disk, this, out, (long) life << 32, nowMs);
            holder = new PairNodeHolder(made, new LogRepair(settings, disk, out, (long) life << 32), current);
            Map<Side, PairMessage> words = waitsForThePeer;
            PairMessage old = words == null ? null : words.remove(side.other());
            if (old != null) {
                hear(old);
            }
            tick(current);
            repair(current);
            beat(current);
        }

        private void tick(int of) {
            alive(of, () -> {
                node().tick(nowMs);
                at(10, () -> tick(of));
            });
        }

        private void repair(int of) {
            alive(of, () -> {
                PairMessage.Fetched came = fetched;
                fetched = null;
                holder.repair().step(node().shared(), came, nowMs);
                at(50, () -> repair(of));
            });
        }

        void hear(PairMessage message) {
            if (overtaken && message instanceof PairMessage.State state && state.role() != Role.ACTIVE) {
                before = state;
            }
            if (message instanceof PairMessage.Fetch fetch) {
                new Out(life).toPeer(LogRepair.answer(fetch, disk, 1_000));
            } else if (message instanceof PairMessage.Fetched answer) {
                fetched = answer;
            } else {
                node().message(message, nowMs);
            }
            if (message instanceof PairMessage.Attach && goneOnceThePeerCopies) {
                goneOnceThePeerCopies = false;
                nodes.get(side.other()).stop();
            }
            PairMessage late = before;
            if (message instanceof PairMessage.Attach && late != null) {
                node().message(late, nowMs);
            }
        }

        private void beat(int of) {
            alive(of, () -> {
                Role role = node().role();
                send(index(side), index(side.other()), () -> {
                    SimNode peer = nodes.get(side.other());
                    peer.now(() -> peer.node().heartbeat(role, nowMs));
                });
                at(HEARTBEAT_MS, () -> beat(of));
            });
        }

        /** Runs work of a life, after its pause if it is held up. */
        private void alive(int of, Runnable work) {
            if (!up() || life != of) {
                return;
            }
            if (nowMs < pausedUntilMs) {
                heldUp.add(() -> alive(of, work));
                return;
            }
            work.run();
        }

        void now(Runnable work) {
            if (up()) {
                alive(life, work);
            }
        }

        void kill(boolean powerCut) {
            if (!up()) {
                return;
            }
            holder = null;
            heldUp.clear();
            pausedUntilMs = 0;
            if (powerCut) {
                disk.powerCut();
            }
            at(random.nextInt(2_000), this::start);
        }

        void stop() {
            holder = null;
            heldUp.clear();
        }

        void pause(long forMs) {
            if (up()) {
                pausedUntilMs = nowMs + forMs;
                at(forMs + 1, this::awake);
            }
        }

        void awake() {
            if (nowMs >= pausedUntilMs || calm) {
                pausedUntilMs = 0;
                List<Runnable> all = new ArrayList<>(heldUp);
                heldUp.clear();
                all.forEach(Runnable::run);
            }
        }

        void refused() {
            now(() -> {
                if (!nodes.get(side.other()).up()) {
                    node().peerRefused(nowMs);
                }
            });
        }

        void tryTo(ObjLongConsumer<PairNode> command) {
            now(() -> {
                try {
                    command.accept(node(), nowMs);
                } catch (IllegalStateException refused) {
                    // An operator is told why, and tries again later.
                    numbers++;
                }
            });
        }

        void client(long value) {
            now(() -> {
                boolean served = node().request(nowMs);
                if (defect == Defect.LOG_IS_APPENDABLE_WHILE_PASSIVE ? random.nextInt(3) > 0 : served) {
                    if (defect == Defect.LOG_IS_APPENDABLE_WHILE_PASSIVE || disk.open) {
                        long position = disk.append(value);
                        applied = position;
                        acceptors.add(side);
                        waiting.add(new long[] {position, value, node().epoch()});
                        if (defect == Defect.ACKNOWLEDGES_BEFORE_THE_PEER_CONFIRMS) {
                            committed(position);
                        }
                        if (random.nextBoolean() || !node().appendedInPassing(nowMs)) {
                            node().appended(nowMs);
                        }
                    }
                }
            });
        }

        @Override
        public void copied(List<Entry> entries) {
            for (Entry entry : entries) {
                if (entry.position() != applied + 1) {
                    throw new BrokenRule("applied-in-order", "position " + entry.position() + " after " + applied);
                }
                applied = entry.last();
            }
        }

        @Override
        public void rebuild() {
            applied = disk.end();
            movedAside++;
        }

        @Override
        public void activated(int epoch) {
            takeovers++;
            Side owner = epochOwners.putIfAbsent(epoch, side);
            Integer formerLife = epochLives.putIfAbsent(epoch, life);
            if ((owner != null && owner != side) || (formerLife != null && formerLife != life)) {
                throw new BrokenRule("one-writer-an-epoch", "epoch " + epoch + " of " + owner + " again by " + side);
            }
            if (epoch % 2 != (side == Side.PRIMARY ? 1 : 0)) {
                throw new BrokenRule("parity", "epoch " + epoch + " of " + side);
            }
            waiting.clear();
        }

        @Override
        public void deactivated() {
            waiting.clear();
        }

        @Override
        public void committed(long position) {
            while (!waiting.isEmpty() && waiting.get(0)[0] <= position) {
                long[] one = waiting.remove(0);
                acknowledgers.add(side);
                acknowledge(one[0], one[1], (int) one[2]);
            }
        }

        @Override
        public String toString() {
            return side + "["
                    + (up()
                            ? node().role() + " epoch=" + node().epoch() + " end=" + disk.end() + " standing="
                                    + node().standing() + " committed=" + node().committed()
                            : "down")
                    + "]";
        }

        /** What the core says goes through the production's frames. */
        private final class Out implements Outbox {
            private final int of;

            Out(int of) {
                this.of = of;
            }

            @Override
            public void toPeer(PairMessage message) {
                if (beatsOnly) {
                    return;
                }
                byte[] frame = PairCodec.encode(message);
                PairMessage read = read(frame);
                if (waitsForThePeer != null
                        && read instanceof PairMessage.State
                        && !nodes.get(side.other()).up()) {
                    waitsForThePeer.putIfAbsent(side, read);
                }
                send(index(side), index(side.other()), () -> {
                    SimNode peer = nodes.get(side.other());
                    peer.now(() -> peer.hear(mistaken(read, peer)));
                });
            }

            private PairMessage mistaken(PairMessage message, SimNode peer) {
                if (defect == Defect.CUTS_BELOW_THE_COMMON_POINT
                        && message instanceof PairMessage.Attach a
                        && a.common() > 5) {
                    long lower = a.common() - 5;
                    return new PairMessage.Attach(
                            a.session(),
                            a.stamp(),
                            a.epoch(),
                            lower,
                            a.anew(),
                            a.id(),
                            a.epochStarts().stream()
                                    .filter(start -> start <= lower + 1)
                                    .toList());
                }
                if (defect == Defect.DOES_NOT_CUT && message instanceof PairMessage.Attach a && !a.anew()) {
                    LogHistory own = peer.disk.history();
                    return new PairMessage.Attach(
                            a.session(), a.stamp(), a.epoch(), own.end(), false, a.id(), own.epochStarts());
                }
                if (defect == Defect.CONFIRMS_BEFORE_IT_IS_ON_THE_DISK && message instanceof PairMessage.Confirm c) {
                    return new PairMessage.Confirm(c.session(), c.position() + 3, c.creditBytes(), c.resend());
                }
                if (defect == Defect.ENTRIES_CHANGE_ON_THE_WAY && message instanceof PairMessage.Copies c) {
                    List<Entry> changed = new ArrayList<>(c.entries());
                    Entry last = changed.remove(changed.size() - 1);
                    changed.add(new Entry(last.position(), 1, last.epoch(), last.timestampMs(), new byte[8]));
                    return new PairMessage.Copies(c.session(), c.epoch(), c.committed(), changed);
                }
                return message;
            }

            @Override
            public void toWitness(Witness.Request request) {
                if ((defect == Defect.OUT_IS_TAKEN_FOR_GRANTED && request.kind() == Witness.Kind.OUT)
                        || (defect == Defect.TAKE_IS_TAKEN_FOR_GRANTED && request.kind() == Witness.Kind.TAKE)) {
                    at(
                            0,
                            () -> alive(
                                    of,
                                    () -> node().witnessReply(
                                                    new Witness.Reply(
                                                            request.number(), "p", request.kind(), true, record, ""),
                                                    nowMs)));
                    return;
                }
                send(
                        index(side),
                        2,
                        () -> witness(
                                request,
                                reply -> send(
                                        2,
                                        index(side),
                                        () -> alive(of, () -> {
                                            node().witnessReply(reply, nowMs);
                                        }))));
            }

            @Override
            public void event(PairEvent event) {
                trace.add(nowMs + " ms " + side + " " + event.kind() + " " + event.text());
            }
        }
    }

    private static PairMessage read(byte[] frame) {
        try {
            return PairCodec.message(frame);
        } catch (PairCodec.BadFrameException e) {
            throw new AssertionError(e);
        }
    }

    /** A log and the file of the epoch; everything the production syncs is on the disk at once. */
    private final class SimDisk implements PairLog, PairStore {
        private String id = "log-" + random.nextInt();
        private List<Long> starts = new ArrayList<>(List.of(1L));
        private final List<Entry> entries = new ArrayList<>();
        /** What can not be read. */
        private final NavigableSet<Long> damaged = new TreeSet<>();

        private int highest;
        private int highestOnDisk;
        private boolean open;

        void powerCut() {
            highest = highestOnDisk;
            if (defect == Defect.EPOCH_IS_NOT_DURABLE) {
                while (starts.size() > 1 && starts.get(starts.size() - 1) > end()) {
                    starts.remove(starts.size() - 1);
                }
            }
        }

        long append(long value) {
            long position = end() + 1;
            entries.add(new Entry(
                    position,
                    1,
                    starts.size(),
                    nowMs,
                    ByteBuffer.allocate(8).putLong(value).array()));
            return position;
        }

        long value(long position) {
            return ByteBuffer.wrap(entries.get((int) position - 1).payload()).getLong();
        }

        @Override
        public LogHistory history() {
            return new LogHistory(id, 1, end(), starts);
        }

        @Override
        public long end() {
            return entries.size();
        }

        @Override
        public long first() {
            return 1;
        }

        @Override
        public List<Entry> read(long position, int maxBytes) {
            List<Entry> found = new ArrayList<>();
            int bytes = 0;
            if (damaged.contains(position)) {
                throw new JournalDamagedException(Path.of("log"), position, "flipped");
            }
            for (int i = (int) position - 1; i < entries.size() && (found.isEmpty() || bytes < maxBytes); i++) {
                if (damaged.contains(i + 1L)) {
                    return found;
                }
                found.add(entries.get(i));
                bytes += 40;
            }
            return found;
        }

        @Override
        public List<Entry> salvage(long position, int maxBytes) {
            List<Entry> found = new ArrayList<>();
            long last = Math.min(end(), (position - 1) / SEGMENT * SEGMENT + SEGMENT);
            for (long at = position; at <= last && found.size() * 40 < maxBytes; at++) {
                Entry entry = entries.get((int) at - 1);
                found.add(damaged.contains(at) ? new Entry(at, 1, entry.epoch(), -nowMs, new byte[0]) : entry);
            }
            return found;
        }

        @Override
        public void appendCopies(List<Entry> copies) {
            for (Entry copy : copies) {
                if (copy.position() != end() + 1 || copy.epoch() < starts.size()) {
                    throw new BrokenRule("copies-follow", copy + " after " + end() + " epochs " + starts);
                }
                while (starts.size() < copy.epoch()) {
                    starts.add(copy.position());
                }
                entries.add(copy);
            }
        }

        @Override
        public Optional<String> cutAbove(long position, List<Long> epochStarts) {
            boolean moves = end() > position;
            while (end() > position) {
                entries.remove(entries.size() - 1);
            }
            damaged.tailSet(position, false).clear();
            starts = new ArrayList<>(epochStarts);
            return moves ? Optional.of("aside") : Optional.empty();
        }

        @Override
        public Optional<String> beginAnew(String newId, long first, List<Long> epochStarts) {
            if (first != 1) {
                throw new AssertionError("no log was purged, but the copy begins with " + first);
            }
            boolean moves = end() > 0;
            entries.clear();
            damaged.clear();
            id = newId;
            starts = new ArrayList<>(epochStarts);
            return moves ? Optional.of("aside") : Optional.empty();
        }

        @Override
        public OptionalLong damagedSegment() {
            return damaged.isEmpty()
                    ? OptionalLong.empty()
                    : OptionalLong.of((damaged.first() - 1) / SEGMENT * SEGMENT + 1);
        }

        @Override
        public LogRewrite rewrite(long first) {
            return new SimRewrite(this, first, Math.min(end(), first + SEGMENT - 1));
        }

        @Override
        public void raiseEpoch(int epoch) {
            if (epoch <= starts.size()) {
                throw new BrokenRule("epochs-rise", epoch + " after " + starts.size());
            }
            while (starts.size() < epoch) {
                starts.add(end() + 1);
            }
        }

        @Override
        public void open(boolean appendable) {
            open = appendable;
        }

        @Override
        public void hold(boolean held) {
            open = !held;
        }

        @Override
        public int highestEpoch() {
            return highest;
        }

        @Override
        public void keepHighestEpoch(int epoch) {
            highest = epoch;
            if (defect != Defect.EPOCH_IS_NOT_DURABLE) {
                highestOnDisk = epoch;
            }
        }
    }

    /** Holds what comes against what stood there. */
    private static final class SimRewrite implements LogRewrite {
        private final SimDisk disk;
        private final Range positions;
        private final NavigableSet<Long> missing;

        SimRewrite(SimDisk disk, long first, long last) {
            this.disk = disk;
            this.positions = new Range(first, last);
            this.missing = new TreeSet<>(disk.damaged.subSet(first, true, last, true));
        }

        @Override
        public Range positions() {
            return positions;
        }

        @Override
        public @Nullable Range missing() {
            if (missing.isEmpty()) {
                return null;
            }
            long last = missing.first();
            while (missing.contains(last + 1)) {
                last++;
            }
            return new Range(missing.first(), last);
        }

        @Override
        public void put(List<Entry> entries) {
            for (Entry entry : entries) {
                if (missing.remove(entry.position())
                        && disk.damaged.contains(entry.position())
                        && ByteBuffer.wrap(entry.payload()).getLong() != disk.value(entry.position())) {
                    throw new BrokenRule("repaired-as-it-was", "position " + entry.position());
                }
            }
        }

        @Override
        public void finish() {
            if (disk.end() < positions.to()) {
                throw new IllegalStateException("it was cut meanwhile");
            }
            disk.damaged.subSet(positions.from(), true, positions.to(), true).clear();
        }

        @Override
        public void close() {}
    }
}
