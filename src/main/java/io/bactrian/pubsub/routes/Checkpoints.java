package io.bactrian.pubsub.routes;

import io.bactrian.journal.log.Journal;
import io.bactrian.journal.log.JournalException;
import io.bactrian.journal.log.SegmentInfo;
import io.bactrian.pubsub.core.DurableSubscriber;
import io.bactrian.pubsub.core.HubFeed;
import io.bactrian.pubsub.core.HubIntake;
import io.bactrian.pubsub.store.Checkpoint;
import io.bactrian.pubsub.store.HubEvent;
import io.bactrian.pubsub.store.HubStore;
import io.bactrian.pubsub.store.SegmentTopic;
import io.bactrian.pubsub.store.SequenceState;
import io.bactrian.pubsub.store.SubscriberProgress;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps in the database what is derived from the log and what subscribers have acknowledged, so that a start need not
 * read the whole log. The database may be behind the log, never ahead of it. Thread-safe.
 */
public final class Checkpoints {
    private static final Logger LOG = LoggerFactory.getLogger(Checkpoints.class);

    private record Key(String publisher, String topic) {}

    private final HubStore store;
    private final Journal journal;
    private final TopicLedger ledger;
    private final Clock clock;
    private final ReentrantLock writing = new ReentrantLock();
    private final Set<Key> changed = new HashSet<>();
    private final Set<Long> savedSegments = new HashSet<>();
    private long underWayFrom = Long.MAX_VALUE;

    Checkpoints(HubStore store, Journal journal, TopicLedger ledger, Clock clock) {
        this.store = store;
        this.journal = journal;
        this.ledger = ledger;
        this.clock = clock;
    }

    /** Batches are on their way to the log, at this position or above; what they change is not recorded yet. */
    synchronized void underWayFrom(long position) {
        underWayFrom = position;
    }

    synchronized void nothingUnderWay() {
        underWayFrom = Long.MAX_VALUE;
    }

    synchronized void changed(String publisher, String topic) {
        changed.add(new Key(publisher, topic));
    }

    synchronized void saved(long segment) {
        savedSegments.add(segment);
    }

    /** Writes a checkpoint; one after the other, as each tells only what has changed since the one before. */
    void write(HubIntake intake, HubFeed feed) {
        writing.lock();
        try {
            writeAlone(intake, feed);
        } finally {
            writing.unlock();
        }
    }

    private void writeAlone(HubIntake intake, HubFeed feed) {
        Set<Key> keys;
        List<SequenceState> sequences = new ArrayList<>();
        long position;
        synchronized (intake) {
            synchronized (this) {
                position = Math.min(journal.end(), underWayFrom - 1);
                keys = Set.copyOf(changed);
                changed.clear();
            }
            keys.forEach(key -> sequences.add(
                    new SequenceState(key.publisher(), key.topic(), intake.logged(key.publisher(), key.topic()))));
        }
        boolean written = false;
        try {
            List<SubscriberProgress> progress = progress(feed);
            List<SegmentTopic> segments = closedSegments(position);
            syncLog();
            store.checkpoint(new Checkpoint(
                    clock.millis(), journal.epoch(), position, journal.first(), sequences, progress, segments));
            written = true;
            synchronized (this) {
                segments.forEach(s -> savedSegments.add(s.segmentPosition()));
                savedSegments.removeIf(segment -> segment < journal.first());
            }
        } finally {
            if (!written) {
                synchronized (this) {
                    changed.addAll(keys);
                }
            }
        }
    }

    /** What the database says of the log must be on the disk before; it is, unless batches are not synced one by one. */
    private void syncLog() {
        if (journal.syncedEnd() < journal.end()) {
            try {
                journal.syncAside();
            } catch (IOException e) {
                throw new JournalException("the log is not synced: " + e.getMessage(), e);
            }
        }
    }

    private List<SegmentTopic> closedSegments(long position) {
        List<SegmentTopic> segments = new ArrayList<>();
        for (SegmentInfo segment : journal.segments()) {
            boolean known;
            synchronized (this) {
                known = savedSegments.contains(segment.firstPosition());
            }
            if (segment.closed() && !known && segment.lastPosition() <= position) {
                for (TopicLedger.SegmentShare share : ledger.of(segment.firstPosition())) {
                    segments.add(new SegmentTopic(
                            segment.firstPosition(), share.topic(), share.bytes(), share.messages(), share.lastMs()));
                }
            }
        }
        return segments;
    }

    private List<SubscriberProgress> progress(HubFeed feed) {
        synchronized (feed) {
            return feed.durable().stream().map(StoreRegistry::progress).toList();
        }
    }

    /** Forgets publishers that have been idle for so long; they say HELLO again. */
    void expirePublishers(HubIntake intake, Duration after) {
        long since = clock.millis() - after.toMillis();
        synchronized (intake) {
            for (String publisher : intake.idleSince(since)) {
                store.forgetPublisher(publisher);
                intake.forget(publisher);
                synchronized (this) {
                    changed.removeIf(key -> key.publisher().equals(publisher));
                }
                LOG.info("publisher={} forgotten, idle for more than {}", publisher, after);
            }
            store.touchPublishers(intake.lastSeen());
        }
    }

    /** Removes subscribers that have been absent for so long. */
    void expireSubscribers(HubFeed feed, Duration after) {
        synchronized (feed) {
            for (DurableSubscriber gone : feed.expire(clock.millis() - after.toMillis())) {
                LOG.warn(
                        "subscriber={} expired at cursor={}, absent for more than {}", gone.id(), gone.cursor(), after);
                store.record(new HubEvent(
                        clock.millis(),
                        "subscriber-expired",
                        null,
                        gone.id(),
                        null,
                        gone.cursor() + 1,
                        journal.end(),
                        "absent for more than " + after));
            }
        }
    }
}
