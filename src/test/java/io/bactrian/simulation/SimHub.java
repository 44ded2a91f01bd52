package io.bactrian.simulation;

import io.bactrian.pubsub.core.CommitGate;
import io.bactrian.pubsub.core.Delivery;
import io.bactrian.pubsub.core.HubLimits;
import io.bactrian.pubsub.core.HubMachine;
import io.bactrian.pubsub.core.HubNotices;
import io.bactrian.pubsub.core.IntakeRound;
import io.bactrian.pubsub.core.PeerCommand;
import io.bactrian.pubsub.core.RetentionRules;
import io.bactrian.wire.Batch;
import io.bactrian.wire.Code;
import io.bactrian.wire.Command;
import io.bactrian.wire.Commands;
import io.bactrian.wire.Limits;
import io.bactrian.wire.TopicSequence;
import io.bactrian.wire.WireException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A hub process: the production state machine, over a log and a database that survive its crashes. By the rules of the run
 * it syncs its log only at intervals, so that a power cut takes the end of it, or it is restored: an older copy of the log
 * is put back with the database of a backup. Full topics take no more, or have their slowest subscribers give up the
 * oldest.
 */
final class SimHub implements Hubs {
    private static final HubLimits LIMITS = new HubLimits(1 << 16, 1 << 16, 100, 100, 10_000, 100, 100, 1 << 20);
    private static final Limits FRAMES = new Limits(1 << 16, 1 << 16);

    private record Frame(byte[] peer, byte[] octets) {}

    private final World world;
    private final Network network;
    private final Oracle oracle;
    private final Flaw flaw;
    private final HubRules rules;
    private final SimLog log;
    private final ArrayDeque<Frame> inbox = new ArrayDeque<>();
    private final SimSnapshots snapshots;
    private final RetentionRules retention;
    private SimSnapshots backup;
    private long backupEnd;
    private HubMachine machine;
    private boolean up;
    private boolean busy;
    private int life;
    private double appendFailures;
    private long retransmitMs = 400;

    SimHub(World world, Network network, Oracle oracle, Flaw flaw, HubRules rules) {
        this.world = world;
        this.network = network;
        this.oracle = oracle;
        this.flaw = flaw;
        this.rules = rules;
        snapshots = new SimSnapshots(world, oracle, flaw);
        log = new SimLog(world, flaw, snapshots::logged);
        backup = snapshots.copy();
        // All that nobody needs goes, whatever its age.
        retention = new RetentionRules(
                new RetentionRules.Rule(Duration.ofDays(1), rules.topicBytes()),
                Map.of(),
                0,
                rules.expires() ? RetentionRules.OnFull.EXPIRE : RetentionRules.OnFull.REFUSE);
        boot();
    }

    /** How often its database and its appends fail from now on. */
    void failures(double rate) {
        appendFailures = rate;
        snapshots.failures(rate);
    }

    HubMachine machine() {
        return machine;
    }

    SimLog log() {
        return log;
    }

    boolean up() {
        return up;
    }

    private void boot() {
        life++;
        up = true;
        busy = false;
        inbox.clear();
        int epoch = log.epoch();
        long end = log.end();
        machine = new HubMachine(
                log, snapshots, LIMITS, retention, CommitGate.ALONE, new Notices(), 1 + world.draw(1 << 30));
        try {
            machine.start(world.nowMs());
        } catch (IllegalStateException e) {
            world.note(() -> "hub does not start: " + e.getMessage());
            up = false;
            world.in(20, this::boot);
            return;
        } finally {
            if (log.epoch() > epoch) {
                oracle.cut(epoch, end);
            }
        }
        tellCommitted();
        world.note(() -> "hub up, log ends at " + log.end());
        int thisLife = life;
        log.onFetched(() -> fetched(thisLife));
        world.in(50, () -> timer(thisLife));
    }

    private final class Notices implements HubNotices {
        @Override
        public void info(String line) {
            world.note(() -> "hub: " + line);
        }

        @Override
        public void warn(String line) {
            world.note(() -> "hub: " + line);
        }
    }

    @Override
    public long first() {
        return log.first();
    }

    @Override
    public long gaveUp(String subscriber) {
        return snapshots.gaveUp(subscriber);
    }

    /** Messages, and what the hub itself has logged since. */
    private void tellCommitted() {
        log.from(oracle.end() + 1).stream().filter(e -> e.last() <= log.end()).forEach(oracle::committed);
    }

