package io.bactrian.simulation;

import io.bactrian.pubsub.core.Admission;
import io.bactrian.pubsub.core.Delivery;
import io.bactrian.pubsub.core.HubFeed;
import io.bactrian.pubsub.core.HubIntake;
import io.bactrian.pubsub.core.HubLimits;
import io.bactrian.pubsub.core.LogEntry;
import io.bactrian.pubsub.core.Outbound;
import io.bactrian.wire.Batch;
import io.bactrian.wire.Code;
import io.bactrian.wire.Command;
import io.bactrian.wire.Commands;
import io.bactrian.wire.Limits;
import io.bactrian.wire.TopicSequence;
import io.bactrian.wire.WireException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A hub process: the production intake and feed, over a log and a database that survive its crashes. By the rules of the
 * run it syncs its log only at intervals, so that a power cut takes the end of it, or it is restored: an older copy of
 * the log is put back, and of what it knows of publishers; then a new log epoch begins. And by the rules full topics have their slowest subscribers give up the oldest.
 */
final class SimHub {
    private static final HubLimits LIMITS = new HubLimits(1 << 16, 1 << 16, 100, 100, 10_000, 100, 100, 1 << 20);
    private static final Limits FRAMES = new Limits(1 << 16, 1 << 16);

    private record Frame(byte[] peer, byte[] octets) {}

    private record Taken(byte[] peer, Batch batch) {}

    private final World world;
    private final Network network;
    private final Oracle oracle;
    private final Flaw flaw;
    private final Rules rules;
    private final SimLog log = new SimLog();
    private final Map<String, Map<String, Long>> sequences = new LinkedHashMap<>();
    private final Map<String, Long> gaveUp = new HashMap<>();
    private final ArrayDeque<Frame> inbox = new ArrayDeque<>();
    private SimRegistry registry;
    private SimRegistry checkpoint;
    private HubIntake intake;
    private HubFeed feed;
    private boolean up;
    private boolean busy;
    private int life;
    private double refusals;
    private long retransmitMs = 400;

    SimHub(World world, Network network, Oracle oracle, Flaw flaw, Rules rules) {
        this.world = world;
        this.network = network;
        this.oracle = oracle;
        this.flaw = flaw;
        this.rules = rules;
        registry = new SimRegistry(oracle, flaw);
        checkpoint = registry.copy();
        boot();
    }

    void refusals(double rate) {
        refusals = rate;
    }

    HubFeed feed() {
        return feed;
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
        intake = new HubIntake(registry, log, LIMITS, (topic, bytes, nowMs) -> bound(topic));
        feed = new HubFeed(log, registry, LIMITS, 1 + world.draw(1 << 30));
        intake.restoredAbove(registry.former());
        registry.publishers()
                .forEach((id, publisher) ->
                        intake.restorePublisher(id, publisher.granted, publisher.inForce, world.nowMs()));
        sequences.forEach((id, topics) -> topics.forEach((topic, last) -> intake.restoreSequence(id, topic, last)));
        for (LogEntry entry : log.all()) {
            oracle.committed(entry);
            Batch batch = Batch.parseTrusted(entry.payload());
            intake.restoreSequence(batch.publisher(), batch.topic(), batch.last());
        }
        List.copyOf(registry.subscribers().values()).forEach(feed::restore);
        world.note("hub up, log ends at " + log.end());
        int thisLife = life;
        world.in(50, () -> timer(thisLife));
    }

    /** A topic is full by chance: its slowest subscribers give up the oldest of it, or it takes no more. */
    private @Nullable Code bound(String topic) {
        if (rules.expires() && world.chance(refusals)) {
            giveUp(topic, log.first() - 1 + world.draw((int) (log.end() - log.first() + 2)));
            return null;
        }
        return world.chance(refusals) ? Code.TOPIC_FULL : null;
    }

    private void giveUp(String topic, long upTo) {
        Optional<HubFeed.Needed> slowest = feed.slowest(topic);
        while (slowest.isPresent() && slowest.get().after() < upTo) {
            String id = slowest.get().subscriber();
            world.note(id + " gives up to " + upTo);
            gaveUp.merge(id, upTo, Math::max);
            feed.giveUp(id, upTo);
            slowest = feed.slowest(topic);
        }
    }

