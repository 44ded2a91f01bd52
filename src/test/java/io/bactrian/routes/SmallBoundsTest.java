package io.bactrian.routes;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bactrian.pubsub.client.Acceptance;
import io.bactrian.pubsub.client.Accepted;
import io.bactrian.pubsub.client.Bactrian;
import io.bactrian.pubsub.client.Message;
import io.bactrian.pubsub.client.Publisher;
import io.bactrian.pubsub.client.RefusedException;
import io.bactrian.pubsub.client.Start;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A hub with small bounds, and publishers that closed their batches before they knew these. */
@Timeout(600)
class SmallBoundsTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int MESSAGES = 300;

    @TempDir
    Path folder;

    private TestHub hub;

    @BeforeEach
    void prepare() {
        hub = new TestHub(folder, TestHub.Dsl.YAML);
    }

    @AfterEach
    void stop() {
        hub.close();
    }

    private void small() {
        hub.set("bactrian.hub.message.max", "1000").set("bactrian.hub.batch.max", "2k");
    }

    /** Each 17th message is larger than the hub will allow. */
    private static boolean large(int number) {
        return number % 17 == 0;
    }

    private static byte[] message(int number) {
        String text = "message " + number + " ";
        return (large(number) ? text.repeat(200) : text).getBytes(UTF_8);
    }

    private static int number(Message message) {
        return Integer.parseInt(new String(message.body(), UTF_8).split(" ")[1]);
    }

    private static List<Integer> allThatFit() {
        List<Integer> numbers = new ArrayList<>();
        for (int i = 1; i <= MESSAGES + 1; i++) {
            if (!large(i)) {
                numbers.add(i);
            }
        }
        return numbers;
    }

    private List<Integer> everything() throws Exception {
        List<Integer> numbers = new ArrayList<>();
        try (Bactrian subscriber = hub.client("s")) {
            subscriber.subscribe("t", Start.OLDEST);
            while (numbers.isEmpty() || numbers.get(numbers.size() - 1) != MESSAGES + 1) {
                Message message = subscriber.get(PATIENCE);
                assertThat(message).as("after %s", numbers).isNotNull();
                assertThat(message.redelivered()).isFalse();
                numbers.add(number(message));
                subscriber.processed(message);
            }
            assertThat(subscriber.get(Duration.ofMillis(200))).isNull();
        }
        return numbers;
    }

    @Test
    void ofWhatWasPutBeforeTheHubCameOnlyTheMessagesThatAreTooLargeFail() throws Exception {
        small();
        try (Publisher publisher = Publisher.open(hub.settings("p").build())) {
            List<CompletableFuture<Accepted>> put = new ArrayList<>();
            for (int i = 1; i <= MESSAGES; i++) {
                put.add(publisher.put("t", message(i)));
            }
            hub.start();
            for (int i = 1; i <= MESSAGES; i++) {
                CompletableFuture<Accepted> fate = put.get(i - 1);
                if (large(i)) {
                    assertThatThrownBy(() -> fate.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS))
                            .hasCauseInstanceOf(RefusedException.class)
                            .hasMessageContaining("message-too-large")
                            .hasMessageContaining("bactrian.hub.message.max");
                } else {
                    fate.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
                }
            }
            publisher.put("t", message(MESSAGES + 1)).get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        }
        assertThat(everything()).isEqualTo(allThatFit());
    }

    @Test
    void ofWhatAnOutboxHoldsOnlyTheMessagesThatAreTooLargeFailWhenTheHubsBoundsBecomeLower() throws Exception {
        hub.start();
        try (Publisher publisher = Publisher.open(
                hub.settings("p").outbox(true).closeTime(Duration.ZERO).build())) {
            publisher.put("t", message(1)).get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
            hub.stop();
            for (int i = 2; i <= MESSAGES; i++) {
                publisher.put("t", message(i), Acceptance.OUTBOX);
            }
            publisher.put("other", message(1), Acceptance.OUTBOX).get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        }
        small();
        hub.start();
        try (Publisher publisher = Publisher.open(hub.settings("p").outbox(true).build())) {
            publisher.put("t", message(MESSAGES + 1)).get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
            assertThat(publisher.flush(PATIENCE)).isTrue();
        }
        assertThat(everything()).isEqualTo(allThatFit());
    }
}
