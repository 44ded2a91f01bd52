package io.bactrian.pubsub.core;

import io.bactrian.wire.Batch;
import io.bactrian.wire.Code;
import io.bactrian.wire.Command;
import io.bactrian.wire.TopicSequence;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The hub's side towards publishers: who may write, and what is new.
 *
 * <p>It fences instances by epoch and drops, trims or refuses batches by sequence. A batch that is admitted moves the
 * sequence at once, so that the batches behind it in the same Exchange are judged rightly; it counts as logged, and is
 * acknowledged, only after {@link #appended}. Not thread-safe.
 */
public final class HubIntake {
    private static final class Sequence {
        private long logged;
        private long admitted;

        private Sequence(long logged) {
            this.logged = logged;
            this.admitted = logged;
        }
    }

    private static final class PublisherEntry {
        /** The instance that has the grant, -1 if that is in the registry only. */
        private long instance = -1;

        private long granted;
        private long inForce;
        private long lastSeenMs;
        private final Map<String, Sequence> topics = new HashMap<>();
    }

    private record Opening(String publisher, String topic) {}

    /** The ranges lost to a publisher that one OPEN may have recorded one by one. */
    private static final int LOST_RANGES_MAX = 100;

    private final HubRegistry registry;
    private final LogReader log;
    private final HubLimits limits;
    private final TopicBounds bounds;
    private final Map<String, PublisherEntry> publishers = new HashMap<>();
    /** Publishers that have never put anything; the oldest comes first. */
    private final Set<String> withoutData = new LinkedHashSet<>();

    /** Topics that were opened and never put to; the oldest comes first. */
    private final Set<Opening> unused = new LinkedHashSet<>();

    /** Of all publishers together. */
    private int sequences;

    /** What was granted up to here may have been granted in a life that is lost; 0 if this hub was never restored. */
    private long formerEpochs;

    /** An intake that knows no publisher yet; see {@link #restorePublisher}. */
    public HubIntake(HubRegistry registry, LogReader log, HubLimits limits, TopicBounds bounds) {
        this.registry = registry;
        this.log = log;
        this.limits = limits;
        this.bounds = bounds;
    }

    /**
     * At start, if the hub was restored: all epochs that it had granted in the lives that are lost are at or below this
     * one, and all that it grants are above. A publisher goes on under such an epoch, as it is by the epoch that its
     * subscribers know what it sends again. A newer one fences it as any other.
     */
    public void restoredAbove(long epoch) {
        formerEpochs = epoch;
    }

    /** At start: a publisher as the registry has it. */
    public void restorePublisher(String id, long granted, long inForce, long lastSeenMs) {
        PublisherEntry publisher = publishers.computeIfAbsent(id, this::newPublisher);
        publisher.granted = granted;
        publisher.inForce = inForce;
        publisher.lastSeenMs = lastSeenMs;
    }

    /** At start: nobody has been idle until now. */
    public void touchAll(long nowMs) {
        publishers.values().forEach(publisher -> publisher.lastSeenMs = nowMs);
    }

    /** At start: what is logged of a publisher, from the last checkpoint and then from the log; the highest stands. */
    public void restoreSequence(String id, String topic, long last) {
        PublisherEntry publisher = publishers.computeIfAbsent(id, this::newPublisher);
        Sequence sequence = publisher.topics.get(topic);
        if (sequence == null) {
            sequence = new Sequence(0);
            publisher.topics.put(topic, sequence);
            sequences++;
        }
        hasPut(id, topic);
        sequence.logged = Math.max(sequence.logged, last);
        sequence.admitted = sequence.logged;
    }

    /** Grants an epoch. */
    public Command hello(Command.Hello hello, long nowMs) {
        PublisherEntry publisher = publishers.get(hello.publisher());
        if (publisher == null && !makeRoomForPublisher()) {
            return tooManyPublishers(0);
        }
        long epoch = publisher != null && publisher.instance == hello.instance()
                ? publisher.granted
                : registry.grant(hello.publisher(), hello.instance());
        if (publisher == null) {
            publisher = newPublisher(hello.publisher());
            publishers.put(hello.publisher(), publisher);
        }
        publisher.instance = hello.instance();
        publisher.granted = epoch;
        publisher.lastSeenMs = nowMs;
        return new Command.Welcome(
                hello.instance(), epoch, log.epoch(), limits.messageBytesMax(), limits.batchBytesMax());
    }

    /** Puts an epoch in force and says what is logged. */
    public Command open(Command.Open open, long nowMs) {
        PublisherEntry publisher = publishers.get(open.publisher());
        Command.Refuse fenced = fence(open.publisher(), publisher, open.epoch(), "", 0);
        if (fenced != null) {
            return fenced;
        }
        if (publisher == null) {
            if (!makeRoomForPublisher()) {
                return tooManyPublishers(open.epoch());
            }
            publisher = newPublisher(open.publisher());
        }
        if (open.epoch() > publisher.inForce) {
            registry.open(open.publisher(), open.epoch());
            publisher.granted = Math.max(publisher.granted, open.epoch());
            publisher.inForce = open.epoch();
        }
        publishers.putIfAbsent(open.publisher(), publisher);
        publisher.lastSeenMs = nowMs;
        List<TopicSequence> answer = new ArrayList<>();
        int lost = 0;
        for (TopicSequence topic : open.accepted()) {
            boolean isNew = !publisher.topics.containsKey(topic.topic());
            // Of a whole log that has nothing of what a former life had accepted, all of that is lost.
            boolean gone = isNew && open.epoch() <= formerEpochs && log.first() <= 1;
            long logged = openTopic(open.publisher(), publisher, topic);
            logged = gone ? 0 : logged;
            if (logged < topic.sequence()) {
                lost++;
                if (lost <= LOST_RANGES_MAX) {
                    registry.lost(open.publisher(), topic.topic(), logged + 1, topic.sequence());
                }
            }
            answer.add(new TopicSequence(topic.topic(), Math.max(logged, topic.sequence())));
        }
        if (lost > LOST_RANGES_MAX) {
            registry.lostMore(open.publisher(), lost - LOST_RANGES_MAX);
        }
        return new Command.Opened(open.epoch(), answer);
    }

    private PublisherEntry newPublisher(String id) {
        withoutData.add(id);
        return new PublisherEntry();
    }

    /** False if the hub knows as many publishers as it may, all of which have put something. */
    private boolean makeRoomForPublisher() {
        if (publishers.size() >= limits.publishersMax() && !withoutData.isEmpty()) {
            forget(withoutData.iterator().next());
        }
        return publishers.size() < limits.publishersMax();
    }

    private void hasPut(String id, String topic) {
        if (!withoutData.isEmpty()) {
            withoutData.remove(id);
        }
        if (!unused.isEmpty()) {
            unused.remove(new Opening(id, topic));
        }
    }

    /** Returns what was logged until now; above that it counts as logged from now on. */
    private long openTopic(String id, PublisherEntry publisher, TopicSequence asked) {
        Sequence sequence = publisher.topics.get(asked.topic());
        if (sequence == null) {
            makeRoomForSequence(publisher);
            if (full(publisher) == null) {
                publisher.topics.put(asked.topic(), new Sequence(asked.sequence()));
                sequences++;
                unused.add(new Opening(id, asked.topic()));
            }
            return asked.sequence();
        }
        long logged = sequence.logged;
        if (logged < asked.sequence()) {
            sequence.logged = asked.sequence();
            sequence.admitted = asked.sequence();
        }
        return logged;
    }

    /** A topic that was opened and never put to gives way; its publisher opens it again when it needs it. */
    private void makeRoomForSequence(PublisherEntry publisher) {
        if (sequences >= limits.sequencesMax() && publisher.topics.size() < limits.topicsMax() && !unused.isEmpty()) {
            Opening oldest = unused.iterator().next();
            unused.remove(oldest);
            PublisherEntry its = publishers.get(oldest.publisher());
            if (its != null && its.topics.remove(oldest.topic()) != null) {
                sequences--;
            }
        }
    }

    /** The bound that keeps a publisher from another topic, or null. */
    private @Nullable String full(PublisherEntry publisher) {
        if (publisher.topics.size() >= limits.topicsMax()) {
            return "a publisher may have " + limits.topicsMax() + " topics: see bactrian.hub.topics.max";
        }
        return sequences >= limits.sequencesMax() && unused.isEmpty()
                ? "all publishers together have " + sequences + " topics: see bactrian.hub.sequences.max"
                : null;
    }

    /** Remembers that a publisher is there; null if it may go on, otherwise the refusal. */
    public Command.@Nullable Refuse ping(Command.Ping ping, long nowMs) {
        PublisherEntry publisher = publishers.get(ping.publisher());
        Command.Refuse fenced = fence(ping.publisher(), publisher, ping.epoch(), "", 0);
        if (fenced == null && publisher != null) {
            publisher.lastSeenMs = nowMs;
        }
        return fenced;
    }

    /** Decides on a batch. */
    public Admission admit(Batch batch, long nowMs) {
        if (batch.publisher().isEmpty()) {
            return refused(batch, 0, Code.MALFORMED, "a batch needs the id of its publisher");
        }
        PublisherEntry publisher = publishers.get(batch.publisher());
        Command.Refuse fenced = fence(batch.publisher(), publisher, batch.epoch(), batch.topic(), batch.sequence());
        if (fenced != null) {
            return new Admission.Refused(fenced);
        }
        if (publisher != null) {
            publisher.lastSeenMs = nowMs;
        }
        if (publisher == null || publisher.inForce != batch.epoch()) {
            return refused(batch, 0, Code.UNKNOWN_PUBLISHER, "epoch " + batch.epoch() + " is not open: say OPEN first");
        }
        if (batch.topic().startsWith("$")) {
            return refused(batch, batch.sequence(), Code.RESERVED_TOPIC, "topics beginning with $ belong to the hub");
        }
        Sequence sequence = publisher.topics.get(batch.topic());
        if (sequence == null) {
            String bound = full(publisher);
            return bound == null
                    ? refused(batch, 0, Code.UNKNOWN_PUBLISHER, "topic " + batch.topic() + " is not open")
                    : refused(batch, batch.sequence(), Code.TOO_MANY_TOPICS, bound);
        }
        return admit(batch, sequence, nowMs);
    }

    private Admission admit(Batch batch, Sequence sequence, long nowMs) {
        if (batch.last() <= sequence.admitted) {
            return new Admission.Duplicate(batch.publisher(), batch.topic());
        }
        long expected = sequence.admitted + 1;
        if (batch.sequence() > expected && !batch.sparse()) {
            return refused(
                    batch, expected, Code.GAP, "sequence " + batch.sequence() + " came, " + expected + " is next");
        }
        Batch fresh = batch.sequence() < expected ? batch.from(expected) : batch;
        Code bound = bounds.refuses(batch.topic(), fresh.bytes().length, nowMs);
        if (bound != null) {
            return refused(batch, expected, bound, boundText(bound, batch.topic()));
        }
        sequence.admitted = fresh.last();
        return new Admission.Append(fresh);
    }

    private static String boundText(Code bound, String topic) {
        return switch (bound) {
            case TOPIC_FULL ->
                "topic " + topic + " holds as much as it may while a subscriber still needs it:"
                        + " see bactrian.hub.retention.bytes";
            case TOO_MANY_TOPICS -> "the hub has as many topics as it may: see bactrian.hub.topics.max";
            default -> "topic " + topic;
        };
    }

    /** The batch is in the log and synced. */
    public void appended(Batch batch) {
        Sequence sequence = sequence(batch.publisher(), batch.topic());
        if (sequence != null) {
            sequence.logged = Math.max(sequence.logged, batch.last());
        }
        if (!withoutData.isEmpty() || !unused.isEmpty()) {
            hasPut(batch.publisher(), batch.topic());
        }
    }

    /** The batch could not be appended; it is as if it had not come. */
    public void failed(Batch batch) {
        Sequence sequence = sequence(batch.publisher(), batch.topic());
        if (sequence != null) {
            sequence.admitted = sequence.logged;
        }
    }

    /** The sequence after the last that is logged. */
    public long expected(String publisher, String topic) {
        return logged(publisher, topic) + 1;
    }

    /** The last sequence that is logged, 0 if none. */
    public long logged(String publisher, String topic) {
        Sequence sequence = sequence(publisher, topic);
        return sequence == null ? 0 : sequence.logged;
    }

    /** The last sequence of each publisher in each topic that is logged. */
    List<SequenceState> sequences() {
        List<SequenceState> all = new ArrayList<>();
        publishers.forEach((id, publisher) -> publisher.topics.forEach((topic, sequence) -> {
            if (sequence.logged > 0) {
                all.add(new SequenceState(id, topic, sequence.logged));
            }
        }));
        return all;
    }

    /** The epoch in force, 0 for a publisher that is not known. */
    public long epoch(String id) {
        PublisherEntry publisher = publishers.get(id);
        return publisher == null ? 0 : publisher.inForce;
    }

    /** Publishers not heard since a time: what is kept of them may go. */
    public List<String> idleSince(long timeMs) {
        List<String> idle = new ArrayList<>();
        publishers.forEach((id, publisher) -> {
            if (publisher.lastSeenMs < timeMs) {
                idle.add(id);
            }
        });
        return idle;
    }

    /** Forgets a publisher: it must say HELLO again. */
    public void forget(String id) {
        registry.forgetPublisher(id);
        withoutData.remove(id);
        PublisherEntry publisher = publishers.remove(id);
        if (publisher != null) {
            sequences -= publisher.topics.size();
            publisher.topics.keySet().forEach(topic -> unused.remove(new Opening(id, topic)));
        }
    }

    /** When each publisher was last heard, in milliseconds of the epoch. */
    public Map<String, Long> lastSeen() {
        Map<String, Long> seen = new HashMap<>();
        publishers.forEach((id, publisher) -> seen.put(id, publisher.lastSeenMs));
        return seen;
    }

    /** The ids of the known publishers. */
    public Collection<String> publishers() {
        return List.copyOf(publishers.keySet());
    }

    private @Nullable Sequence sequence(String publisher, String topic) {
        PublisherEntry known = publishers.get(publisher);
        return known == null ? null : known.topics.get(topic);
    }

    private Command.@Nullable Refuse fence(
            String id, @Nullable PublisherEntry publisher, long epoch, String topic, long sequence) {
        boolean former = epoch > 0 && epoch <= formerEpochs;
        if (!former && (publisher == null || epoch > publisher.granted)) {
            return refuse(
                    epoch, topic, sequence, 0, Code.UNKNOWN_PUBLISHER, "publisher " + id + " must say HELLO first");
        }
        if (publisher != null && epoch < publisher.inForce) {
            return refuse(
                    epoch,
                    topic,
                    sequence,
                    0,
                    Code.STALE_EPOCH,
                    "epoch " + publisher.inForce + " of publisher " + id + " is in force");
        }
        return null;
    }

    private Command.Refuse tooManyPublishers(long epoch) {
        return refuse(epoch, "", 0, 0, Code.TOO_MANY_PUBLISHERS, "this hub knows " + publishers.size() + " publishers");
    }

    private static Admission refused(Batch batch, long expected, Code code, String text) {
        return new Admission.Refused(refuse(batch.epoch(), batch.topic(), batch.sequence(), expected, code, text));
    }

    private static Command.Refuse refuse(
            long epoch, String topic, long sequence, long expected, Code code, String text) {
        return new Command.Refuse(epoch, topic, sequence, expected, code, text);
    }
}
