package io.bactrian.pubsub.core;

import io.bactrian.wire.Batch;
import io.bactrian.wire.Code;
import io.bactrian.wire.Command;
import io.bactrian.wire.Commands;
import io.bactrian.wire.TopicSequence;
import io.bactrian.wire.WireException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * One publisher, over all its topics: numbers records, makes batches, and repeats them until the hub has logged each
 * exactly once.
 *
 * <p>The first record of an idle topic is sent at once; while batches are under way records gather, so that load makes
 * batches by itself. Boundaries of a batch change after it is closed only if the hub takes none so large. The rules are
 * those of {@code docs/reference/protocol.md}, "Publisher and hub". Not thread-safe; times are milliseconds of any clock
 * that never goes back.
 */
public final class PublisherCore {
    private static final byte[] NO_HEADERS = {};

    private static final String OLDER_HUB =
            "the hub takes no headers, as it is older than this client: put without headers, or update the hub";

    private enum State {
        /** HELLO is sent, no epoch is known. */
        GREETING,
        /** An epoch is granted. */
        GRANTED,
        /** Somebody else has the id. */
        STOPPED
    }

    private final PublisherSettings settings;
    private final PublisherOutput output;
    private final PublisherTopics topics;
    private final PublisherHandshake handshake;
    private final OutboxOrder outboxOrder;
    private final PublisherFlights flights;

    private State state = State.GREETING;
    /** What is sent is sent under this one. */
    private long epoch;
    /** The one that the hub has granted to this instance. */
    private long granted;
    /** The one of a former process, under which its batches go out first; 0 if there is none. */
    private long formerEpoch;

    private HubBounds bounds = HubBounds.NONE;
    private int batchBytes;
    private long heardMs;
    private long pingedMs;

    private long offered;
    private long failedRecords;
    private long batches;
    private long gaps;
    private long greetings;
    private long broken;

    /**
     * A publisher that has said nothing yet.
     *
     * @param random draws instance numbers; must differ from life to life
     * @param outbox what a former life has left, null if there is none
     */
    public PublisherCore(
            PublisherSettings settings, PublisherOutput output, LongSupplier random, @Nullable OutboxReplay outbox) {
        this.settings = settings;
        this.output = output;
        handshake = new PublisherHandshake(settings, output, random);
        outboxOrder = new OutboxOrder(output);
        topics = new PublisherTopics(settings.publisher(), settings.topicsMax());
        flights = new PublisherFlights(settings, output, outboxOrder);
        batchBytes = settings.batchBytesMax();
        if (outbox != null) {
            outbox.topics().forEach(this::recover);
            formerEpoch = topics.all().stream().mapToLong(topic -> topic.epoch).reduce(0, Math::max);
            topics.all().stream()
                    .filter(topic -> formerEpoch > 0 && topic.leftUnder(formerEpoch))
                    .forEach(topic -> topic.leftTo = topic.next() - 1);
        }
    }

    private void recover(String name, OutboxReplay.Topic left) {
        boolean sparse = !left.waiting.isEmpty() && left.waiting.element().sparse();
        PublisherTopic topic = topics.get(name, sparse);
        topic.accepted = left.accepted;
        topic.next(left.accepted + 1);
        // What is at or below an accepted sequence was numbered with the hub's knowledge, so the next may be too.
        for (Batch batch : left.waiting) {
            topic.recovered(batch);
        }
        for (SealedBatch batch : topic.waiting()) {
            flights.waits(batch.count(), batch.recordBytes());
        }
        if (!topic.idle()) {
            topics.needsOpening(topic);
        }
        for (OutboxReplay.Refused refused : left.refused) {
            SealedBatch batch = new SealedBatch(refused.batch(), null, 0, true);
            outboxOrder.recovered(new OutboxOrder.Failure(
                    batch, refused.code(), "was refused for good before the publisher stopped"));
        }
    }

    /** Says HELLO. To be called once, first. */
    public void start(long nowMs) {
        heardMs = nowMs;
        topics.all().forEach(topic -> topic.waiting().forEach(batch -> batch.sealedMs(nowMs)));
        stored(0, nowMs);
        handshake.hello(nowMs);
    }

