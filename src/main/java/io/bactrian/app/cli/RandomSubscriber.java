package io.bactrian.app.cli;

import io.bactrian.pubsub.client.Acknowledge;
import io.bactrian.pubsub.client.ClientSettings;
import io.bactrian.pubsub.client.Message;
import io.bactrian.pubsub.client.Start;
import io.bactrian.pubsub.client.Subscriber;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * The demonstration of {@code run subscriber --topics-from FILE --random --faults RATE}: picks topics at random,
 * subscribes and unsubscribes, and drops, delays and crashes on purpose, while it checks that each message is processed
 * once, in the order of its publisher, and that none is missing while a subscription lasts.
 *
 * <p>A message that comes again after a crash counts as repeated only if it is not marked so. One thread.
 */
public final class RandomSubscriber {
    private static final Duration ANSWER = Duration.ofMillis(20);
    private static final long STATUS_NANOS = 1_000_000_000L;
    private static final int DELAY_MS_MAX = 200;

    /**
     * The counts since the start.
     *
     * @param got messages
     * @param subscriptions made
     * @param ended subscriptions given up
     * @param crashes and starts anew from the saved cursor
     * @param delays pauses between two messages
     * @param dropped messages of the hub that were thrown away as if the network had lost them
     * @param repeated messages that came again as new ones; always 0
     * @param missing messages that it was owed and did not get; always 0 unless the hub has lost them
     */
    public record SubscriberFigures(
            long got,
            long subscriptions,
            long ended,
            long crashes,
            long delays,
            long dropped,
            long repeated,
            long missing) {
        @Override
        public String toString() {
            return "got=" + got + " subscriptions=" + subscriptions + " ended=" + ended + " crashes=" + crashes
                    + " delays=" + delays + " dropped=" + dropped + " repeated=" + repeated + " missing=" + missing;
        }
    }

    private final ClientSettings.Builder settings;
    private final List<String> topics;
    private final double faults;
    private final Random random;
    private final Set<String> subscribed = new HashSet<>();
    private final ExpectedMessages expected = new ExpectedMessages();
    /** Told on the client's thread. */
    private final AtomicLong lost = new AtomicLong();

    private long got;
    private long subscriptions;
    private long ended;
    private long crashes;
    private long delays;
    private final AtomicLong dropped = new AtomicLong();

    /**
     * A subscriber that has not begun.
     *
     * @param settings of the durable subscriber
     * @param topics to pick from, at least one
     * @param faults how often something is done wrong on purpose, from 0 (never) to 1 (at every message)
     * @param random decides everything
     */
    public RandomSubscriber(ClientSettings.Builder settings, List<String> topics, double faults, Random random) {
        if (topics.isEmpty()) {
            throw new IllegalArgumentException("there is no topic to pick from");
        }
        if (!(faults >= 0 && faults <= 1)) {
            throw new IllegalArgumentException("faults=" + faults + " must be from 0 to 1");
        }
        this.settings = settings;
        this.topics = List.copyOf(topics);
        this.faults = faults;
        this.random = random;
    }

    /** The topics of a file: one a line, blank lines and those that begin with # left out. */
    public static List<String> topicsFrom(Path file) throws IOException {
        return Files.readAllLines(file).stream()
                .map(String::strip)
                .filter(line -> !line.isEmpty() && !line.startsWith("#"))
                .toList();
    }

    /**
     * Runs until it is told to stop.
     *
     * @param status told the figures once a second
     */
    public SubscriberFigures run(BooleanSupplier goOn, Consumer<SubscriberFigures> status) throws InterruptedException {
        Random network = new Random(random.nextLong());
        ClientSettings own = settings.acknowledge(Acknowledge.EXPLICIT)
                .lostListener(gone -> lost.addAndGet(gone.to() - gone.from() + 1))
                .faults(() -> drops(network))
                .build();
        Subscriber subscriber = Subscriber.open(own);
        try {
            long toldNanos = System.nanoTime();
            while (goOn.getAsBoolean()) {
                if (random.nextInt(200) == 0 || subscribed.isEmpty()) {
                    change(subscriber);
                }
                Message message = subscriber.get(ANSWER);
                if (message != null) {
                    take(subscriber, message);
                    if (random.nextDouble() < faults) {
                        subscriber = misbehave(subscriber, own);
                    }
                }
                if (System.nanoTime() - toldNanos > STATUS_NANOS) {
                    toldNanos = System.nanoTime();
                    status.accept(figures());
                }
            }
        } finally {
            subscriber.close();
        }
        return figures();
    }

    /** On the connection's thread, which has a random source of its own. */
    private boolean drops(Random network) {
        boolean drop = network.nextDouble() < faults;
        if (drop) {
            dropped.incrementAndGet();
        }
        return drop;
    }

    private void change(Subscriber subscriber) {
        String topic = topics.get(random.nextInt(topics.size()));
        CompletableFuture<Long> answer;
        if (subscribed.contains(topic) && random.nextBoolean()) {
            answer = subscriber.unsubscribe(topic);
            expected.unsubscribed(topic);
            subscribed.remove(topic);
            ended++;
        } else {
            answer = subscriber.subscribe(topic, Start.NOW);
            expected.subscribed(topic, answer);
            subscribed.add(topic);
            subscriptions++;
        }
        if (answer.isCompletedExceptionally()) {
            answer.join();
        }
    }

    private void take(Subscriber subscriber, Message message) {
        got++;
        expected.got(message);
        subscriber.processed(message);
    }

    private Subscriber misbehave(Subscriber subscriber, ClientSettings own) throws InterruptedException {
        if (random.nextInt(10) == 0) {
            crashes++;
            subscriber.crash();
            return Subscriber.open(own);
        }
        delays++;
        Thread.sleep(random.nextInt(DELAY_MS_MAX));
        return subscriber;
    }

    /** Returns the counts so far. */
    public SubscriberFigures figures() {
        return new SubscriberFigures(
                got,
                subscriptions,
                ended,
                crashes,
                delays,
                dropped.get(),
                expected.repeated(),
                expected.missing() + lost.get());
    }
}
