package io.bactrian.pubsub.core;

import io.bactrian.wire.Command;
import io.bactrian.wire.TopicSequence;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;

/**
 * The handshake of a publisher, which gets an epoch and opens its topics: HELLO until the hub grants an epoch, then
 * OPEN for the topics.
 * Both are repeated with a growing interval. Not thread-safe.
 */
final class PublisherHandshake {
    private static final int TOPICS_PER_OPEN = 1000;

    private final PublisherSettings settings;
    private final PublisherOutput output;
    private final LongSupplier random;

    private long instance;
    private long helloAtMs;
    private long helloMs;
    private long openAtMs;
    private long openMs;

    /** @param random draws instance numbers; must differ from life to life */
    PublisherHandshake(PublisherSettings settings, PublisherOutput output, LongSupplier random) {
        this.settings = settings;
        this.output = output;
        this.random = random;
        helloMs = settings.retryMsMin();
        openMs = settings.retryMsMin();
        drawInstance();
    }

    /** From now on the publisher is another instance to the hub, which fences what the one before has sent. */
    void drawInstance() {
        instance = random.getAsLong() & Long.MAX_VALUE;
    }

    /** Whether the hub has answered this instance. */
    boolean isOurs(Command.Welcome welcome) {
        return welcome.instance() == instance;
    }

    /** Says HELLO; the next one is due after an interval that doubles each time. */
    void hello(long nowMs) {
        output.send(new Command.Hello(settings.publisher(), instance).encode());
        helloAtMs = nowMs + helloMs;
        helloMs = Math.min(helloMs * 2, settings.retryMsMax());
    }

    /** When the next HELLO is due. */
    long helloAtMs() {
        return helloAtMs;
    }

    /** The intervals between HELLOs begin with the shortest again. */
    void resetHello() {
        helloMs = settings.retryMsMin();
    }

    /** Says OPEN for topics, for none too; the next one is due after an interval that doubles each time. */
    void open(List<PublisherTopic> topics, long epoch, long nowMs) {
        send(topics, epoch);
        openAtMs = nowMs + openMs;
        openMs = Math.min(openMs * 2, settings.retryMsMax());
    }

    /** Says OPEN for one topic; the next one for all that wait is due after the shortest interval. */
    void open(PublisherTopic topic, long epoch, long nowMs) {
        send(List.of(topic), epoch);
        openAtMs = nowMs + settings.retryMsMin();
    }

    /** When the next OPEN is due, if a topic waits for it. */
    long openAtMs() {
        return openAtMs;
    }

    /** The intervals between OPENs begin with the shortest again. */
    void resetOpen() {
        openMs = settings.retryMsMin();
    }

    private void send(List<PublisherTopic> topics, long epoch) {
        for (int from = 0; from == 0 || from < topics.size(); from += TOPICS_PER_OPEN) {
            List<TopicSequence> asked = new ArrayList<>();
            for (PublisherTopic topic : topics.subList(from, Math.min(topics.size(), from + TOPICS_PER_OPEN))) {
                asked.add(new TopicSequence(topic.name(), topic.knownAccepted()));
            }
            output.send(new Command.Open(settings.publisher(), epoch, asked).encode());
        }
    }
}