    /** Offers a whole array as a record; see {@link #offer(String, byte[], int, int, Object, long)}. */
    public OfferResult offer(String topic, byte[] record, @Nullable Object attachment, long nowMs) {
        return offer(topic, NO_HEADERS, record, 0, record.length, false, attachment, nowMs);
    }

    /** Offers a body with headers; see {@link #offer(String, byte[], int, int, Object, long)}. */
    public OfferResult offer(
            String topic, byte[] headers, byte[] body, boolean multipart, @Nullable Object attachment, long nowMs) {
        return offer(topic, headers, body, 0, body.length, multipart, attachment, nowMs);
    }

    /**
     * Offers a record; its octets are copied.
     *
     * @param topic 1 to 255 octets of UTF-8
     * @param attachment handed back with the batch when its fate is known
     * @throws IllegalArgumentException if the topic is no name, or sparse records wait in it
     */
    public OfferResult offer(
            String topic, byte[] source, int offset, int length, @Nullable Object attachment, long nowMs) {
        return offer(topic, NO_HEADERS, source, offset, length, false, attachment, nowMs);
    }

    /**
     * Offers a record.
     *
     * @param headers what {@link io.bactrian.wire.Headers} has packed; no octets if there are none
     * @param multipart whether {@link io.bactrian.wire.Multipart} has packed the body
     */
    private OfferResult offer(
            String topic,
            byte[] headers,
            byte[] source,
            int offset,
            int length,
            boolean multipart,
            @Nullable Object attachment,
            long nowMs) {
        int octets = headers.length + length;
        OfferResult room = room(octets, nowMs);
        if (room != OfferResult.TAKEN) {
            return room;
        }
        PublisherTopic target = topics.get(topic, false);
        boolean tooFull = !target.builder().isEmpty() && target.builder().bytes() + 4 + octets > batchBytes;
        if (tooFull || !target.takes(headers, length, multipart, bounds.messageBytesMax())) {
            seal(target, nowMs);
        }
        take(target, headers, source, offset, length, multipart, attachment, nowMs);
        if (target.builder().bytes() >= batchBytes || target.builder().count() >= settings.batchMessagesMax()) {
            seal(target, nowMs);
        } else {
            sealIfIdle(target, nowMs);
        }
        return OfferResult.TAKEN;
    }

    /** Offers a record that is not multipart; see {@link #offerSparse(String, long, byte[], byte[], boolean, Object, long)}. */
    public OfferResult offerSparse(
            String topic, long sequence, byte[] record, @Nullable Object attachment, long nowMs) {
        return offerSparse(topic, sequence, NO_HEADERS, record, false, attachment, nowMs);
    }

    /**
     * Offers a record under a sequence of the caller's, which must rise within the topic; what the hub has at or above
     * it already is accepted as a repeat.
     *
     * @param headers what {@link io.bactrian.wire.Headers} has packed; no octets if there are none
     * @param multipart whether {@link io.bactrian.wire.Multipart} has packed the body
     */
    public OfferResult offerSparse(
            String topic,
            long sequence,
            byte[] headers,
            byte[] body,
            boolean multipart,
            @Nullable Object attachment,
            long nowMs) {
        OfferResult room = room(headers.length + body.length, nowMs);
        if (room != OfferResult.TAKEN) {
            return room;
        }
        PublisherTopic target = topics.get(topic, true);
        if (sequence < target.next() && !target.waiting().isEmpty()) {
            throw new IllegalArgumentException("sequence " + sequence + " is not above those that wait");
        }
        target.next(sequence);
        take(target, headers, body, 0, body.length, multipart, attachment, nowMs);
        seal(target, nowMs);
        return OfferResult.TAKEN;
    }

    private OfferResult room(int length, long nowMs) {
        if (state == State.STOPPED) {
            return OfferResult.STOPPED;
        }
        if (length > bounds.messageBytesMax()) {
            return OfferResult.TOO_LARGE;
        }
        return flights.takes(length, nowMs) ? OfferResult.TAKEN : OfferResult.FULL;
    }

