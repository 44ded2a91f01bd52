package io.bactrian.simulation;

import io.bactrian.journal.log.Entry;
import io.bactrian.journal.log.JournalException;
import io.bactrian.pair.core.Outbox;
import io.bactrian.pair.core.PairCodec;
import io.bactrian.pair.core.PairEvent;
import io.bactrian.pair.core.PairMessage;
import io.bactrian.pair.core.PairNode;
import io.bactrian.pair.core.PairSettings;
import io.bactrian.pair.core.Replica;
import io.bactrian.pair.core.Role;
import io.bactrian.pair.core.Side;
import io.bactrian.pair.core.Witness;
import io.bactrian.pair.hub.HubReplica;
import io.bactrian.pubsub.core.Delivery;
import io.bactrian.pubsub.core.HubLife;
import io.bactrian.pubsub.core.HubLimits;
import io.bactrian.pubsub.core.HubLives;
import io.bactrian.pubsub.core.HubMachine;
import io.bactrian.pubsub.core.HubNotices;
import io.bactrian.pubsub.core.IntakeRound;
import io.bactrian.pubsub.core.PeerCommand;
import io.bactrian.pubsub.core.RetentionRules;
import io.bactrian.wire.Batch;
import io.bactrian.wire.Command;
import io.bactrian.wire.Commands;
import io.bactrian.wire.Limits;
import io.bactrian.wire.WireException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.ObjLongConsumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A node of a pair with its hub: the production's cores and what brings them together, over a log and a database that survive
 * its crashes. It can be killed, also at a write, with the machine or without, started again, and held up; its wall clock jumps.
 */
final class SimPairedHub {
    static final int HEARTBEAT_MS = 100;
    private static final int TICK_MS = 10;
    private static final int OUT_AFTER_MS = 400;
    private static final long WALL_MS = 1_800_000_000_000L;
    private static final HubLimits LIMITS = new HubLimits(1 << 16, 1 << 16, 100, 100, 10_000, 100, 100, 1 << 20);
    private static final Limits FRAMES = new Limits(1 << 16, 1 << 16);

    private record Frame(byte[] peer, byte[] octets) {}

    /** What a node reaches, and what is told of it. */
    interface Around {
        void toPeer(Side from, PairMessage message);

        void beat(Side from, Role role);

        void toWitness(Side from, int life, Witness.Request request);

        void toClient(Side from, byte[] peer, byte[] frame, byte @Nullable [] second);

        void activated(SimPairedHub node, int epoch);

        void committed(SimPairedHub node, long from, long upTo);

        void gone(SimPairedHub node);

        void here(SimPairedHub node);
    }

    private final World world;
    private final Around around;
    private final PairFlaw flaw;
    private final Side side;
    private final PairSettings settings;
    private final RetentionRules retention;
    private final DiskWrites disk;
    private final SimCopiedLog log;
    private final SimSnapshots snapshots;
    private final ArrayDeque<Frame> inbox = new ArrayDeque<>();
    private final ArrayDeque<Runnable> steps = new ArrayDeque<>();
    private final List<Runnable> heldUp = new ArrayList<>();

    private @Nullable PairNode node;
    private @Nullable HubLives lives;
    private @Nullable HubReplica replica;
    private int life;
    private int deathsAtWrites;
    private long pausedUntilMs;
    private long clockAheadMs;
    private long knownCommitted;
    private double appendFailures;
    private boolean busy;
    private boolean stepping;
    private boolean releasing;
    private @Nullable Runnable underWay;

