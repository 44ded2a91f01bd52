package io.bactrian.pubsub.core;

import io.bactrian.wire.PatternKind;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** One subscriber at the hub: its cursor, its patterns, and its session if it is attached. */
final class FeedSubscriber {
    private static final int CACHED_TOPICS_MAX = 10_000;

    /** So many patterns are compared sooner than a topic is looked up, and nothing is kept of each topic of the hub. */
    private static final int FEW_PATTERNS = 8;

    private final String id;
    private final boolean ephemeral;
    /** Of a subscriber with many patterns: those that cover a topic. */
    private final Map<String, List<DurableSubscription>> byTopic = new HashMap<>();

    private final List<DurableSubscription> subscriptions;
    private final long receivedUpTo;
    private int generation;
    private long cursor;
    /** The highest cursor of this generation in this life of the hub. */
    private long furthest;

    /** The log need not be kept for it up to here. */
    private long givenUpTo;

    /** Above the cursor and up to here the log is deleted, and had nothing for it. */
    private long purgedUpTo;

    /** Up to where damage of the log was recorded for it. */
    private long damageTo;

    private long lastSeenMs;
    private @Nullable Session session;
    private long usedBy = SubscriberInstance.NONE;

    FeedSubscriber(DurableSubscriber durable) {
        this(durable, false);
    }

    FeedSubscriber(DurableSubscriber durable, boolean ephemeral) {
        id = durable.id();
        this.ephemeral = ephemeral;
        subscriptions = new ArrayList<>(durable.subscriptions());
        generation = durable.generation();
        cursor = durable.cursor();
        furthest = cursor;
        purgedUpTo = durable.purgedUpTo();
        receivedUpTo = durable.receivedUpTo();
        lastSeenMs = durable.lastSeenMs();
        dropEnded();
    }

    String id() {
        return id;
    }

    /** Whether it is forgotten when its session ends: nothing of it is recorded, and the log is not kept for it. */
    boolean isEphemeral() {
        return ephemeral;
    }

    int generation() {
        return generation;
    }

    long cursor() {
        return cursor;
    }

    /** Whether it has processed more than up to a position of this generation, as far as this life of the hub knows. */
    boolean wasBeyond(int ofGeneration, long position) {
        return generation != ofGeneration || furthest > position;
    }

    /** A new pattern holds only above this position: what lies up to there it had before the hub forgot it. */
    long receivedUpTo() {
        return receivedUpTo;
    }

    /** Whether damage up to a position was not recorded for it yet in this life: it may be told again, and is recorded once. */
    boolean isDamageNews(long upTo) {
        boolean isNews = upTo > damageTo;
        damageTo = Math.max(damageTo, upTo);
        return isNews;
    }

    long lastSeenMs() {
        return lastSeenMs;
    }

    @Nullable Session session() {
        return session;
    }

    void session(@Nullable Session newSession) {
        session = newSession;
    }

    /** The instance that has attached last and has not detached, though it may be gone; {@link SubscriberInstance#NONE} if all have. */
    long usedBy() {
        return usedBy;
    }

    void usedBy(long instance) {
        usedBy = instance;
    }

    void seen(long nowMs) {
        lastSeenMs = nowMs;
    }

    /** The log is kept for it after this position. */
    long neededAfter() {
        return Math.max(cursor, givenUpTo);
    }

    /** Whether messages of this topic at these positions are still to be kept for it. */
    boolean needs(String topic, long first, long last) {
        long position = Math.max(first, neededAfter() + 1);
        while (position <= last) {
            if (wants(topic, position)) {
                return true;
            }
            position = sameUpTo(topic, position, last) + 1;
        }
        return false;
    }

    /** True if the log was purged to this position without loss for this subscriber. */
    boolean isPassedOver(long upTo) {
        return upTo <= purgedUpTo;
    }

    /**
     * True if the log can be purged to {@code position} without loss for this subscriber, although its cursor is lower.
     *
     * @param purged the position to which the log has already been purged
     */
    boolean losesNothingByPurge(long position, long purged) {
        return hasPatterns() && cursor < position && givenUpTo <= cursor && (cursor >= purged || isPassedOver(purged));
    }

    long purgedUpTo() {
        return purgedUpTo;
    }

    void passOver(long upTo) {
        purgedUpTo = upTo;
    }

