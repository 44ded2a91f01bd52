package io.bactrian.simulation;

import io.bactrian.pubsub.core.Checkpoint;
import io.bactrian.pubsub.core.ControlRecord;
import io.bactrian.pubsub.core.DurableSubscriber;
import io.bactrian.pubsub.core.DurableSubscription;
import io.bactrian.pubsub.core.GrantState;
import io.bactrian.pubsub.core.HubEvent;
import io.bactrian.pubsub.core.HubSnapshots;
import io.bactrian.pubsub.core.HubState;
import io.bactrian.pubsub.core.LogPosition;
import io.bactrian.pubsub.core.Machines;
import io.bactrian.pubsub.core.PublisherState;
import io.bactrian.pubsub.core.SegmentTopic;
import io.bactrian.pubsub.core.SequenceState;
import io.bactrian.wire.Batch;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;

/**
 * The hub's database. Everything in it is durable when a method returns, unless the flaw of the run says otherwise. By
 * chance it fails, with or without having done its work.
 */
final class SimSnapshots implements HubSnapshots {
    private record Key(String publisher, String topic) {}

    private final World world;
    private final Oracle oracle;
    private final Flaw flaw;
    private final Map<String, PublisherState> publishers = new LinkedHashMap<>();
    private final List<GrantState> grants = new ArrayList<>();
    private final Map<Key, Long> sequences = new LinkedHashMap<>();
    private final Map<String, DurableSubscriber> subscribers = new LinkedHashMap<>();
    /** Those that were kept at least once. */
    private final Set<ControlRecord.SubscriberSaved> saves = new HashSet<>();

    private final Map<String, Long> gaveUp = new LinkedHashMap<>();
    /** How the log said last that subscribers stand, of which the database may know later. */
    private final Map<String, DurableSubscriber> standing = new LinkedHashMap<>();

    private final Map<Long, List<SegmentTopic>> segments = new TreeMap<>();
    private final Map<Integer, Long> reached = new TreeMap<>();
    private final Map<Integer, Integer> lives = new LinkedHashMap<>();
    private long identity;
    private long purgedBefore;
    private long purgeLogged;
    private final List<HubEvent> publishersLost = new ArrayList<>();
    private long lastEpoch;
    private long former;
    private int logEpoch;
    private long position;
    private long savedMs;
    private double failures;
    private DiskWrites disk;
    private LogPosition applied = LogPosition.NONE;
    private boolean inPair;
    /** What of the records is lost on the way. */
    private Predicate<ControlRecord> loses;

    private boolean losesSequences;
    private boolean neverClears;
    private List<Batch> ahead = List.of();
    private long aheadPosition;

    SimSnapshots(World world, Oracle oracle, Flaw flaw) {
        this.world = world;
        this.oracle = oracle;
        this.flaw = flaw;
        disk = new DiskWrites(world);
        loses = record -> flaw == Flaw.RECORDS_ARE_NOT_REPLAYED && record instanceof ControlRecord.SubscriberSaved;
    }

    /** The hub is one of a pair: its log holds records, and may be another one later. */
    void inPair(PairFlaw flawOfPair, DiskWrites itsDisk) {
        inPair = true;
        disk = itsDisk;
        neverClears = flawOfPair == PairFlaw.DATABASE_IS_NOT_MADE_ANEW;
        losesSequences = flawOfPair == PairFlaw.CHECKPOINT_WITHOUT_SEQUENCES;
        loses = record -> switch (flawOfPair) {
            case GRANTS_ARE_NOT_REPLAYED ->
                record instanceof ControlRecord.Granted || record instanceof ControlRecord.EpochsUsed;
            case OPENED_EPOCHS_ARE_NOT_REPLAYED -> record instanceof ControlRecord.Opened;
            case SUBSCRIBERS_ARE_NOT_REPLAYED -> record instanceof ControlRecord.SubscriberSaved;
            default -> false;
        };
    }

    void failures(double rate) {
        failures = rate;
    }

    Map<String, DurableSubscriber> subscribers() {
        return subscribers;
    }