    SimPairedHub(World world, Around around, Oracle oracle, PairFlaw flaw, Side side, PairKind kind, HubRules rules) {
        this.world = world;
        this.around = around;
        this.flaw = flaw;
        this.side = side;
        settings = new PairSettings(
                "p", side, HEARTBEAT_MS, kind.witnessed(), kind.sync(), 4_000, 1_000, 20, OUT_AFTER_MS);
        snapshots = new SimSnapshots(world, oracle, Flaw.NONE);
        disk = new DiskWrites(world);
        snapshots.inPair(flaw, disk);
        log = new SimCopiedLog(world, flaw, side.name(), disk, snapshots::logged);
        retention = new RetentionRules(
                new RetentionRules.Rule(Duration.ofDays(1), rules.topicBytes()),
                Map.of(),
                0,
                rules.expires() ? RetentionRules.OnFull.EXPIRE : RetentionRules.OnFull.REFUSE);
    }

    Side side() {
        return side;
    }

    SimCopiedLog log() {
        return log;
    }

    SimSnapshots snapshots() {
        return snapshots;
    }

    /** What is below is deleted, or may be. */
    long first() {
        return Math.max(log.first(), snapshots.purgedBefore());
    }

    boolean up() {
        return node != null;
    }

    boolean paused() {
        return world.nowMs() < pausedUntilMs;
    }

    int life() {
        return life;
    }

    int deathsAtWrites() {
        return deathsAtWrites;
    }

    boolean active() {
        return node != null && node.active();
    }

    PairNode node() {
        return Objects.requireNonNull(node);
    }

    HubMachine machine() {
        return Objects.requireNonNull(lives).present();
    }

    private HubReplica replica() {
        return Objects.requireNonNull(replica);
    }

    private long nowMs() {
        return world.nowMs();
    }

    private long wallMs() {
        return WALL_MS + world.nowMs() + clockAheadMs;
    }

    private void note(Supplier<String> what) {
        world.note(() -> side + " " + what.get());
    }

    void failures(double rate) {
        appendFailures = rate;
        disk.deaths(rate / 5);
        snapshots.failures(rate);
    }

    void clockJumps(long byMs) {
        clockAheadMs = byMs;
        note(() -> "clock is " + byMs + " ms ahead");
    }

    void start() {
        if (up()) {
            return;
        }
        life++;
        busy = false;
        stepping = false;
        releasing = false;
        underWay = null;
        pausedUntilMs = 0;
        inbox.clear();
        steps.clear();
        heldUp.clear();
        knownCommitted = 0;
        int its = life;
        lives = new HubLives(() -> new HubMachine(
                log.ofHub(), snapshots, LIMITS, retention, this::gate, new Notices(), 1 + world.draw(1 << 30)));
        replica = new HubReplica(new Lives(its), this::open, new Steps(its));
        node = new PairNode(settings, log.ofPair(), log, new Told(), new Out(its), (long) life << 32, nowMs());
        note(() -> "up, log " + log.first() + " to " + log.end());
        replica.rebuild();
        alive(its, () -> {
            tick(its);
            beat(its);
            timer(its);
            around.here(this);
        });
    }

    private long gate(long end) {
        return switch (flaw) {
            case ACKNOWLEDGES_BEFORE_THE_PEER_CONFIRMS -> end;
            case GATE_GOES_ON_AFTER_THE_LIFE -> Math.min(end, node().committed());
            default -> replica().gate(end);
        };
    }

    private boolean open(int epoch) {
        boolean may = node().active() && node().epoch() == epoch;
        if (may) {
            log.openNow();
        }
        return may || flaw == PairFlaw.SERVES_WHILE_PASSIVE;
    }

    // Time, crashes and pauses.

    private void in(int its, long delayMs, Runnable work) {
        world.in(delayMs, () -> alive(its, work));
    }

    /** Runs work of a life, after its pause if it is held up. */
    private void alive(int its, Runnable work) {
        if (!up() || life != its) {
            return;
        }
        if (paused()) {
            heldUp.add(() -> alive(its, work));
            return;
        }
        try {
            work.run();
        } catch (DiskWrites.ProcessDied e) {
            note(() -> "died at a write");
            deathsAtWrites++;
            crash(world.draw(2_000));
        }
    }

    void now(Runnable work) {
        alive(life, work);
    }