    private void take(
            PublisherTopic topic,
            byte[] headers,
            byte[] source,
            int offset,
            int length,
            boolean multipart,
            @Nullable Object attachment,
            long nowMs) {
        flights.waits(1, topic.append(headers, source, offset, length, multipart, attachment));
        offered++;
        if (settings.outbox()) {
            outboxOrder.waits(topic);
        }
        if (!topic.open && topics.needsOpening(topic) && state == State.GRANTED && formerEpoch == 0) {
            handshake.open(topic, epoch, nowMs);
            handshake.resetOpen();
        }
    }

    /** Closes the open batch if nothing else would bring it on its way. */
    private void sealIfIdle(PublisherTopic topic, long nowMs) {
        if (topic.builder().isEmpty()) {
            return;
        }
        boolean idle = settings.outbox() ? outboxOrder.isIdle() : topic.open && topic.flights < settings.flightsMin();
        if (idle) {
            seal(topic, nowMs);
        }
    }

    private void seal(PublisherTopic topic, long nowMs) {
        SealedBatch sealed = topic.seal();
        sealed.sealedMs(nowMs);
        batches++;
        if (settings.outbox()) {
            outboxOrder.closed(topic, sealed);
        }
        pump(topic, nowMs);
    }

    /**
     * Says how much of the outbox is synced.
     *
     * @param entries the number of entries given to {@link PublisherOutput#store} since the start that are safe
     */
    public void stored(long entries, long nowMs) {
        outboxOrder.synced(entries);
        OutboxOrder.Failure failure = outboxOrder.nextFailure();
        while (failure != null) {
            tell(failure);
            PublisherTopic topic = topics.find(failure.batch().topic());
            if (topic != null) {
                outboxOrder.accepted(topic, topic.accepted);
            }
            failure = outboxOrder.nextFailure();
        }
        boolean idle = outboxOrder.isIdle();
        for (PublisherTopic topic : outboxOrder.waiting()) {
            if (idle && !topic.builder().isEmpty()) {
                seal(topic, nowMs);
            } else {
                pump(topic, nowMs);
            }
            outboxOrder.dropIfSynced(topic);
        }
    }

    /** Sends what may be sent. What the hub's bounds do not allow is cut, or given up if it is one record. */
    private void pump(PublisherTopic topic, long nowMs) {
        boolean again = true;
        while (again && topic.open && state == State.GRANTED && topic.refused == null) {
            SealedBatch obstacle = flights.send(topic, bounds, formerEpoch > 0, nowMs);
            again = obstacle != null;
            if (obstacle != null && obstacle.count() > 1) {
                topic.cut(bounds);
            } else if (obstacle != null && topic.waiting().peek() == obstacle) {
                giveUp(topic, obstacle, nowMs);
            } else {
                again = false;
            }
        }
    }

    /** Gives up the one record of the first batch, which was closed before the hub told that it takes none so large. */
    private void giveUp(PublisherTopic topic, SealedBatch batch, long nowMs) {
        OutboxOrder.Failure failure = bounds.refusal(batch);
        if (batch.maybeSent()) {
            refusedForGood(
                    topic,
                    new Command.Refuse(
                            epoch, batch.topic(), batch.batch().sequence(), 0, failure.code(), failure.text()),
                    nowMs);
            return;
        }
        // Neither it nor anything after it was ever sent: no copy is under way that would have to be fenced.
        topic.waiting().remove();
        flights.decided(batch);
        numberFrom(topic, batch.batch().sequence(), failure);
    }

    /** The largest record that the hub takes; any as long as it has not said so. */
    public int messageBytesMax() {
        return bounds.messageBytesMax();
    }