    /** Up to which position a subscriber had to give up, 0 if it had not. */
    long gaveUp(String subscriber) {
        return gaveUp.getOrDefault(subscriber, 0L);
    }

    void crash(long downMs) {
        if (!up) {
            return;
        }
        up = false;
        life++;
        long floor = log.end();
        boolean restored = rules.unsynced() && world.chance(0.2);
        if (restored) {
            floor = log.olderEnd(world);
        } else if (rules.unsynced() && world.chance(0.5)) {
            floor = log.synced();
        }
        log.crash(floor, world.draw(log.above(floor) + 1));
        if (rules.unsynced()) {
            oracle.cut(log.epoch(), log.end());
        }
        if (rules.unsynced() && flaw != Flaw.EPOCH_NOT_RAISED) {
            log.raiseEpoch();
        }
        if (restored) {
            world.note("as they were: " + checkpoint.publishers().keySet() + " "
                    + checkpoint.subscribers().values());
            registry.restore(checkpoint, log.epoch());
            oracle.restored();
        }
        if (flaw == Flaw.SUBSCRIPTION_NOT_DURABLE) {
            registry.subscribers().clear();
            registry.subscribers().putAll(checkpoint.subscribers());
        }
        world.note("hub crashed");
        world.in(downMs, this::boot);
    }

    void receive(byte[] peer, byte[] octets) {
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
        List<Taken> appended = new ArrayList<>();
        List<Taken> repeated = new ArrayList<>();
        List<Frame> commands = new ArrayList<>();
        for (int i = 0; i < 50 && !inbox.isEmpty(); i++) {
            Frame frame = inbox.remove();
            if (Commands.codeOf(frame.octets()) == Batch.COMMAND) {
                take(frame, appended, repeated);
            } else {
                commands.add(frame);
            }
        }
        world.in(world.draw(4), () -> finish(itsLife, appended, repeated, commands));
    }

    private void take(Frame frame, List<Taken> appended, List<Taken> repeated) {
        Batch batch;
        try {
            batch = Batch.parse(frame.octets(), FRAMES);
        } catch (WireException e) {
            throw new IllegalStateException(e);
        }
        Admission admission = intake.admit(batch, world.nowMs());
        if (admission instanceof Admission.Refused refused
                && ignores(refused.answer().reason())) {
            admission = new Admission.Append(batch);
        } else if (admission instanceof Admission.Duplicate && flaw == Flaw.HUB_WITHOUT_DUPLICATES_CHECK) {
            admission = new Admission.Append(batch);
        }
        if (admission instanceof Admission.Append append) {
            log.append(append.batch());
            appended.add(new Taken(frame.peer(), append.batch()));
            if (flaw == Flaw.ACKNOWLEDGE_BEFORE_LOG) {
                acknowledge(frame.peer(), append.batch(), append.batch().last());
            }
        } else if (admission instanceof Admission.Duplicate) {
            repeated.add(new Taken(frame.peer(), batch));
        } else if (admission instanceof Admission.Refused refused) {
            network.toPeer(frame.peer(), refused.answer().encode(), null);
        }
    }

    private boolean ignores(Code reason) {
        return (reason == Code.GAP && flaw == Flaw.HUB_WITHOUT_GAP_CHECK)
                || (reason == Code.STALE_EPOCH && flaw == Flaw.HUB_WITHOUT_FENCE);
    }

    /** The second half: what was written is synced, then acknowledged, then fed; and commands are answered. */
    private void finish(int itsLife, List<Taken> appended, List<Taken> repeated, List<Frame> commands) {
        if (itsLife != life) {
            return;
        }
        long before = log.end();
        log.commit();
        if (!rules.unsynced()) {
            log.sync();
        }
        log.from(before + 1).forEach(oracle::committed);
        for (Taken taken : appended) {
            intake.appended(taken.batch());
        }
        List<Taken> answered = new ArrayList<>(appended);
        answered.addAll(repeated);
        for (Taken taken : answered) {
            Batch batch = taken.batch();
            acknowledge(taken.peer(), batch, intake.logged(batch.publisher(), batch.topic()));
        }
        commands.forEach(this::command);
        feedRound();
        busy = false;
        if (!inbox.isEmpty()) {
            wake();
        }
    }

