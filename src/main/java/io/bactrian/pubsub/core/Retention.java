package io.bactrian.pubsub.core;

import io.bactrian.wire.Code;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Decides what the log keeps. A segment goes when no living subscription needs anything of it, the last durable checkpoint
 * knows all of it, and each topic in it is over its age or its size, or the whole log is over its size.
 *
 * <p>A topic is full when its backlog, the part that a subscription still needs, is at its size. A full topic takes no
 * more, or, with {@link RetentionRules.OnFull#EXPIRE}, its slowest subscriptions give up the oldest of it: that may then be
 * deleted, and a subscriber that has not had it by then is told. Not thread-safe.
 */
final class Retention implements TopicBounds {
    private final HubLog log;
    private final TopicLedger ledger;
    private final HubFeed feed;
    private final HubTables tables;
    private final RetentionRules rules;
    private final int topicsMax;
    private final HubNotices notices;

    Retention(
            HubLog log,
            TopicLedger ledger,
            HubFeed feed,
            HubTables tables,
            RetentionRules rules,
            int topicsMax,
            HubNotices notices) {
        this.log = log;
        this.ledger = ledger;
        this.feed = feed;
        this.tables = tables;
        this.rules = rules;
        this.topicsMax = topicsMax;
        this.notices = notices;
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
        long backlog = feed.slowest(topic)
                .map(slowest -> ledger.bytesAbove(topic, slowest.after()))
                .orElse(0L);
        // A batch that alone is above the bound could wait for ever: it goes once nobody needs another one.
        if (backlog == 0 || backlog + bytes <= limit) {
            return null;
        }
        if (rules.onFull() == RetentionRules.OnFull.REFUSE) {
            return Code.TOPIC_FULL;
        }
        giveUp(topic, ledger.positionToKeep(topic, Math.max(0, limit - bytes)), nowMs);
        return null;
    }

    private void giveUp(String topic, long upTo, long nowMs) {
        Optional<HubFeed.Needed> slowest = feed.slowest(topic);
        while (slowest.isPresent() && slowest.get().after() < upTo) {
            String subscriber = slowest.get().subscriber();
            long from = slowest.get().after() + 1;
            notices.warn("subscriber=" + subscriber + " gives up positions " + from + " to " + upTo + ", topic=" + topic
                    + " is full");
            tables.note(HubEvent.subscriberLost(nowMs, subscriber, from, upTo, "topic " + topic + " was full"));
            feed.giveUp(subscriber, upTo);
            slowest = feed.slowest(topic);
        }
    }

    /** The lowest position that must be kept; below it nothing is needed. At least the first of the log. */
    long keepFrom(long checkpoint, long nowMs) {
        long keepFrom = log.first();
        List<HubLog.Segment> segments = log.segments();
        long bytesAfter = segments.stream().mapToLong(HubLog.Segment::bytes).sum();
        for (HubLog.Segment segment : segments) {
            bytesAfter -= segment.bytes();
            if (!segment.closed() || segment.last() > checkpoint || !over(segment, bytesAfter, nowMs)) {
                break;
            }
            keepFrom = segment.last() + 1;
        }
        return keepFrom;
    }

    /** Whether a segment, or each of the topics in it, is over its bounds, and nobody needs anything of it. */
    private boolean over(HubLog.Segment segment, long bytesAfter, long nowMs) {
        long first = segment.first();
        List<TopicLedger.SegmentShare> shares = ledger.of(first);
        boolean overTotal = bytesAfter >= rules.totalBytes();
        return shares.stream().allMatch(share -> {
                    RetentionRules.Rule rule = rules.of(share.topic());
                    return overTotal
                            || share.lastMs() < nowMs - rule.age().toMillis()
                            || share.bytesAfter() >= rule.bytes();
                })
                && shares.stream().noneMatch(share -> feed.needs(share.topic(), first, share.last()));
    }
}