    /** Takes a frame of the hub; nothing in it can do harm. */
    public void receive(byte[] frame, long nowMs) {
        Command command;
        try {
            command = Commands.decode(frame);
        } catch (WireException e) {
            broken++;
            return;
        }
        if (state == State.STOPPED) {
            return;
        }
        if (command instanceof Command.Welcome welcome) {
            welcome(welcome, nowMs);
        } else if (command instanceof Command.Opened opened) {
            heardMs = nowMs;
            for (TopicSequence topic : opened.last()) {
                if (state == State.GRANTED && opened.epoch() == epoch) {
                    opened(topic, nowMs);
                }
            }
            leaveFormerIfDone(nowMs);
        } else if (command instanceof Command.Ack ack) {
            heardMs = nowMs;
            if (state == State.GRANTED && ack.epoch() == epoch) {
                ack.last().forEach(topic -> acknowledged(topic, nowMs));
                leaveFormerIfDone(nowMs);
            }
        } else if (command instanceof Command.Refuse refuse) {
            heardMs = nowMs;
            refused(refuse, nowMs);
        } else if (command instanceof Command.Error error) {
            heardMs = nowMs;
            output.troubled(error.reason(), mayBeOlder(error) ? OLDER_HUB + " (" + error.text() + ")" : error.text());
        } else {
            broken++;
        }
    }

    /** A hub from before headers calls a batch that has some malformed, and does not say which batch. */
    private boolean mayBeOlder(Command.Error error) {
        return error.reason() == Code.MALFORMED
                && flights.flying().stream()
                        .flatMap(topic -> topic.waiting().stream())
                        .anyMatch(batch -> batch.batch().hasHeaders());
    }

    private void greetAnew(long nowMs) {
        state = State.GREETING;
        handshake.resetHello();
        closeAll();
        handshake.hello(nowMs);
    }

    private void closeAll() {
        topics.closeAll();
        flights.clear();
    }

    private void leaveFormerIfDone(long nowMs) {
        if (state == State.GRANTED && formerEpoch > 0 && topics.all().stream().noneMatch(PublisherTopic::left)) {
            leaveFormer(nowMs);
        }
    }

    /** Goes on under the epoch of this process; what a former one has left and is not decided is numbered under it. */
    private void leaveFormer(long nowMs) {
        forgetFormer();
        epoch = granted;
        closeAll();
        handshake.resetOpen();
        openAll(nowMs);
    }

    private void forgetFormer() {
        formerEpoch = 0;
        topics.all().forEach(topic -> topic.leftTo = 0);
    }

    private void welcome(Command.Welcome welcome, long nowMs) {
        if (state != State.GREETING || !handshake.isOurs(welcome)) {
            return;
        }
        heardMs = nowMs;
        state = State.GRANTED;
        granted = welcome.epoch();
        epoch = formerEpoch > 0 ? formerEpoch : granted;
        greetings++;
        bounds = HubBounds.of(welcome);
        batchBytes = Math.min(settings.batchBytesMax(), bounds.batchBytesMax());
        handshake.resetOpen();
        openAll(nowMs);
        leaveFormerIfDone(nowMs);
    }

    private void openAll(long nowMs) {
        handshake.open(
                topics.opening().stream()
                        .filter(topic -> formerEpoch == 0 || topic.left())
                        .toList(),
                epoch,
                nowMs);
    }

    private void opened(TopicSequence answer, long nowMs) {
        PublisherTopic topic = topics.find(answer.topic());
        if (topic == null || answer.sequence() < topic.accepted) {
            return;
        }
        if (topic.open || !topics.opening().contains(topic)) {
            acknowledged(answer, nowMs);
            return;
        }
        long last = answer.sequence();
        flights.settle(topic, last, nowMs);
        topic.accepted = last;
        if (settings.outbox()) {
            // What waits may still have numbers of its own, below the hub's: those are not accepted.
            SealedBatch first = topic.waiting().peek();
            outboxOrder.accepted(
                    topic, first == null ? last : Math.min(last, first.batch().sequence() - 1));
        }
        OutboxOrder.Failure failure = topic.takeRefused(bounds);
        if (failure != null) {
            flights.decided(failure.batch());
        }
        numberFrom(topic, last + 1, failure);
        topics.open(topic);
        sealIfIdle(topic, nowMs);
        pump(topic, nowMs);
    }

