package io.bactrian.routes;

import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.pubsub.client.Accepted;
import io.bactrian.pubsub.client.Bactrian;
import io.bactrian.pubsub.client.Message;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

/** Messages that are numbers: what is lost, doubled or out of order shows. */
final class Numbers {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private Numbers() {}

    /** Puts the numbers from {@code from} to below {@code to}, and returns when all are accepted. */
    static void putAll(Bactrian publisher, String topic, int from, int to) throws Exception {
        List<CompletableFuture<Accepted>> puts = new ArrayList<>();
        for (String number : numbers(from, to)) {
            puts.add(publisher.put(topic, number.getBytes(StandardCharsets.UTF_8)));
        }
        for (CompletableFuture<Accepted> put : puts) {
            put.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        }
    }

    static List<String> numbers(int from, int to) {
        return IntStream.range(from, to).mapToObj(String::valueOf).toList();
    }

    /** Gets so many messages, and says that they are processed; of each what comes before a blank. */
    static List<String> get(Bactrian subscriber, int count) throws InterruptedException {
        List<String> got = new ArrayList<>();
        while (got.size() < count) {
            Message message = subscriber.get(PATIENCE);
            assertThat(message).as("after " + got.size() + " of " + count).isNotNull();
            got.add(new String(message.body(), StandardCharsets.UTF_8).split(" ", 2)[0]);
            subscriber.processed(message);
        }
        return got;
    }
}