    void crash(long downMs) {
        if (!up) {
            return;
        }
        tellCommitted();
        up = false;
        life++;
        if (world.chance(0.1)) {
            stop(downMs);
            return;
        }
        long floor = log.end();
        boolean restored = rules.unsynced() && world.chance(0.2);
        if (restored) {
            floor = log.olderEnd(backupEnd);
        } else if (rules.unsynced() && world.chance(0.5)) {
            floor = log.synced();
        }
        log.crash(floor, world.draw(log.above(floor) + 1));
        if (!restored && world.chance(0.15)) {
            snapshots.lose();
            world.note(() -> "the database is gone");
        }
        if (restored) {
            int epoch = log.epoch();
            oracle.cut(epoch, log.end());
            log.raiseEpoch(epoch + 1);
            log.closed();
            world.note(() -> "as they were: " + backup.subscribers().values());
            snapshots.restore(backup, log.epoch());
            oracle.restored();
        }
        world.note(() -> "hub crashed");
        world.in(downMs, this::boot);
    }

    /** It is stopped in order: nothing is lost. */
    private void stop(long downMs) {
        log.rollback();
        try {
            machine.stop(world.nowMs());
        } catch (IllegalStateException e) {
            world.note(() -> "the last checkpoint failed: " + e.getMessage());
        }
        world.note(() -> "hub stopped");
        world.in(downMs, this::boot);
    }

    @Override
    public void receive(byte[] peer, byte[] octets) {
        if (!up) {
            return;
        }
        inbox.add(new Frame(peer, octets));
        wake();
    }

    private void wake() {
        if (!busy) {
            busy = true;
            int thisLife = life;
            world.in(world.draw(2), () -> takeIn(thisLife));
        }
    }

    /** The first half of an Exchange: batches are admitted and written, not yet synced. */
    private void takeIn(int itsLife) {
        if (itsLife != life) {
            return;
        }
        IntakeRound round = new IntakeRound();
        List<Frame> batches = new ArrayList<>();
        List<Frame> requests = new ArrayList<>();
        for (int i = 0; i < 50 && !inbox.isEmpty(); i++) {
            Frame frame = inbox.remove();
            if (Commands.codeOf(frame.octets()) == Batch.COMMAND) {
                round.batch(frame.peer(), parse(frame));
                batches.add(frame);
            } else if (decode(frame) instanceof Command.OfSubscriber) {
                requests.add(frame);
            } else {
                greet(round, frame);
            }
        }
        machine.greet(round, world.nowMs());
        machine.admit(round, world.nowMs());
        for (Batch batch : round.admitted()) {
            log.append(batch);
            if (flaw == Flaw.ACKNOWLEDGE_BEFORE_LOG) {
                acknowledgeAll(batches, batch);
            }
        }
        batches.forEach(frame -> appendAllTheSame(round, parse(frame)));
        world.in(world.draw(4), () -> finish(itsLife, round, requests));
    }

    private void greet(IntakeRound round, Frame frame) {
        Command command = decode(frame);
        world.note(() -> "hub takes " + command);
        if (flaw == Flaw.LEFT_UNDER_NEW_EPOCH
                && command instanceof Command.Open open
                && open.epoch() < snapshots.granted(open.publisher())) {
            round.refuse(
                    frame.peer(),
                    new Command.Refuse(open.epoch(), "", 0, 0, Code.UNKNOWN_PUBLISHER, "say HELLO first"));
        } else {
            round.request(frame.peer(), command);
        }
    }

    private void acknowledgeAll(List<Frame> batches, Batch batch) {
        for (Frame frame : batches) {
            Batch sent = parse(frame);
            if (sent.publisher().equals(batch.publisher()) && sent.topic().equals(batch.topic())) {
                TopicSequence last = new TopicSequence(batch.topic(), batch.last());
                Command ack = new Command.Ack(batch.epoch(), log.epoch(), List.of(last));
                network.toPeer(frame.peer(), ack.encode(), null);
            }
        }
    }

