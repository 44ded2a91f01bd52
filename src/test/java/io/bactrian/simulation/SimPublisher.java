package io.bactrian.simulation;

import io.bactrian.pubsub.core.OfferResult;
import io.bactrian.pubsub.core.OutboxEntry;
import io.bactrian.pubsub.core.OutboxReplay;
import io.bactrian.pubsub.core.PublisherCore;
import io.bactrian.pubsub.core.PublisherOutput;
import io.bactrian.pubsub.core.PublisherSettings;
import io.bactrian.pubsub.core.SealedBatch;
import io.bactrian.wire.Batch;
import io.bactrian.wire.Code;
import io.bactrian.wire.Command;
import io.bactrian.wire.Commands;
import io.bactrian.wire.TopicSequence;
import io.bactrian.wire.WireException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/** A publisher process: the production core, with an outbox that survives its crashes or with memory that does not. */
final class SimPublisher implements Network.Peer, PublisherOutput {
    private static final int WINDOW_MESSAGES = 200;

    private final World world;
    private final Network network;
    private final Hubs hub;
    private final Oracle oracle;
    private final Flaw flaw;
    private final String name;
    private final List<String> topics;
    private final boolean withOutbox;
    private final PublisherSettings settings;
    private final List<byte[]> synced = new ArrayList<>();
    private final List<byte[]> unsynced = new ArrayList<>();
    private final Map<String, Long> numbers = new HashMap<>();
    private final Set<String> sentOnce = new HashSet<>();
    private PublisherCore core;
    private boolean up;
    private int life;
    private long stored;
    private boolean putting = true;

    SimPublisher(World world, Network network, Hubs hub, Oracle oracle, Flaw flaw, String name, List<String> topics) {
        this.world = world;
        this.network = network;
        this.hub = hub;
        this.oracle = oracle;
        this.flaw = flaw;
        this.name = name;
        this.topics = topics;
        withOutbox = flaw != Flaw.LAST_SEQUENCE_IGNORED && world.chance(0.5);
        settings = PublisherSettings.of(name)
                .withWindow(1 << 20, WINDOW_MESSAGES)
                .withBatches(1024, 1 + world.draw(20))
                .withTimes(100, 800, 500)
                .withOutbox(withOutbox);
        boot();
    }

    private void boot() {
        up = true;
        life++;
        stored = 0;
        OutboxReplay outbox = new OutboxReplay();
        synced.forEach(entry -> outbox.read(OutboxEntry.decode(entry)));
        core = new PublisherCore(settings, this, world::drawLong, withOutbox ? outbox : null);
        world.note(() -> name + " up, outbox=" + withOutbox + " waiting=" + outbox.waiting());
        network.connect(name, this);
        core.start(world.nowMs());
        int thisLife = life;
        world.in(20, () -> tick(thisLife));
        world.in(world.draw(50), () -> putSome(thisLife));
    }

    void crash(long downMs) {
        if (!up) {
            return;
        }
        up = false;
        life++;
        network.disconnect(name);
        // Of what was written and not synced, any beginning survives.
        synced.addAll(unsynced.subList(0, world.draw(unsynced.size() + 1)));
        unsynced.clear();
        sentOnce.clear();
        if (world.chance(0.2)) {
            synced.clear();
            oracle.lostOutbox(name);
        }
        world.note(() -> name + " crashed, outbox=" + synced.size());
        world.in(downMs, this::boot);
    }

    void stopPutting() {
        putting = false;
    }

    boolean idle() {
        return up && core.idle();
    }

    private void tick(int itsLife) {
        if (itsLife == life) {
            world.in(20, () -> tick(itsLife));
            core.tick(world.nowMs());
            // What a former life had accepted without having synced that counts once more until the hub is asked.
            if (core.counters().waitingMessages() > 2 * WINDOW_MESSAGES) {
                oracle.fail(name + " has more waiting than its window");
            }
        }
    }