    void ofLife(int its, Runnable work) {
        alive(its, work);
    }

    void pause(long forMs) {
        if (up()) {
            note(() -> "paused for " + forMs);
            pausedUntilMs = nowMs() + forMs;
            world.in(forMs + 1, this::awake);
        }
    }

    void awake() {
        if (!paused()) {
            List<Runnable> all = new ArrayList<>(heldUp);
            heldUp.clear();
            all.forEach(Runnable::run);
        }
    }

    void endPause() {
        pausedUntilMs = 0;
        awake();
    }

    void crash(long downMs) {
        if (up()) {
            stop();
            world.in(downMs, this::start);
        }
    }

    /** Half of the crashes take what the disk has not got yet. */
    private void stop() {
        node = null;
        lives = null;
        replica = null;
        boolean powerCut = world.chance(0.5);
        log.crash(powerCut);
        note(() -> (powerCut ? "power cut, log ends at " : "crashed, log ends at ") + log.end());
        around.gone(this);
    }

    private void tick(int its) {
        in(its, TICK_MS, () -> tick(its));
        node().tick(nowMs());
    }

    private void beat(int its) {
        in(its, HEARTBEAT_MS, () -> beat(its));
        around.beat(side, node().role());
    }

    void tryTo(ObjLongConsumer<PairNode> command) {
        now(() -> {
            try {
                command.accept(node(), nowMs());
            } catch (IllegalStateException refused) {
                note(() -> "refused: " + refused.getMessage());
            }
        });
    }

    /** The routes of the hub's timers. */
    private void timer(int its) {
        in(its, 50, () -> timer(its));
        HubMachine present = machine();
        present.retransmit(wallMs() - 400);
        release(its);
        if (world.chance(0.1)) {
            keep();
        }
        if (world.chance(0.05)) {
            tried("purge", () -> present.purge(wallMs()));
            snapshots.deletedTo(first() - 1);
        }
    }

    /** As the hub's route does: a checkpoint of the active, or the passive takes over what is committed. */
    void keep() {
        if (machine().isActive()) {
            tried("keep a checkpoint", () -> machine().checkpoint(wallMs()));
        } else {
            tried("follow", () -> follow(true));
        }
    }

    private void follow(boolean keeps) {
        Objects.requireNonNull(lives).follow(keeps, wallMs());
        if (flaw == PairFlaw.COPY_PURGES_AHEAD && !node().active()) {
            log.ofHub().deleteBefore(log.end());
        }
    }

    private void tried(String what, Runnable work) {
        try {
            work.run();
        } catch (IllegalStateException | JournalException e) {
            note(() -> "could not " + what + ": " + e.getMessage());
        }
    }

    // Clients.

    void receive(byte[] peer, byte[] octets) {
        if (up()) {
            inbox.add(new Frame(peer, octets));
            wake();
        }
    }

    private void wake() {
        if (!busy) {
            busy = true;
            int its = life;
            in(its, world.draw(2), () -> takeIn(its));
        }
    }

    /** A client asks a hub that is not active: that is the vote for a takeover. */
    private HubMachine asked() {
        HubMachine present = machine();
        if (!present.isActive()) {
            node().request(nowMs());
        }
        return present;
    }

    private void takeIn(int its) {
        HubMachine taking = asked();
        IntakeRound round = new IntakeRound();
        List<Frame> requests = new ArrayList<>();
        for (int i = 0; i < 50 && !inbox.isEmpty(); i++) {
            Frame frame = inbox.remove();
            if (Commands.codeOf(frame.octets()) == Batch.COMMAND) {
                round.batch(frame.peer(), parse(frame));
            } else if (decode(frame) instanceof Command.OfSubscriber) {
                requests.add(frame);
            } else {
                world.note(() -> side + " takes " + decode(frame));
                round.request(frame.peer(), decode(frame));
            }
        }
        Objects.requireNonNull(lives).greet(taking, round, wallMs());
        taking.admit(round, wallMs());
        underWay = () -> append(its, taking, round, requests);
        in(its, world.draw(4), () -> resume(its));
    }