    private void acknowledge(byte[] peer, Batch batch, long last) {
        Command.Ack ack = new Command.Ack(
                intake.epoch(batch.publisher()), log.epoch(), List.of(new TopicSequence(batch.topic(), last)));
        network.toPeer(peer, ack.encode(), null);
    }

    private void command(Frame frame) {
        Command command;
        try {
            command = Commands.decode(frame.octets());
        } catch (WireException e) {
            throw new IllegalStateException(e);
        }
        world.note("hub takes " + command);
        if (command instanceof Command.Hello hello) {
            network.toPeer(frame.peer(), intake.hello(hello, world.nowMs()).encode(), null);
        } else if (command instanceof Command.Open open) {
            network.toPeer(frame.peer(), open(open).encode(), null);
        } else if (command instanceof Command.Ping ping) {
            Command.Refuse refuse = intake.ping(ping, world.nowMs());
            Command answer = refuse == null ? new Command.Ack(ping.epoch(), log.epoch(), List.of()) : refuse;
            network.toPeer(frame.peer(), answer.encode(), null);
        } else if (command instanceof Command.OfSubscriber request) {
            feed.receive(frame.peer(), request, world.nowMs());
        }
    }

    private Command open(Command.Open open) {
        SimRegistry.Publisher publisher = registry.publishers().get(open.publisher());
        if (flaw == Flaw.LEFT_UNDER_NEW_EPOCH && publisher != null && open.epoch() < publisher.granted) {
            return new Command.Refuse(open.epoch(), "", 0, 0, Code.UNKNOWN_PUBLISHER, "say HELLO first");
        }
        return intake.open(open, world.nowMs());
    }

    private void feedRound() {
        boolean more = true;
        for (int round = 0; more; round++) {
            if (round > 100_000) {
                oracle.fail("the feed never settles");
            }
            feed.answers().forEach(this::send);
            for (Delivery delivery : feed.plan(1 << 14)) {
                Outbound message = feed.deliver(delivery, world.nowMs());
                if (message != null) {
                    send(message);
                }
            }
            more = feed.settle();
        }
    }

    private void send(Outbound message) {
        if (flaw == Flaw.LOST_RANGE_NOT_TOLD && message.command() instanceof Command.Lost lost) {
            // As if there had been nothing for it.
            Command end = new Command.End(lost.session(), lost.logEpoch(), lost.lostFrom() - 1, lost.lostTo());
            network.toPeer(message.peer(), end.encode(), null);
            return;
        }
        world.note("hub says " + message.command());
        network.toPeer(message.peer(), message.command().encode(), message.payload());
    }

    private void timer(int itsLife) {
        if (itsLife != life) {
            return;
        }
        world.in(50, () -> timer(itsLife));
        feed.retransmit(world.nowMs() - retransmitMs);
        if (!busy) {
            feedRound();
        }
        if (world.chance(0.05)) {
            feed.durable().forEach(registry::save);
            checkpoint = registry.copy();
        }
        if (world.chance(0.05)) {
            feed.durable().forEach(registry::save);
            purge();
            // A backup has all that was not acknowledged when it was made.
            checkpoint = registry.copy();
        }
        if (rules.unsynced() && world.chance(0.1)) {
            log.sync();
        }
    }

    private void purge() {
        List<LogEntry> oldest = log.oldest(
                entry -> !feed.needs(Batch.parseTrusted(entry.payload()).topic(), entry.position(), entry.last()));
        if (!oldest.isEmpty()) {
            long upTo = oldest.get(oldest.size() - 1).last();
            if (flaw != Flaw.PASSED_OVER_NOT_KEPT) {
                feed.passOver(upTo);
            }
            // What is deleted behind that which a subscriber gave up is told as one range.
            feed.durable().stream()
                    .filter(s -> gaveUp(s.id()) > s.cursor())
                    .forEach(s -> gaveUp.merge(s.id(), upTo, Math::max));
            oldest.forEach(this::rememberSequence);
            log.purge(oldest.size());
            world.note("hub purged, log begins at " + log.first());
        }
    }

    private void rememberSequence(LogEntry purged) {
        Batch batch = Batch.parseTrusted(purged.payload());
        sequences
                .computeIfAbsent(batch.publisher(), key -> new HashMap<>())
                .merge(batch.topic(), batch.last(), Math::max);
    }
}
