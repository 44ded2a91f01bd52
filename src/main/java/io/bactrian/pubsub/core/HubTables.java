package io.bactrian.pubsub.core;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The hub's grants, epochs in force, subscribers and patterns, in memory. Each change is also a {@link ControlRecord},
 * which its owner takes by {@link #drain} and makes durable before anybody is told. Not thread-safe.
 */
final class HubTables implements HubRegistry {
    /** The grants of a publisher that are remembered: a bound against one that says hello in a loop. */
    static final int GRANTS_KEPT = 8;

    private static final int SEQUENCES_OF_A_RECORD = 100;

    private static final class PublisherRow {
        private final LinkedHashMap<Long, Long> grants = new LinkedHashMap<>();
        private long inForce;
    }

    private final Map<String, PublisherRow> publishers = new LinkedHashMap<>();
    private final Map<String, DurableSubscriber> subscribers = new LinkedHashMap<>();
    private final Map<Integer, Long> reached = new HashMap<>();
    private List<ControlRecord> changes = new ArrayList<>();
    private long lastEpoch;
    private long formerEpochs;
    private long purgedBefore;
    private long nowMs;

    /** Takes over a snapshot. */
    void load(HubState state) {
        lastEpoch = state.lastEpoch();
        formerEpochs = state.formerEpochs();
        state.publishers().forEach(p -> {
            lastEpoch = Math.max(lastEpoch, p.grantedEpoch());
            publisher(p.id()).inForce = p.openEpoch();
        });
        state.grants().forEach(g -> publisher(g.publisher()).grants.put(g.instance(), g.epoch()));
        state.subscribers().forEach(s -> subscribers.put(s.id(), s));
        reached.putAll(state.reached());
        purgedBefore = state.purgedBefore();
    }

    /** For each log epoch whose end was lost, the position that the log had reached. */
    Map<Integer, Long> reached() {
        return Map.copyOf(reached);
    }

    long lastEpoch() {
        return lastEpoch;
    }

    /** Epochs up to this one may have been granted; new ones are above. */
    void raiseEpochs(long epoch) {
        lastEpoch = Math.max(lastEpoch, epoch);
        formerEpochs = Math.max(formerEpochs, epoch);
        changes.add(new ControlRecord.EpochsRaised(epoch));
    }

    void add(ControlRecord record) {
        if (record instanceof ControlRecord.LogCut cut) {
            reached.merge(cut.logEpoch(), cut.reached(), Math::max);
        } else if (record instanceof ControlRecord.LogPurged purged) {
            purgedBefore = Math.max(purgedBefore, purged.before());
        }
        changes.add(record);
    }

    /** The time of the changes that follow. */
    void now(long ms) {
        nowMs = ms;
    }

    /** The changes that nobody has taken yet, oldest first; they are then the caller's. */
    List<ControlRecord> drain() {
        List<ControlRecord> drained = changes;
        changes = new ArrayList<>();
        return drained;
    }

    /** These could not be made durable: they come before all others, the next time. */
    void putBack(List<ControlRecord> records) {
        List<ControlRecord> all = new ArrayList<>(records);
        all.addAll(changes);
        changes = all;
    }

    /**
     * Says all that holds once more, as changes: a log that begins here has the whole. Events are not among it.
     *
     * @param heardMs when each publisher was last heard
     * @param now the subscribers as they stand
     */
    void sayAll(
            long identity,
            List<SequenceState> sequences,
            Map<String, Long> heardMs,
            Collection<DurableSubscriber> now) {
        changes.add(new ControlRecord.LogNamed(identity));
        if (formerEpochs > 0) {
            changes.add(new ControlRecord.EpochsRaised(formerEpochs));
        }
        changes.add(new ControlRecord.EpochsUsed(lastEpoch));
        reached.forEach((epoch, position) -> changes.add(new ControlRecord.LogCut(epoch, position)));
        if (purgedBefore > 0) {
            changes.add(new ControlRecord.LogPurged(identity, purgedBefore));
        }
        publishers.forEach((id, publisher) -> {
            long atMs = heardMs.getOrDefault(id, nowMs);
            publisher.grants.forEach(
                    (instance, epoch) -> changes.add(new ControlRecord.Granted(id, instance, epoch, atMs)));
            if (publisher.inForce > 0) {
                changes.add(new ControlRecord.Opened(id, publisher.inForce, atMs));
            }
        });
        for (int from = 0; from < sequences.size(); from += SEQUENCES_OF_A_RECORD) {
            changes.add(new ControlRecord.Sequences(
                    sequences.subList(from, Math.min(sequences.size(), from + SEQUENCES_OF_A_RECORD))));
        }
        now.forEach(subscriber -> changes.add(new ControlRecord.SubscriberSaved(
                subscriber.withoutPatterns(), missing(put(subscriber), subscriber), subscriber.subscriptions())));
    }

    boolean hasChanges() {
        return !changes.isEmpty();
    }

    private PublisherRow publisher(String id) {
        return publishers.computeIfAbsent(id, key -> new PublisherRow());
    }

    @Override
    public long grant(String id, long instance) {
        PublisherRow publisher = publisher(id);
        Long known = publisher.grants.get(instance);
        if (known != null) {
            return known;
        }
        lastEpoch++;
        publisher.grants.put(instance, lastEpoch);
        if (publisher.grants.size() > GRANTS_KEPT) {
            publisher.grants.remove(publisher.grants.keySet().iterator().next());
        }
        changes.add(new ControlRecord.Granted(id, instance, lastEpoch, nowMs));
        return lastEpoch;
    }

    @Override
    public void open(String id, long epoch) {
        PublisherRow publisher = publisher(id);
        publisher.inForce = Math.max(publisher.inForce, epoch);
        publisher.grants.values().removeIf(granted -> granted < epoch);
        changes.add(new ControlRecord.Opened(id, epoch, nowMs));
    }

    @Override
    public void forgetPublisher(String id) {
        if (publishers.remove(id) != null) {
            changes.add(new ControlRecord.PublisherForgotten(id));
        }
    }

    @Override
    public void lost(String publisher, String topic, long fromSequence, long toSequence) {
        note(HubEvent.publisherLost(
                nowMs, publisher, topic, fromSequence, toSequence, "accepted by a log that is no longer there"));
    }

    @Override
    public void lostMore(String publisher, int topics) {
        note(new HubEvent(
                nowMs,
                "range-lost",
                publisher,
                null,
                null,
                0,
                0,
                "in " + topics + " more topics, accepted by a log that is no longer there"));
    }

    @Override
    public void damaged(String subscriber, long from, long to) {
        note(HubEvent.subscriberLost(
                nowMs, subscriber, from, to, "the log was damaged there, and this was cut out or skipped"));
    }

    void note(HubEvent event) {
        changes.add(new ControlRecord.Noted(event));
    }

    @Override
    public void save(DurableSubscriber subscriber) {
        DurableSubscriber before = put(subscriber);
        changes.add(new ControlRecord.SubscriberSaved(
                subscriber.withoutPatterns(), missing(before, subscriber), missing(subscriber, before)));
    }

    /** Returns it as it was before, without a pattern if it was not there. */
    private DurableSubscriber put(DurableSubscriber subscriber) {
        DurableSubscriber before = subscribers.put(subscriber.id(), subscriber);
        return before == null ? subscriber.withoutPatterns() : before;
    }

    /** The patterns of one that are not among those of another. */
    private static List<DurableSubscription> missing(DurableSubscriber one, DurableSubscriber other) {
        Set<DurableSubscription> has = new HashSet<>(other.subscriptions());
        return one.subscriptions().stream().filter(p -> !has.contains(p)).toList();
    }

    @Override
    public void passedOver(List<DurableSubscriber> passed) {
        passed.forEach(this::save);
    }

    @Override
    public void forget(String subscriber) {
        subscribers.remove(subscriber);
        changes.add(new ControlRecord.SubscriberForgotten(subscriber));
    }

    @Nullable DurableSubscriber subscriber(String id) {
        return subscribers.get(id);
    }
}