    /** The highest epoch that was granted to a publisher. */
    long granted(String publisher) {
        PublisherState known = publishers.get(publisher);
        return known == null ? 0 : known.grantedEpoch();
    }

    /** Up to where the last checkpoint knows the log. */
    long position() {
        return position;
    }

    /** What is below is deleted, or may be once the database knows of it. */
    long purgedBefore() {
        return Math.max(purgedBefore, purgeLogged);
    }

    /** Up to which position a subscriber had to give up, 0 if it had not. */
    long gaveUp(String subscriber) {
        return gaveUp.getOrDefault(subscriber, 0L);
    }

    /** What is deleted behind what a subscriber gave up is told as one range. */
    void deletedTo(long end) {
        gaveUp.replaceAll((id, upTo) -> {
            DurableSubscriber subscriber = standing.getOrDefault(id, subscribers.get(id));
            return subscriber != null && upTo > subscriber.cursor() ? Math.max(upTo, end) : upTo;
        });
    }

    @Override
    public HubState load() {
        List<SequenceState> all = new ArrayList<>();
        sequences.forEach((key, last) -> all.add(new SequenceState(key.publisher(), key.topic(), last)));
        boolean forgets = flaw == Flaw.EPOCH_GRANTED_AGAIN;
        return new HubState(
                logEpoch,
                position,
                savedMs,
                publishers.values().stream()
                        .map(p -> forgets
                                ? new PublisherState(p.id(), 0, p.openEpoch(), p.createdMs(), p.lastSeenMs())
                                : p)
                        .toList(),
                forgets ? List.of() : grants,
                forgets ? 0 : lastEpoch,
                flaw == Flaw.FORMER_EPOCHS_FORGOTTEN ? 0 : former,
                all,
                List.copyOf(subscribers.values()),
                segments.values().stream().flatMap(List::stream).toList(),
                reached,
                identity,
                lives,
                purgedBefore,
                applied);
    }

    @Override
    public void clear() {
        if (!inPair) {
            oracle.fail("a hub alone never clears its snapshot");
        }
        disk.change(() -> {
            applied = LogPosition.NONE;
            purgeLogged = 0;
            // What a node noted that was active no more, and did not know it, stands in no log.
            publishersLost.clear();
            if (!neverClears) {
                takeOver(new SimSnapshots(world, oracle, flaw));
            }
        });
    }

    @Override
    public void apply(List<ControlRecord> records) {
        boolean fails = world.chance(failures);
        if (!fails || world.chance(0.5)) {
            disk.change(() -> records.forEach(this::apply));
        }
        if (fails) {
            throw new IllegalStateException("the database does not answer");
        }
    }