    void giveUp(long upTo) {
        givenUpTo = Math.max(givenUpTo, upTo);
    }

    void standAt(int newGeneration, long newCursor) {
        if (newGeneration != generation) {
            givenUpTo = 0;
        }
        if (newCursor < cursor) {
            // What was there between the two is not known.
            purgedUpTo = 0;
        }
        furthest = newGeneration == generation ? Math.max(furthest, newCursor) : newCursor;
        generation = newGeneration;
        cursor = newCursor;
        dropEnded();
    }

    List<DurableSubscription> subscriptions() {
        return subscriptions;
    }

    void subscriptions(List<DurableSubscription> replacement) {
        subscriptions.clear();
        subscriptions.addAll(replacement);
        byTopic.clear();
        dropEnded();
    }

    @Nullable DurableSubscription find(PatternKind kind, String pattern) {
        return subscriptions.stream()
                .filter(s -> !s.ended() && s.kind() == kind && s.pattern().equals(pattern))
                .findFirst()
                .orElse(null);
    }

    /** What it is subscribed to now. */
    List<DurableSubscription> active() {
        return subscriptions.stream().filter(s -> !s.ended()).toList();
    }

    /** Its patterns, as they are written. */
    String patterns() {
        return active().stream().map(s -> s.kind().write(s.pattern())).collect(Collectors.joining(", "));
    }

    boolean hasPatterns() {
        return subscriptions.stream().anyMatch(s -> !s.ended());
    }

    /** Whether a message of this topic may still be wanted by it, at any position. */
    boolean covers(String topic) {
        if (subscriptions.size() > FEW_PATTERNS) {
            return covering(topic).stream().anyMatch(s -> !s.ended());
        }
        for (DurableSubscription subscription : subscriptions) {
            if (!subscription.ended() && subscription.covers(topic)) {
                return true;
            }
        }
        return false;
    }

    private List<DurableSubscription> covering(String topic) {
        if (subscriptions.size() <= FEW_PATTERNS) {
            return search(topic);
        }
        List<DurableSubscription> covering = byTopic.get(topic);
        if (covering == null) {
            if (byTopic.size() >= CACHED_TOPICS_MAX) {
                byTopic.clear();
            }
            covering = search(topic);
            byTopic.put(topic, covering);
        }
        return covering;
    }

    private List<DurableSubscription> search(String topic) {
        List<DurableSubscription> covering = new ArrayList<>(2);
        for (DurableSubscription subscription : subscriptions) {
            if (subscription.covers(topic)) {
                covering.add(subscription);
            }
        }
        return covering;
    }

    /** Whether the message at this position is still to be delivered. */
    boolean wants(String topic, long position) {
        return wants(covering(topic), position);
    }

    private static boolean wants(List<DurableSubscription> covering, long position) {
        boolean wanted = false;
        for (DurableSubscription subscription : covering) {
            if (subscription.done(position)) {
                return false;
            }
            wanted |= subscription.wants(position);
        }
        return wanted;
    }

    /** The first position from {@code from} on, up to {@code to}, at which some topic would be wanted; above {@code to} if none. */
    long firstWanted(long from, long to) {
        long wanted = to + 1;
        for (DurableSubscription subscription : subscriptions) {
            if (!subscription.ended()) {
                wanted = Math.min(
                        wanted, Math.max(from, Math.max(subscription.start(), subscription.processedUpTo() + 1)));
            }
        }
        return wanted;
    }

    /** The last position from {@code position} on, up to {@code last}, for which {@link #wants} says the same. */
    long sameUpTo(String topic, long position, long last) {
        long same = last;
        for (DurableSubscription subscription : covering(topic)) {
            if (subscription.start() > position) {
                same = Math.min(same, subscription.start() - 1);
            }
            if (subscription.processedUpTo() >= position) {
                same = Math.min(same, subscription.processedUpTo());
            }
        }
        return same;
    }

    DurableSubscriber durable(int logEpoch) {
        return new DurableSubscriber(
                id, generation, logEpoch, cursor, purgedUpTo, receivedUpTo, lastSeenMs, subscriptions);
    }

    private void dropEnded() {
        if (subscriptions.removeIf(s -> s.ended() && s.processedUpTo() <= cursor)) {
            byTopic.clear();
        }
    }
}