    private void resume(int its) {
        Runnable next = underWay;
        underWay = null;
        if (next != null && up() && life == its) {
            next.run();
        }
    }

    private void append(int its, HubMachine taking, IntakeRound round, List<Frame> requests) {
        String failure = "";
        try {
            if (world.chance(appendFailures)) {
                throw new JournalException("the disk is full");
            }
            log.write(round.admitted());
            if (world.chance(0.7) && !node().writtenInPassing(nowMs())) {
                in(its, world.draw(3), () -> node().appended(nowMs()));
            }
        } catch (JournalException e) {
            failure = String.valueOf(e.getMessage());
        }
        String why = failure;
        underWay = () -> synced(its, taking, round, why, requests);
        in(its, world.draw(3), () -> resume(its));
    }

    private void synced(int its, HubMachine taking, IntakeRound round, String failure, List<Frame> requests) {
        boolean fails = failure.isEmpty() && world.chance(appendFailures) && log.failSync();
        String why = fails ? "the disk cannot sync" : failure;
        long first = log.sync();
        logMoved(its);
        underWay = () -> finish(its, taking, round, first, why, requests);
        in(its, world.draw(3), () -> resume(its));
    }

    /** What the journal's listener does: at times another thread has the lock of the pair. */
    private void logMoved(int its) {
        if (world.chance(0.3) || !node().appendedInPassing(nowMs())) {
            in(its, world.draw(3), () -> node().appended(nowMs()));
        }
    }

    private void finish(
            int its, HubMachine taking, IntakeRound round, long first, String failure, List<Frame> requests) {
        if (failure.isEmpty()) {
            taking.appended(round, first, wallMs());
        } else {
            taking.failed(round, failure);
        }
        for (PeerCommand refusal : round.refusals()) {
            around.toClient(side, refusal.peer(), refusal.command().encode(), null);
        }
        for (Frame frame : requests) {
            world.note(() -> side + " takes " + decode(frame));
            asked().receive(frame.peer(), (Command.OfSubscriber) decode(frame), wallMs());
        }
        tried("keep the requests", machine()::requestsKept);
        logMoved(its);
        answer();
        busy = false;
        if (!inbox.isEmpty()) {
            wake();
        }
    }

    /** Answers that have become free, and a round of the feed. */
    private void answer() {
        HubMachine present = machine();
        for (PeerCommand answer : present.acknowledgements()) {
            world.note(() -> side + " says " + answer.command());
            around.toClient(side, answer.peer(), answer.command().encode(), null);
        }
        boolean more = true;
        for (int round = 0; more; round++) {
            if (round > 100_000) {
                throw new Broken("the feed never settles");
            }
            present.answers().forEach(this::send);
            for (Delivery delivery : present.plan(1 << 14)) {
                PeerCommand message = present.deliver(delivery, wallMs());
                if (message != null) {
                    send(message);
                }
            }
            more = present.settle();
        }
    }

    private void send(PeerCommand message) {
        world.note(() -> side + " says " + message.command());
        around.toClient(side, message.peer(), message.command().encode(), message.payload());
    }

    private void release(int its) {
        if (!releasing) {
            releasing = true;
            in(its, world.draw(3), () -> {
                releasing = false;
                answer();
            });
        }
    }

    private static Command decode(Frame frame) {
        try {
            return Commands.decode(frame.octets());
        } catch (WireException e) {
            throw new IllegalArgumentException(e);
        }
    }

    private static Batch parse(Frame frame) {
        try {
            return Batch.parse(frame.octets(), FRAMES);
        } catch (WireException e) {
            throw new IllegalArgumentException(e);
        }
    }

    // What the pair tells its hub.

    /** The pair's delegate: the hub's replica hears of everything, and the run too. */
    private final class Told implements Replica {
        @Override
        public void copied(List<Entry> entries) {
            if (replica != null) {
                replica.copied(entries);
            }
        }

