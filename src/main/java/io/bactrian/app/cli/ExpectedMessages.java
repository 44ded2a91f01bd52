package io.bactrian.app.cli;

import io.bactrian.pubsub.client.Message;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/**
 * The messages that a subscriber must get, by the numbers that publishers give: while a subscription to a topic lasts, each
 * publisher's messages come once and without a gap. One thread.
 */
final class ExpectedMessages {
    /** The subscriptions that were asked for, by topic, and from which position they hold. */
    private final Map<String, CompletableFuture<Long>> subscriptions = new HashMap<>();
    /** By publisher and topic, the highest sequence that was processed. */
    private final Map<String, Long> seen = new HashMap<>();
    /** The same by subscription. */
    private final Map<String, Long> seenSince = new HashMap<>();

    private long repeated;
    private long missing;

    /** A subscription was asked for; {@code start} ends with the position from which it holds. */
    void subscribed(String topic, CompletableFuture<Long> start) {
        subscriptions.put(topic, start);
    }

    /** What comes of this topic from now on may have gaps. */
    void unsubscribed(String topic) {
        subscriptions.remove(topic);
    }

    /** A message is processed. */
    void got(Message message) {
        String source = message.publisher() + " " + message.topic();
        long before = seen.getOrDefault(source, 0L);
        if (message.sequence() > before) {
            seen.put(source, message.sequence());
        } else if (!message.redelivered()) {
            repeated++;
        }
        CompletableFuture<Long> start = subscriptions.get(message.topic());
        if (start == null || !start.isDone() || start.isCompletedExceptionally() || message.position() < start.join()) {
            return;
        }
        String subscription = source + " " + start.join();
        Long last = seenSince.get(subscription);
        if (last != null) {
            // What came while the topic was asked for once more has been seen, though under no subscription.
            missing += Math.max(0, message.sequence() - Math.max(last, before) - 1);
        }
        if (last == null || message.sequence() > last) {
            seenSince.put(subscription, message.sequence());
        }
    }

    /** Messages that came again as new ones. */
    long repeated() {
        return repeated;
    }

    /** Messages that did not come. */
    long missing() {
        return missing;
    }
}
