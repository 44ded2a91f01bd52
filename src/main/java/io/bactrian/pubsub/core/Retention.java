package io.bactrian.pubsub.core;

import io.bactrian.wire.Code;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
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
    private static final int REFUSING_MAX = 1_000;
    private static final String BOUND = "see bactrian.hub.retention.bytes";

    private final HubLog log;
    private final TopicLedger ledger;
    private final FeedSubscribers subscribers;
    private final HubTables tables;
    private final RetentionRules rules;
    private final int topicsMax;
    private final HubNotices notices;
    /** What intake has taken and not logged yet. */
    private final TopicBytes underWay = new TopicBytes();
    /** Topics that have refused a message, with its octets, as long as there is no room for it. */
    private final Map<String, Integer> refusing = new TreeMap<>();

    private final GivenUpRanges givenUp = new GivenUpRanges();

    Retention(
            HubLog log,
            TopicLedger ledger,
            FeedSubscribers subscribers,
            HubTables tables,
            RetentionRules rules,
            int topicsMax,
            HubNotices notices) {
        this.log = log;
        this.ledger = ledger;
        this.subscribers = subscribers;
        this.tables = tables;
        this.rules = rules;
        this.topicsMax = topicsMax;
        this.notices = notices;
    }

    @Override
    public @Nullable Code refuses(String topic, int bytes, long nowMs) {
        return refuses(topic, bytes, underWay, nowMs);
    }

    /** As {@link #refuses(String, int, long)}, for a take of its own, which counts what it has taken. */
    @Nullable Code refuses(String topic, int bytes, TopicBytes take, long nowMs) {
        boolean isNew = !ledger.holds(topic);
        if (isNew && !underWay.holds(topic) && !take.holds(topic)) {
            int taken = underWay.fresh() + (take == underWay ? 0 : take.fresh());
            if (ledger.size() + taken >= topicsMax) {
                return Code.TOO_MANY_TOPICS;
            }
        } else {
            Code full = full(topic, bytes, underWay.of(topic) + (take == underWay ? 0 : take.of(topic)), nowMs);
            if (full != null) {
                return full;
            }
        }
        take.add(topic, bytes, isNew);
        return null;
    }

    /** What intake has taken is in the log, or will not be. */
    void nothingUnderWay() {
        underWay.clear();
    }

    private @Nullable Code full(String topic, int bytes, long taken, long nowMs) {
        long limit = rules.of(topic).bytes();
        if (ledger.bytes(topic) + taken + bytes <= limit) {
            return null;
        }
        long backlog = backlog(topic, taken);
        // A batch that alone is above the bound could wait for ever: it goes once nobody needs another one.
        if (backlog == 0 || backlog + bytes <= limit) {
            return null;
        }
        if (rules.onFull() == RetentionRules.OnFull.REFUSE) {
            refused(topic, bytes, nowMs);
            return Code.TOPIC_FULL;
        }
        giveUp(topic, ledger.positionToKeep(topic, Math.max(0, limit - taken - bytes)), nowMs);
        return null;
    }

    /** What subscriptions still need of a topic, with what is under way to the log. */
    private long backlog(String topic, long taken) {
        return subscribers
                .slowest(topic)
                .map(slowest -> ledger.bytesAbove(topic, slowest.after()) + taken)
                .orElse(0L);
    }

    private void refused(String topic, int bytes, long nowMs) {
        boolean known = refusing.containsKey(topic);
        if (known || refusing.size() < REFUSING_MAX) {
            refusing.put(topic, bytes);
        }
        if (!known) {
            subscribers
                    .slowest(topic)
                    .ifPresent(slowest -> tables.note(new HubEvent(
                            nowMs,
                            "topic-full",
                            null,
                            slowest.subscriber(),
                            topic,
                            slowest.after() + 1,
                            log.end(),
                            "puts are refused until this subscriber has processed more: " + BOUND)));
        }
    }

    /** The topics that refuse messages now as they are full, each with who needs what is in it; by name. */
    List<String> fullTopics() {
        forgetWhatHasRoom();
        return refusing.keySet().stream().map(this::describe).toList();
    }

    private void forgetWhatHasRoom() {
        refusing.entrySet().removeIf(refused -> {
            long backlog = backlog(refused.getKey(), 0);
            return backlog == 0
                    || backlog + refused.getValue()
                            <= rules.of(refused.getKey()).bytes();
        });
    }

    private String describe(String topic) {
        String needed = subscribers
                .slowest(topic)
                .map(slowest ->
                        ", subscriber " + slowest.subscriber() + " has processed up to position " + slowest.after())
                .orElse("");
        return topic + " (" + backlog(topic, 0) + " of " + rules.of(topic).bytes() + " octets" + needed + ")";
    }

    private void giveUp(String topic, long upTo, long nowMs) {
        Optional<FeedSubscribers.Needed> slowest = subscribers.slowest(topic);
        while (slowest.isPresent() && slowest.get().after() < upTo) {
            String subscriber = slowest.get().subscriber();
            long from = slowest.get().after() + 1;
            if (givenUp.add(subscriber, topic, slowest.get().cursor(), from, upTo)) {
                notices.warn("subscriber=" + subscriber
                        + " gives up the oldest that it has not processed, from position " + from
                        + " on and for as long as it stays behind: topic=" + topic + " is full; " + BOUND);
                tables.note(GivenUpRanges.event(nowMs, subscriber, topic, from, upTo));
            }
            subscribers.giveUp(subscriber, upTo);
            slowest = subscribers.slowest(topic);
        }
    }

    /** Notes how far ranges that were given up have grown: to be kept before anything is deleted. */
    void noteGivenUp(long nowMs) {
        givenUp.grown(nowMs).forEach(tables::note);
    }

    /** The lowest position that must be kept; below it nothing is needed. At least the first of the log. */
    long keepFrom(long checkpoint, long nowMs) {
        forgetWhatHasRoom();
        long keepFrom = log.first();
        List<HubLog.LogSegment> segments = log.segments();
        long bytesAfter = segments.stream().mapToLong(HubLog.LogSegment::bytes).sum();
        for (HubLog.LogSegment segment : segments) {
            bytesAfter -= segment.bytes();
            if (!segment.closed() || segment.last() > checkpoint || !over(segment, bytesAfter, nowMs)) {
                break;
            }
            keepFrom = segment.last() + 1;
        }
        return keepFrom;
    }

    /** Whether a segment, or each of the topics in it, is over its bounds, and nobody needs anything of it. */
    private boolean over(HubLog.LogSegment segment, long bytesAfter, long nowMs) {
        long first = segment.first();
        List<TopicLedger.SegmentShare> shares = ledger.of(first);
        boolean overTotal = bytesAfter >= rules.totalBytes();
        return shares.stream().allMatch(share -> {
                    RetentionRules.Rule rule = rules.of(share.topic());
                    return overTotal
                            || share.lastMs() < nowMs - rule.age().toMillis()
                            || share.bytesAfter() >= rule.bytes();
                })
                && shares.stream().noneMatch(share -> subscribers.needs(share.topic(), first, share.last()));
    }
}
