package io.bactrian.pubsub.routes;

import io.bactrian.journal.log.Journal;
import io.bactrian.journal.log.SegmentInfo;
import io.bactrian.pubsub.core.HubFeed;
import io.bactrian.pubsub.core.TopicBounds;
import io.bactrian.pubsub.store.HubEvent;
import io.bactrian.pubsub.store.HubStore;
import io.bactrian.wire.Code;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the log keeps. A segment goes when it has nothing that a living subscription still needs, and each topic in it is
 * over its age or its size, or the whole log is over its size. A topic whose backlog, what a subscription still needs, is at its size takes no more, or, by {@code
 * onFull=expire}, has its slowest subscriptions give up the oldest of it: that may be deleted, and who has not had it by
 * then is told. Thread-safe.
 */
public final class Retention implements TopicBounds {
    private static final Logger LOG = LoggerFactory.getLogger(Retention.class);

    /** What happens at the bound of a topic. */
    enum OnFull {
        REFUSE,
        EXPIRE
    }

    /**
     * The bounds of a topic.
     *
     * @param age messages that every subscription has are kept so long
     * @param bytes and while the topic has no more than these
     */
    record Rule(Duration age, long bytes) {}

    /**
     * The bounds of all topics: those of the longest prefix that fits, or the general ones.
     *
     * @param totalBytes what every subscription has is kept while the whole log has no more than these
     */
    record Rules(Rule general, Map<String, Rule> byPrefix, long totalBytes, OnFull onFull) {
        Rules {
            byPrefix = Map.copyOf(byPrefix);
        }

        Rule of(String topic) {
            return byPrefix.entrySet().stream()
                    .filter(e -> topic.startsWith(e.getKey()))
                    .max((a, b) ->
                            Integer.compare(a.getKey().length(), b.getKey().length()))
                    .map(Map.Entry::getValue)
                    .orElse(general);
        }
    }

    private final Journal journal;
    private final TopicLedger ledger;
    private final HubFeed feed;
    private final HubStore store;
    private final Rules rules;
    private final int topicsMax;
    private final Clock clock;

    Retention(
            Journal journal,
            TopicLedger ledger,
            HubFeed feed,
            HubStore store,
            Rules rules,
            int topicsMax,
            Clock clock) {
        this.journal = journal;
        this.ledger = ledger;
        this.feed = feed;
        this.store = store;
        this.rules = rules;
        this.topicsMax = topicsMax;
        this.clock = clock;
    }

    @Override
    public @Nullable Code refuses(String topic, int bytes, long nowMs) {
        if (!ledger.holds(topic)) {
            return ledger.size() < topicsMax ? null : Code.TOO_MANY_TOPICS;
        }
        long limit = rules.of(topic).bytes();
        if (ledger.bytes(topic) + bytes <= limit) {
            return null;
        }
        synchronized (feed) {
            long backlog = backlog(topic);
            // A batch that alone is above the bound could wait for ever: it goes once nobody needs another one.
            if (backlog == 0 || backlog + bytes <= limit) {
                return null;
            }
            if (rules.onFull() == OnFull.REFUSE) {
                return Code.TOPIC_FULL;
            }
            giveUp(topic, ledger.positionToKeep(topic, Math.max(0, limit - bytes)));
            return null;
        }
    }

    private long backlog(String topic) {
        return feed.slowest(topic)
                .map(slowest -> ledger.bytesAbove(topic, slowest.after()))
                .orElse(0L);
    }

    private void giveUp(String topic, long upTo) {
        Optional<HubFeed.Needed> slowest = feed.slowest(topic);
        while (slowest.isPresent() && slowest.get().after() < upTo) {
            String subscriber = slowest.get().subscriber();
            long from = slowest.get().after() + 1;
            LOG.warn("subscriber={} gives up positions {} to {}, topic={} is full", subscriber, from, upTo, topic);
            store.record(
                    HubEvent.subscriberLost(clock.millis(), subscriber, from, upTo, "topic " + topic + " was full"));
            feed.giveUp(subscriber, upTo);
            slowest = feed.slowest(topic);
        }
    }

    /** Deletes the oldest segments that need not be kept; called by a timer. Nobody subscribes meanwhile. */
    public void purge() {
        synchronized (feed) {
            long before = journal.first();
            long keepFrom = before;
            List<SegmentInfo> segments = journal.segments();
            long bytesAfter = segments.stream().mapToLong(SegmentInfo::bytes).sum();
            for (SegmentInfo segment : segments) {
                bytesAfter -= segment.bytes();
                if (!segment.closed() || !over(segment, bytesAfter)) {
                    break;
                }
                keepFrom = segment.lastPosition() + 1;
            }
            if (keepFrom > before) {
                feed.passOver(keepFrom - 1);
                journal.deleteBefore(keepFrom);
                ledger.purgedBefore(journal.first());
                LOG.info("log purged from={} to={}", before, journal.first() - 1);
            }
        }
    }

    /** Whether a segment, or each of the topics in it, is over its bounds, and nobody needs what is there. */
    private boolean over(SegmentInfo segment, long bytesAfter) {
        long nowMs = clock.millis();
        long first = segment.firstPosition();
        List<TopicLedger.SegmentShare> shares = ledger.of(first);
        boolean overTotal = bytesAfter >= rules.totalBytes();
        return shares.stream().allMatch(share -> {
                    Rule rule = rules.of(share.topic());
                    return overTotal
                            || share.lastMs() < nowMs - rule.age().toMillis()
                            || share.bytesAfter() >= rule.bytes();
                })
                && shares.stream().noneMatch(share -> feed.needs(share.topic(), first, share.last()));
    }
}
