package io.bactrian.pubsub.core;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The tables of a hub, in memory: they outlive a restart of the hub in the same process. */
public final class MemorySnapshots implements HubSnapshots {
    private final Map<String, PublisherState> publishers = new LinkedHashMap<>();
    private final List<GrantState> grants = new ArrayList<>();
    private final Map<List<String>, SequenceState> sequences = new LinkedHashMap<>();
    private final Map<String, DurableSubscriber> subscribers = new LinkedHashMap<>();
    private final Map<Integer, Long> reached = new LinkedHashMap<>();
    private final Map<Integer, Integer> lives = new LinkedHashMap<>();
    private long identity;
    private long purgedBefore;
    private LogPosition applied = LogPosition.NONE;
    private long former;
    private long lastEpoch;
    private int logEpoch;
    private long position;
    private long savedMs;
    private boolean away;

    /** From now on everything fails, or nothing does any more. */
    void away(boolean now) {
        away = now;
    }

    /** All as it is now. */
    MemorySnapshots copy() {
        MemorySnapshots copy = new MemorySnapshots();
        copy.publishers.putAll(publishers);
        copy.grants.addAll(grants);
        copy.sequences.putAll(sequences);
        copy.subscribers.putAll(subscribers);
        copy.reached.putAll(reached);
        copy.lives.putAll(lives);
        copy.identity = identity;
        copy.purgedBefore = purgedBefore;
        copy.applied = applied;
        copy.former = former;
        copy.lastEpoch = lastEpoch;
        copy.logEpoch = logEpoch;
        copy.position = position;
        copy.savedMs = savedMs;
        return copy;
    }

    private void check() {
        if (away) {
            throw new IllegalStateException("the database is away");
        }
    }

    @Override
    public HubState load() {
        check();
        return new HubState(
                logEpoch,
                position,
                savedMs,
                List.copyOf(publishers.values()),
                grants,
                lastEpoch,
                former,
                List.copyOf(sequences.values()),
                List.copyOf(subscribers.values()),
                List.of(),
                reached,
                identity,
                lives,
                purgedBefore,
                applied);
    }

    @Override
    public void apply(List<ControlRecord> records) {
        check();
        records.forEach(this::apply);
    }

    private void apply(ControlRecord record) {
        if (record instanceof ControlRecord.Granted g) {
            lastEpoch = Math.max(lastEpoch, g.epoch());
            PublisherState before = publishers.get(g.publisher());
            long inForce = before == null ? 0 : before.openEpoch();
            publishers.put(g.publisher(), new PublisherState(g.publisher(), g.epoch(), inForce, g.atMs(), g.atMs()));
            grants.removeIf(known -> known.publisher().equals(g.publisher()) && known.instance() == g.instance());
            grants.add(new GrantState(g.publisher(), g.instance(), g.epoch()));
        } else if (record instanceof ControlRecord.Opened o) {
            PublisherState before = publishers.get(o.publisher());
            long granted = before == null ? o.epoch() : Math.max(o.epoch(), before.grantedEpoch());
            publishers.put(o.publisher(), new PublisherState(o.publisher(), granted, o.epoch(), o.atMs(), o.atMs()));
        } else if (record instanceof ControlRecord.PublisherForgotten f) {
            publishers.remove(f.publisher());
        } else if (record instanceof ControlRecord.SubscriberSaved saved) {
            DurableSubscriber before = subscribers.get(saved.subscriber().id());
            List<DurableSubscription> patterns = new ArrayList<>(before == null ? List.of() : before.subscriptions());
            patterns.removeAll(saved.gone());
            patterns.removeAll(saved.fresh());
            patterns.addAll(saved.fresh());
            save(saved.subscriber(), patterns);
        } else if (record instanceof ControlRecord.SubscriberForgotten f) {
            subscribers.remove(f.subscriber());
        } else if (record instanceof ControlRecord.LogCut cut) {
            reached.merge(cut.logEpoch(), cut.reached(), Math::max);
        } else if (record instanceof ControlRecord.LogNamed named) {
            identity = named.identity();
        } else if (record instanceof ControlRecord.LogLives begun) {
            lives.put(begun.fromEpoch(), begun.life());
        } else if (record instanceof ControlRecord.LogPurged purged) {
            purgedBefore = Math.max(purgedBefore, purged.before());
        } else if (record instanceof ControlRecord.EpochsRaised raised) {
            lastEpoch = Math.max(lastEpoch, raised.epoch());
            former = Math.max(former, raised.epoch());
        } else if (record instanceof ControlRecord.EpochsUsed used) {
            lastEpoch = Math.max(lastEpoch, used.epoch());
        } else if (record instanceof ControlRecord.Sequences last) {
            last.last().forEach(this::keep);
        } else if (record instanceof ControlRecord.Applied upTo) {
            applied = upTo.upTo();
        }
    }

    private void keep(SequenceState last) {
        sequences.merge(
                List.of(last.publisher(), last.topic()),
                last,
                (one, other) -> one.lastSequence() > other.lastSequence() ? one : other);
    }

    private void save(DurableSubscriber s, List<DurableSubscription> patterns) {
        subscribers.put(
                s.id(),
                new DurableSubscriber(
                        s.id(),
                        s.generation(),
                        s.logEpoch(),
                        s.cursor(),
                        s.purgedUpTo(),
                        s.receivedUpTo(),
                        s.lastSeenMs(),
                        patterns));
    }

    @Override
    public void clear() {
        publishers.clear();
        grants.clear();
        sequences.clear();
        subscribers.clear();
        reached.clear();
        lives.clear();
        identity = 0;
        purgedBefore = 0;
        applied = LogPosition.NONE;
        former = 0;
        lastEpoch = 0;
        logEpoch = 0;
        position = 0;
        savedMs = 0;
    }

    @Override
    public void checkpoint(Checkpoint checkpoint) {
        logEpoch = checkpoint.logEpoch();
        position = checkpoint.position();
        savedMs = checkpoint.atMs();
        applied = checkpoint.applied();
        checkpoint.sequences().forEach(this::keep);
        checkpoint.subscribers().forEach(s -> save(s, s.subscriptions()));
    }

    @Override
    public void touchPublishers(Map<String, Long> lastSeenMs) {
        // Nobody of a test is idle for long.
    }
}