    /** Gives the waiting batches the epoch in force, and the sequences that the hub expects. */
    private void numberFrom(PublisherTopic topic, long expected, OutboxOrder.@Nullable Failure failure) {
        SealedBatch first = topic.waiting().peek();
        long after = failure == null ? topic.next() : failure.batch().batch().last() + 1;
        long from = first == null ? after : first.batch().sequence();
        long to = topic.sparse() ? from : expected;
        boolean otherEpoch = first != null && first.batch().epoch() != epoch;
        topic.renumber(epoch, expected);
        if (settings.outbox() && (otherEpoch || from != to || failure != null)) {
            outboxOrder.renumbered(topic, from, to, epoch, failure == null ? null : failure.code());
        }
        if (failure != null && settings.outbox()) {
            outboxOrder.tellLater(failure);
        } else if (failure != null) {
            tell(failure);
        }
    }

    private void tell(OutboxOrder.Failure failure) {
        failedRecords += failure.batch().count();
        if (settings.stopsAtRefusal()) {
            state = State.STOPPED;
        }
        output.failed(failure.batch(), failure.code(), failure.text());
    }

    private void acknowledged(TopicSequence answer, long nowMs) {
        PublisherTopic topic = topics.find(answer.topic());
        if (topic == null || !topic.open || (answer.sequence() <= topic.accepted && !topic.sparse())) {
            return;
        }
        if (answer.sequence() >= topic.next() && !topic.sparse()) {
            broken++;
            return;
        }
        topic.accepted = Math.max(topic.accepted, answer.sequence());
        flights.settle(topic, answer.sequence(), nowMs);
        if (settings.outbox()) {
            outboxOrder.accepted(topic, topic.accepted);
        }
        topic.endRepair();
        topic.retryAfter(settings.retryMsMin(), nowMs);
        sealIfIdle(topic, nowMs);
        pump(topic, nowMs);
        if (topic.flights == 0) {
            flights.landed(topic);
        }
    }

    private void refused(Command.Refuse refuse, long nowMs) {
        if (state == State.GREETING) {
            if (refuse.epoch() == 0) {
                output.troubled(refuse.reason(), refuse.text());
            }
            return;
        }
        if (refuse.epoch() != epoch) {
            return;
        }
        PublisherTopic topic = topics.find(refuse.topic());
        switch (refuse.reason()) {
            case STALE_EPOCH -> {
                if (formerEpoch > 0) {
                    leaveFormer(nowMs);
                    return;
                }
                state = State.STOPPED;
                output.stopped(refuse.reason(), refuse.text());
            }
            case UNKNOWN_PUBLISHER -> {
                if (topic != null) {
                    // The hub may have been restored, and go on with us under the same epoch if it is told of it.
                    reopen(topic, nowMs);
                } else if (refuse.topic().isEmpty() && formerEpoch > 0) {
                    leaveFormer(nowMs);
                } else if (refuse.topic().isEmpty()) {
                    greetAnew(nowMs);
                }
            }
            case GAP -> {
                gaps++;
                if (topic != null) {
                    repair(topic, refuse.expected(), nowMs);
                }
            }
            case UNAVAILABLE, NOT_ACTIVE -> output.troubled(refuse.reason(), refuse.text());
            default -> {
                if (topic != null && topic.open) {
                    refusedForGood(topic, refuse, nowMs);
                } else {
                    output.troubled(refuse.reason(), refuse.text());
                }
            }
        }
    }

    private void repair(PublisherTopic topic, long expected, long nowMs) {
        if (!topic.beginRepair(expected)) {
            return;
        }
        if (expected <= topic.accepted) {
            // The hub has lost what it had accepted: OPEN tells it so.
            reopen(topic, nowMs);
        } else {
            again(topic, nowMs);
        }
    }

    private void reopen(PublisherTopic topic, long nowMs) {
        if (topic.open) {
            topics.close(topic);
            flights.landed(topic);
            handshake.open(topic, epoch, nowMs);
        }
    }