    /** A flawed hub logs what it should not. */
    private void appendAllTheSame(IntakeRound round, Batch batch) {
        boolean refused = round.refusals().stream()
                .anyMatch(refusal -> refusal.command() instanceof Command.Refuse refuse
                        && refuse.topic().equals(batch.topic())
                        && refuse.sequence() == batch.sequence()
                        && refuse.epoch() == batch.epoch()
                        && ignores(refuse.reason()));
        boolean duplicate = flaw == Flaw.HUB_WITHOUT_DUPLICATES_CHECK
                && round.admitted().stream().noneMatch(b -> b.topic().equals(batch.topic()))
                && round.refusals().isEmpty();
        if (refused || duplicate) {
            log.append(batch);
        }
    }

    private boolean ignores(Code reason) {
        return (reason == Code.GAP && flaw == Flaw.HUB_WITHOUT_GAP_CHECK)
                || (reason == Code.STALE_EPOCH && flaw == Flaw.HUB_WITHOUT_FENCE);
    }

    /** The second half: what was written is synced, then acknowledged, then fed; and requests are answered. */
    private void finish(int itsLife, IntakeRound round, List<Frame> requests) {
        if (itsLife != life) {
            return;
        }
        if (world.chance(appendFailures)) {
            log.rollback();
            machine.failed(round, "the disk is full");
        } else {
            long before = log.end();
            log.commit();
            if (!rules.unsynced()) {
                log.force();
            }
            tellCommitted();
            machine.appended(round, before + 1, world.nowMs());
        }
        for (PeerCommand refusal : round.refusals()) {
            network.toPeer(refusal.peer(), refusal.command().encode(), null);
        }
        for (PeerCommand answer : machine.acknowledgements()) {
            network.toPeer(answer.peer(), answer.command().encode(), null);
        }
        hear(requests);
        feedRound();
        busy = false;
        if (!inbox.isEmpty()) {
            wake();
        }
    }

    private void hear(List<Frame> requests) {
        for (Frame frame : requests) {
            Command command = decode(frame);
            world.note(() -> "hub takes " + command);
            machine.receive(frame.peer(), (Command.OfSubscriber) command, world.nowMs());
        }
        tried("the requests", machine::requestsKept);
    }

    private void tried(String what, Runnable work) {
        try {
            work.run();
        } catch (IllegalStateException e) {
            world.note(() -> "hub could not keep " + what + ": " + e.getMessage());
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

    private void feedRound() {
        boolean more = true;
        for (int round = 0; more; round++) {
            if (round > 100_000) {
                oracle.fail("the feed never settles");
            }
            machine.answers().forEach(this::send);
            for (Delivery delivery : machine.plan(1 << 14)) {
                PeerCommand message = machine.deliver(delivery, world.nowMs());
                if (message != null) {
                    send(message);
                }
            }
            more = machine.settle();
        }
    }

    private void fetched(int itsLife) {
        if (itsLife == life && !busy) {
            feedRound();
        }
    }

    private void send(PeerCommand message) {
        if (flaw == Flaw.LOST_RANGE_NOT_TOLD && message.command() instanceof Command.Lost lost) {
            // As if there had been nothing for it.
            Command end = new Command.End(lost.session(), lost.logEpoch(), lost.lostFrom() - 1, lost.lostTo());
            network.toPeer(message.peer(), end.encode(), null);
            return;
        }
        world.note(() -> "hub says " + message.command());
        network.toPeer(message.peer(), message.command().encode(), message.payload());
    }

    private void timer(int itsLife) {
        if (itsLife != life) {
            return;
        }
        world.in(50, () -> timer(itsLife));
        machine.retransmit(world.nowMs() - retransmitMs);
        if (!busy) {
            feedRound();
        }
        if (world.chance(0.1)) {
            checkpoint();
        }
        if (world.chance(0.05)) {
            purge();
            if (log.first() > backup.position() + 1) {
                // A backup holds the log too. Its database beside a log that was purged since is what a start warns of.
                backup = snapshots.copy();
                backupEnd = log.end();
            }
        }
        if (world.chance(0.05)) {
            backup = snapshots.copy();
            backupEnd = log.end();
        }
        if (rules.unsynced() && world.chance(0.1)) {
            log.sync();
        }
    }

    private void checkpoint() {
        if (flaw == Flaw.CHECKPOINT_AHEAD) {
            snapshots.ahead(log.uncommitted(), log.written());
        }
        tried("a checkpoint", () -> machine.checkpoint(world.nowMs()));
    }

    private void purge() {
        tellCommitted();
        tried("whom a purge concerns", () -> machine.purge(world.nowMs()));
        snapshots.deletedTo(log.first() - 1);
    }
}