    private void putSome(int itsLife) {
        if (itsLife != life || !putting) {
            return;
        }
        world.in(1 + world.draw(80), () -> putSome(itsLife));
        String topic = topics.get(world.draw(topics.size()));
        boolean sparse = topic.startsWith("d/");
        for (int i = world.draw(world.chance(0.1) ? 60 : 4); i >= 0; i--) {
            long number = numbers.getOrDefault(topic, 0L) + (sparse ? 1 + world.draw(3) : 1);
            String message = Oracle.message(name, topic, number);
            oracle.put(message);
            byte[] record = message.getBytes(StandardCharsets.UTF_8);
            OfferResult offer = sparse
                    ? core.offerSparse(topic, number, record, message, world.nowMs())
                    : core.offer(topic, record, message, world.nowMs());
            if (offer != OfferResult.TAKEN) {
                return;
            }
            numbers.put(topic, number);
        }
    }

    @Override
    public void receive(byte[] frame, byte[] second) {
        byte[] taken = frame;
        try {
            if (flaw == Flaw.LAST_SEQUENCE_IGNORED && Commands.decode(frame) instanceof Command.Opened opened) {
                taken = new Command.Opened(
                                opened.epoch(),
                                opened.last().stream()
                                        .map(topic -> new TopicSequence(topic.topic(), 0))
                                        .toList())
                        .encode();
            }
        } catch (WireException e) {
            throw new IllegalStateException(e);
        }
        core.receive(taken, world.nowMs());
    }

    @Override
    public void reconnected() {
        core.reconnected(world.nowMs());
    }

    @Override
    public void send(byte[] frame) {
        if (flaw == Flaw.NO_REPEATS && Batch.isBatch(frame)) {
            Batch batch = Batch.parseTrusted(frame);
            if (!sentOnce.add(batch.topic() + "|" + batch.sequence())) {
                return;
            }
        }
        network.toHub(name, hub, frame);
    }

    @Override
    public void store(OutboxEntry entry) {
        unsynced.add(entry.encode());
        world.note(() -> name + " stores " + entry);
        if (flaw == Flaw.KEPT_BEFORE_SYNC && entry instanceof OutboxEntry.Closed closed) {
            each(closed.batch(), oracle::kept);
        }
        int thisLife = life;
        long mark = ++stored;
        world.in(1 + world.draw(10), () -> {
            if (thisLife == life && mark == stored) {
                synced.addAll(unsynced);
                unsynced.clear();
                core.stored(mark, world.nowMs());
            } else if (thisLife == life && !unsynced.isEmpty() && mark > stored - unsynced.size()) {
                int entries = (int) (mark - (stored - unsynced.size()));
                synced.addAll(unsynced.subList(0, entries));
                unsynced.subList(0, entries).clear();
                core.stored(mark, world.nowMs());
            }
        });
    }

    private static void each(Batch batch, Consumer<String> what) {
        batch.records().forEach(record -> what.accept(new String(record, StandardCharsets.UTF_8)));
    }

    @Override
    public void kept(SealedBatch batch) {
        each(batch.batch(), oracle::kept);
    }

    @Override
    public void accepted(SealedBatch batch) {
        List<byte[]> records = batch.batch().records();
        for (int i = 0; i < records.size(); i++) {
            String message = new String(records.get(i), StandardCharsets.UTF_8);
            Object attachment = batch.attachment(i);
            if (attachment != null && !attachment.equals(message)) {
                oracle.fail("attachment of " + message + " is " + attachment);
            }
            oracle.accepted(message);
        }
    }

    @Override
    public void failed(SealedBatch batch, Code code, String text) {
        each(batch.batch(), oracle::failed);
    }

    @Override
    public void troubled(Code code, String text) {
        world.note(() -> name + " troubled: " + text);
    }

    @Override
    public void stopped(Code code, String text) {
        if (oracle.isParted()) { // one hub may know an epoch that the other has granted to a former process: it is
            // started again
            world.in(0, () -> crash(100));
            return;
        }
        oracle.fail(name + " was stopped: " + text);
    }
}