    /** Sends again all that is under way in a topic. */
    private void again(PublisherTopic topic, long nowMs) {
        topic.unsend();
        pump(topic, nowMs);
    }

    /**
     * A copy of the refused batch may still be under way and be logged after all. So its fate is told only when a new
     * epoch is in force, which fences that copy.
     */
    private void refusedForGood(PublisherTopic topic, Command.Refuse refuse, long nowMs) {
        for (SealedBatch batch : topic.waiting()) {
            if (batch.batch().sequence() == refuse.sequence()) {
                topic.refused = refuse;
                forgetFormer();
                handshake.drawInstance();
                greetAnew(nowMs);
                return;
            }
        }
    }

    /**
     * Repeats what had no answer. It is to be called again some tens of milliseconds after any other call, and else when it
     * says.
     *
     * @return milliseconds after which something may be due, at least 1
     */
    public long tick(long nowMs) {
        if (state == State.GREETING && nowMs >= handshake.helloAtMs()) {
            handshake.hello(nowMs);
        }
        if (state == State.GRANTED) {
            repeat(nowMs);
        }
        return Math.max(1, dueMs(nowMs) - nowMs);
    }

    private long dueMs(long nowMs) {
        if (state == State.GREETING) {
            return handshake.helloAtMs();
        }
        if (state != State.GRANTED) {
            return nowMs + settings.pingMs();
        }
        boolean opens = !topics.opening().isEmpty();
        return flights.dueMs(opens ? Math.min(silentAtMs(), handshake.openAtMs()) : silentAtMs());
    }

    /** When the hub is asked whether it is there. */
    private long silentAtMs() {
        return Math.max(heardMs, pingedMs) + settings.pingMs();
    }

    private void repeat(long nowMs) {
        if (!topics.opening().isEmpty() && nowMs >= handshake.openAtMs()) {
            openAll(nowMs);
        }
        for (PublisherTopic topic : List.copyOf(flights.flying())) {
            if (topic.isDue(nowMs)) {
                long next = Math.min(topic.retryMs() * 2, settings.retryMsMax());
                topic.endRepair();
                again(topic, nowMs);
                topic.retryAfter(next, nowMs);
            }
        }
        if (nowMs >= silentAtMs()) {
            pingedMs = nowMs;
            output.send(new Command.Ping(settings.publisher(), epoch).encode());
        }
    }

    /** The transport has connected anew: what is under way is sent again without waiting. */
    public void reconnected(long nowMs) {
        if (state == State.GREETING) {
            handshake.hello(nowMs);
        } else if (state == State.GRANTED) {
            openAll(nowMs);
            for (PublisherTopic topic : List.copyOf(flights.flying())) {
                again(topic, nowMs);
            }
        }
    }

    /**
     * Stops for good, without a word to the hub.
     *
     * @return what was not decided: the hub may have any of it, or get it from the outbox in a later life
     */
    public List<SealedBatch> abandon() {
        state = State.STOPPED;
        List<SealedBatch> left = new ArrayList<>();
        for (PublisherTopic topic : topics.all()) {
            if (!topic.builder().isEmpty()) {
                SealedBatch sealed = topic.seal();
                if (settings.outbox()) {
                    output.store(new OutboxEntry.Closed(sealed.batch()));
                }
            }
            left.addAll(topic.waiting());
        }
        return left;
    }

    /** Whether everything that was offered is decided, and its fate told. */
    public boolean idle() {
        return flights.waitingMessages() == 0 && !outboxOrder.hasFailures();
    }

    /** The epoch in force, 0 if none was granted. */
    public long epoch() {
        return state == State.GRANTED ? epoch : 0;
    }

    /** When the hub was heard last. */
    public long heardMs() {
        return heardMs;
    }

    public PublisherCounters counters() {
        return new PublisherCounters(
                offered,
                flights.accepted(),
                failedRecords,
                batches,
                flights.retransmitted(),
                gaps,
                greetings,
                broken,
                flights.waitingMessages(),
                flights.waitingBytes());
    }
}
