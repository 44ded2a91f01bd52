package io.bactrian.pubsub.core;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Collects what the next checkpoint must say, and knows how far the last durable one reaches. Not thread-safe.
 */
final class CheckpointBuilder {
    private record Key(String publisher, String topic) {}

    /** In the log at this position, and not yet committed when it was noted. */
    private record Logged(long position, Key key, long sequence) {}

    /** With the epochs that it counts itself. */
    private final HubLog counted;
    /** With the epochs that clients are told. */
    private final LifeLog log;

    private final CommitGate gate;
    private final TopicLedger ledger;
    private final ArrayDeque<Logged> uncommitted = new ArrayDeque<>();
    private Map<Key, Long> changed = new HashMap<>();
    /** In the checkpoint that is being written. */
    private Map<Key, Long> writing = Map.of();

    private final Set<Long> savedSegments = new HashSet<>();
    private long underWayFrom = Long.MAX_VALUE;
    private long durable;

    CheckpointBuilder(HubLog counted, LifeLog log, CommitGate gate, TopicLedger ledger) {
        this.counted = counted;
        this.log = log;
        this.gate = gate;
        this.ledger = ledger;
    }

    /** Batches are on their way to the log, at this position or above; what they change is not recorded yet. */
    void underWayFrom(long position) {
        underWayFrom = position;
    }

    void nothingUnderWay() {
        underWayFrom = Long.MAX_VALUE;
    }

    /** The log holds a publisher's messages of a topic up to this sequence, at this position. */
    void logged(long position, String publisher, String topic, long sequence) {
        uncommitted.add(new Logged(position, new Key(publisher, topic), sequence));
        commit(gate.committed(log.end()));
    }

    private void commit(long position) {
        while (!uncommitted.isEmpty() && uncommitted.peek().position() <= position) {
            Logged logged = uncommitted.remove();
            changed.merge(logged.key(), logged.sequence(), Math::max);
        }
    }

    void forgotten(String publisher) {
        uncommitted.removeIf(logged -> logged.key().publisher().equals(publisher));
        changed.keySet().removeIf(key -> key.publisher().equals(publisher));
    }

    /** A snapshot holds what it says of this segment. */
    void saved(long segment) {
        savedSegments.add(segment);
    }

    /** The position of the last durable checkpoint. */
    long durable() {
        return durable;
    }

    void durable(long position) {
        durable = position;
    }

    /**
     * A checkpoint up to what is committed.
     *
     * @param applied the snapshot has all control records up to here, and no others are at the new position or below it
     */
    Checkpoint build(FeedSubscribers subscribers, LogPosition applied, long nowMs) {
        long position = Math.min(gate.committed(log.end()), underWayFrom - 1);
        commit(position);
        writing = changed;
        changed = new HashMap<>();
        List<SequenceState> sequences = new ArrayList<>();
        writing.forEach((key, sequence) -> sequences.add(new SequenceState(key.publisher(), key.topic(), sequence)));
        return new Checkpoint(
                nowMs,
                log.epoch(),
                position,
                firstStored(),
                sequences,
                List.copyOf(subscribers.durable()),
                closedSegments(position),
                position > applied.position() ? LogPosition.of(counted, position) : applied);
    }

    private List<SegmentTopic> closedSegments(long position) {
        List<SegmentTopic> segments = new ArrayList<>();
        for (HubLog.LogSegment segment : log.segments()) {
            if (segment.closed() && segment.last() <= position && !savedSegments.contains(segment.first())) {
                for (TopicLedger.SegmentShare share : ledger.of(segment.first())) {
                    segments.add(new SegmentTopic(
                            segment.first(), share.topic(), share.bytes(), share.messages(), share.lastMs()));
                }
            }
        }
        return segments;
    }

    void written(Checkpoint checkpoint) {
        writing = Map.of();
        durable = Math.max(durable, checkpoint.position());
        checkpoint.segments().forEach(s -> savedSegments.add(s.segmentPosition()));
        long first = firstStored();
        savedSegments.removeIf(segment -> segment < first);
    }

    /** Of what counts as deleted some may still be there. */
    private long firstStored() {
        List<HubLog.LogSegment> segments = log.segments();
        return segments.isEmpty() ? log.first() : segments.get(0).first();
    }

    void failed() {
        writing.forEach((key, sequence) -> changed.merge(key, sequence, Math::max));
        writing = Map.of();
    }
}