        @Override
        public void rebuild() {
            replica().rebuild();
        }

        @Override
        public void activated(int epoch) {
            around.activated(SimPairedHub.this, epoch);
            replica().activated(epoch);
        }

        @Override
        public void deactivated() {
            replica().deactivated();
        }

        @Override
        public void committed(long position) {
            if (position > knownCommitted) {
                around.committed(SimPairedHub.this, knownCommitted + 1, position);
            }
            knownCommitted = position;
            replica().committed(position);
        }
    }

    /** The thread of the hub's steps: slow, and in order. */
    private final class Steps implements HubReplica.TakeoverSteps {
        private final int its;

        Steps(int its) {
            this.its = its;
        }

        @Override
        public void next(Runnable step) {
            steps.add(step);
            if (!stepping) {
                stepping = true;
                in(its, delay(), this::run);
            }
        }

        private long delay() {
            return world.chance(0.1) ? world.draw(400) : world.draw(5);
        }

        private void run() {
            steps.remove().run();
            stepping = !steps.isEmpty();
            if (stepping) {
                in(its, delay(), this::run);
            }
        }

        @Override
        public void later(Runnable step, long ms) {
            in(its, ms, () -> next(step));
        }

        @Override
        public void failed(String what, RuntimeException cause) {
            if (!(cause instanceof IllegalStateException || cause instanceof JournalException)) {
                throw cause;
            }
            note(() -> "could not " + what + ": " + cause.getMessage());
        }

        @Override
        public void succeeded() {}
    }

    private final class Lives implements HubReplica.Lives {
        private final int its;

        Lives(int its) {
            this.its = its;
        }

        @Override
        public void stepDown() {
            if (flaw == PairFlaw.SERVES_WHILE_PASSIVE || !machine().isActive()) {
                return;
            }
            HubLives all = Objects.requireNonNull(lives);
            while (!all.retire()) {
                resume(its); // it waits for what is under way
                if (!up()) {
                    return;
                }
            }
            all.bury(wallMs());
            note(() -> "hub passive");
        }

        @Override
        public void activate() {
            if (up()) {
                Objects.requireNonNull(lives).activate(HubLife.IN_PAIR, wallMs());
                note(() -> "hub active, log " + log.first() + " to " + log.end());
                logMoved(its);
                release(its);
            }
        }

        @Override
        public void follow(boolean keeps) {
            if (up()) {
                SimPairedHub.this.follow(keeps);
            }
        }

        @Override
        public void committedMoved() {
            if (machine().isActive()) {
                release(its);
            }
        }
    }

    private final class Notices implements HubNotices {
        @Override
        public void info(String line) {
            note(() -> "hub: " + line);
        }

        @Override
        public void warn(String line) {
            note(() -> "hub: " + line);
        }
    }

    /** What the core says. */
    private final class Out implements Outbox {
        private final int its;

        Out(int its) {
            this.its = its;
        }

        @Override
        public void toPeer(PairMessage message) {
            around.toPeer(side, read(PairCodec.encode(message)));
        }

        @Override
        public void toWitness(Witness.Request request) {
            around.toWitness(side, its, request);
        }

        @Override
        public void event(PairEvent event) {
            note(() -> event.kind() + " " + event.text());
        }

        private static PairMessage read(byte[] frame) {
            try {
                return PairCodec.message(frame);
            } catch (PairCodec.BadFrameException e) {
                throw new AssertionError(e);
            }
        }
    }

    @Override
    public String toString() {
        PairNode now = node;
        return side + "["
                + (now == null
                        ? "down"
                        : now.role() + " epoch=" + now.epoch() + " standing=" + now.standing() + " committed="
                                + now.committed() + " log=" + log.first() + " to " + log.end() + " hub="
                                + (machine().isActive() ? "active" : "passive"))
                + "]";
    }
}