    private void apply(ControlRecord record) {
        if (loses.test(record) && world.chance(0.5)) {
            return;
        }
        if (record instanceof ControlRecord.Granted granted) {
            if (granted.epoch() > lastEpoch) {
                lastEpoch = granted.epoch();
            }
            PublisherState before = publishers.get(granted.publisher());
            publishers.put(
                    granted.publisher(),
                    new PublisherState(
                            granted.publisher(),
                            granted.epoch(),
                            before == null ? 0 : before.openEpoch(),
                            0,
                            granted.atMs()));
            grants.removeIf(g -> g.publisher().equals(granted.publisher()) && g.instance() == granted.instance());
            grants.add(new GrantState(granted.publisher(), granted.instance(), granted.epoch()));
        } else if (record instanceof ControlRecord.Opened opened) {
            PublisherState before = publishers.get(opened.publisher());
            // One that is made anew begins in the middle of the log, with what was granted said later.
            boolean beginsHere = identity == 0;
            if (before == null && opened.epoch() > former && !inPair && !beginsHere) {
                oracle.fail("hub opens " + opened + ", but nobody has granted it");
            }
            publishers.put(
                    opened.publisher(),
                    new PublisherState(
                            opened.publisher(),
                            Math.max(opened.epoch(), before == null ? 0 : before.grantedEpoch()),
                            Math.max(opened.epoch(), before == null ? 0 : before.openEpoch()),
                            0,
                            opened.atMs()));
            grants.removeIf(g -> g.publisher().equals(opened.publisher()) && g.epoch() < opened.epoch());
        } else if (record instanceof ControlRecord.SubscriberSaved saved) {
            save(saved);
        } else if (record instanceof ControlRecord.SubscriberForgotten forgotten) {
            subscribers.remove(forgotten.subscriber());
        } else if (record instanceof ControlRecord.LogCut cut) {
            reached.merge(cut.logEpoch(), cut.reached(), Math::max);
        } else if (record instanceof ControlRecord.LogNamed named) {
            identity = named.identity();
        } else if (record instanceof ControlRecord.LogLives begun) {
            lives.put(begun.fromEpoch(), begun.life());
        } else if (record instanceof ControlRecord.LogPurged purged) {
            purgedBefore = Math.max(purgedBefore, purged.before());
        } else if (record instanceof ControlRecord.EpochsRaised raised) {
            former = Math.max(former, raised.epoch());
            lastEpoch = Math.max(lastEpoch, raised.epoch());
        } else if (record instanceof ControlRecord.EpochsUsed used) {
            lastEpoch = Math.max(lastEpoch, used.epoch());
        } else if (record instanceof ControlRecord.Sequences all) {
            all.last().forEach(this::keep);
        } else if (record instanceof ControlRecord.PublisherForgotten gone) {
            publishers.remove(gone.publisher());
            grants.removeIf(g -> g.publisher().equals(gone.publisher()));
            sequences.keySet().removeIf(key -> key.publisher().equals(gone.publisher()));
        } else if (record instanceof ControlRecord.Applied upTo) {
            applied = upTo.upTo();
        }
    }

    /** The hub's log has records more, of which the database will know later. */
    void logged(Batch batch) {
        for (ControlRecord record : Machines.records(batch)) {
            if (record instanceof ControlRecord.Noted noted) {
                note(noted.event());
            } else if (record instanceof ControlRecord.LogPurged purged) {
                purgeLogged = Math.max(purgeLogged, purged.before());
            } else if (record instanceof ControlRecord.SubscriberSaved saved) {
                standing.put(saved.subscriber().id(), saved.subscriber());
            }
        }
    }

    private void note(HubEvent event) {
        if (event.subscriber() != null) {
            gaveUp.merge(event.subscriber(), event.to(), Math::max);
        } else if (event.publisher() != null) {
            publishersLost.add(event);
        }
        if (!inPair) {
            checkNothingLost();
        }
    }

    /** A log that was never cut has lost nothing of a publisher, whatever is noted here. */
    void checkNothingLost() {
        if (!publishersLost.isEmpty() && !oracle.hasCuts()) {
            oracle.fail("hub says " + publishersLost);
        }
    }

    private void save(ControlRecord.SubscriberSaved saved) {
        DurableSubscriber now = saved.subscriber();
        DurableSubscriber before = subscribers.get(now.id());
        List<DurableSubscription> patterns = new ArrayList<>(before == null ? List.of() : before.subscriptions());
        patterns.removeAll(saved.gone());
        if (saves.add(saved)) {
            patterns.removeAll(saved.fresh());
        } else {
            // A checkpoint that was kept, but whose answer was lost, is kept again; what follows in it has changed
            // these.
            patterns.removeIf(known -> saved.fresh().stream().anyMatch(fresh -> isSame(known, fresh)));
        }
        patterns.addAll(saved.fresh());
        long distinct = patterns.stream()
                .map(p -> List.of(p.kind(), p.pattern(), p.start()))
                .distinct()
                .count();
        if (distinct < patterns.size()) {
            oracle.fail("hub saves a pattern twice: " + saved + " to " + before);
        }
        put(now, patterns);
    }

    private static boolean isSame(DurableSubscription one, DurableSubscription other) {
        return one.kind() == other.kind() && one.pattern().equals(other.pattern()) && one.start() == other.start();
    }

    private void put(DurableSubscriber now, List<DurableSubscription> patterns) {
        subscribers.put(
                now.id(),
                new DurableSubscriber(
                        now.id(),
                        now.generation(),
                        now.logEpoch(),
                        now.cursor(),
                        flaw == Flaw.PASSED_OVER_NOT_KEPT ? 0 : now.purgedUpTo(),
                        now.receivedUpTo(),
                        now.lastSeenMs(),
                        patterns));
    }

    @Override
    public void checkpoint(Checkpoint checkpoint) {
        boolean fails = world.chance(failures);
        if (!fails || world.chance(0.5)) {
            disk.change(() -> keep(checkpoint));
        }
        if (fails) {
            throw new IllegalStateException("the database does not answer");
        }
    }

    private void keep(Checkpoint checkpoint) {
        for (DurableSubscriber progress : checkpoint.subscribers()) {
            DurableSubscriber known = subscribers.get(progress.id());
            if (known != null && known.generation() == progress.generation()) {
                put(
                        new DurableSubscriber(
                                known.id(),
                                known.generation(),
                                progress.logEpoch(),
                                progress.cursor(),
                                progress.purgedUpTo(),
                                known.receivedUpTo(),
                                progress.lastSeenMs(),
                                List.of()),
                        known.subscriptions());
            }
        }
        if (flaw == Flaw.PURGE_IGNORES_CHECKPOINT) {
            // The hub takes for known what is not.
            return;
        }
        logEpoch = checkpoint.logEpoch();
        position = checkpoint.position();
        savedMs = checkpoint.atMs();
        applied = checkpoint.applied();
        if (!losesSequences) {
            checkpoint.sequences().forEach(this::keep);
        }
        for (Batch batch : ahead) {
            sequences.merge(new Key(batch.publisher(), batch.topic()), batch.last(), Math::max);
            position = aheadPosition;
        }
        ahead = List.of();
        segments.keySet().removeIf(first -> first < checkpoint.firstPosition());
        checkpoint
                .segments()
                .forEach(s -> segments.computeIfAbsent(s.segmentPosition(), key -> new ArrayList<>())
                        .add(s));
    }

    private void keep(SequenceState sequence) {
        if (publishers.containsKey(sequence.publisher())) {
            sequences.merge(new Key(sequence.publisher(), sequence.topic()), sequence.lastSequence(), Math::max);
        }
    }

    @Override
    public void touchPublishers(Map<String, Long> lastSeenMs) {
        // No publisher of a run is idle for long.
    }

    /** The next checkpoint is to say more than the log holds. */
    void ahead(List<Batch> batches, long upTo) {
        ahead = batches;
        aheadPosition = upTo;
    }

    /** It is gone: the next one begins with nothing. */
    void lose() {
        takeOver(new SimSnapshots(world, oracle, flaw));
    }

    /** All is what it was in an older copy; epochs are granted above all that were granted since. */
    void restore(SimSnapshots older, int epoch) {
        takeOver(older);
        former = epoch * 1_000_000L;
        if (flaw != Flaw.RESTORED_EPOCHS_NOT_RAISED) {
            lastEpoch = epoch * 1_000_000L;
        }
    }

    SimSnapshots copy() {
        SimSnapshots copy = new SimSnapshots(world, oracle, flaw);
        copy.takeOver(this);
        return copy;
    }

    private void takeOver(SimSnapshots other) {
        publishers.clear();
        publishers.putAll(other.publishers);
        grants.clear();
        grants.addAll(other.grants);
        sequences.clear();
        sequences.putAll(other.sequences);
        subscribers.clear();
        subscribers.putAll(other.subscribers);
        segments.clear();
        other.segments.forEach((first, topics) -> segments.put(first, new ArrayList<>(topics)));
        reached.clear();
        reached.putAll(other.reached);
        identity = other.identity;
        purgedBefore = other.purgedBefore;
        lives.clear();
        lives.putAll(other.lives);
        lastEpoch = other.lastEpoch;
        former = other.former;
        logEpoch = other.logEpoch;
        position = other.position;
        savedMs = other.savedMs;
        applied = other.applied;
    }
}
