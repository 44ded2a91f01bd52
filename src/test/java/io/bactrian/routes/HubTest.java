package io.bactrian.routes;

import static io.bactrian.routes.Numbers.get;
import static io.bactrian.routes.Numbers.numbers;
import static io.bactrian.routes.Numbers.putAll;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.zaxxer.hikari.HikariDataSource;
import io.bactrian.pubsub.client.Bactrian;
import io.bactrian.pubsub.client.Message;
import io.bactrian.pubsub.client.RefusedException;
import io.bactrian.pubsub.client.Start;
import io.bactrian.support.database.DatabaseSettings;
import io.bactrian.support.database.Databases;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.jdbc.core.JdbcTemplate;

/** What the shipped hub promises, over real sockets; the routes in YAML and in XML run the same tests. */
abstract class HubTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir
    Path folder;

    private TestHub hub;

    abstract TestHub.Dsl dsl();

    @BeforeEach
    void prepare() {
        hub = new TestHub(folder, dsl());
    }

    @AfterEach
    void stop() {
        hub.close();
    }

    @Test
    void everyMessageArrivesOnceAndInOrder() throws Exception {
        // A subscriber on a loaded machine may be silent for longer than usual, and nothing was lost for that.
        hub.set("bactrian.hub.retransmit.intervalMs", "3600000").start();
        try (Bactrian publisher = hub.client("p");
                Bactrian subscriber = hub.client("s")) {
            subscriber.subscribe("readings", Start.OLDEST);
            putAll(publisher, "readings", 0, 10_000);
            assertThat(get(subscriber, 10_000)).isEqualTo(numbers(0, 10_000));
            assertThat(hub.figure("accepted")).isEqualTo(10_000);
            assertThat(hub.figure("retransmitted")).isZero();
        }
    }

    @Test
    void whatWasPutBeforeASubscriberCameIsThereForIt() throws Exception {
        hub.start();
        try (Bactrian publisher = hub.client("p");
                Bactrian subscriber = hub.client("s")) {
            putAll(publisher, "a/1", 0, 100);
            putAll(publisher, "b/1", 0, 100);
            subscriber.subscribe("b/*", Start.OLDEST);
            assertThat(get(subscriber, 100)).isEqualTo(numbers(0, 100));
        }
    }

    @Test
    void anAbsentSubscriberGoesOnWhereItWas() throws Exception {
        hub.start();
        try (Bactrian publisher = hub.client("p")) {
            try (Bactrian subscriber = hub.client("s")) {
                subscriber.subscribe("t", Start.OLDEST);
                putAll(publisher, "t", 0, 50);
                assertThat(get(subscriber, 50)).isEqualTo(numbers(0, 50));
            }
            putAll(publisher, "t", 50, 100);
            try (Bactrian subscriber = hub.client("s")) {
                subscriber.subscribe("t", Start.OLDEST);
                assertThat(get(subscriber, 50)).isEqualTo(numbers(50, 100));
            }
        }
    }

    @Test
    void anOlderStartForAnotherTopicRepeatsNothing() throws Exception {
        hub.start();
        try (Bactrian publisher = hub.client("p");
                Bactrian subscriber = hub.client("s")) {
            putAll(publisher, "a", 0, 20);
            putAll(publisher, "b", 100, 120);
            subscriber.subscribe("a", Start.OLDEST);
            assertThat(get(subscriber, 20)).isEqualTo(numbers(0, 20));
            subscriber.subscribe("*", Start.OLDEST);
            assertThat(get(subscriber, 20)).isEqualTo(numbers(100, 120));
            putAll(publisher, "a", 20, 21);
            assertThat(get(subscriber, 1)).isEqualTo(numbers(20, 21));
        }
    }

    @Test
    void anUnsubscribedTopicComesNoMore() throws Exception {
        hub.start();
        try (Bactrian publisher = hub.client("p");
                Bactrian subscriber = hub.client("s")) {
            subscriber.subscribe("a", Start.NOW);
            subscriber.subscribe("b", Start.NOW);
            putAll(publisher, "a", 0, 1);
            assertThat(get(subscriber, 1)).isEqualTo(numbers(0, 1));
            subscriber.unsubscribe("a");
            putAll(publisher, "a", 1, 2);
            putAll(publisher, "b", 2, 3);
            assertThat(get(subscriber, 1)).isEqualTo(numbers(2, 3));
        }
    }

    @Test
    void theHubGoesOnAfterARestartUnderItsClients() throws Exception {
        hub.start();
        try (Bactrian publisher = hub.client("p");
                Bactrian subscriber = hub.client("s")) {
            subscriber.subscribe("t", Start.OLDEST);
            List<CompletableFuture<?>> puts = new ArrayList<>();
            for (int i = 0; i < 2_000; i++) {
                puts.add(publisher.put("t", bytes(i)));
            }
            hub.restart();
            for (int i = 2_000; i < 4_000; i++) {
                puts.add(publisher.put("t", bytes(i)));
            }
            for (CompletableFuture<?> put : puts) {
                put.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
            }
            assertThat(get(subscriber, 4_000)).isEqualTo(numbers(0, 4_000));
        }
    }

    @Test
    void nobodyExpiresBecauseTheHubWasAway() throws Exception {
        hub.set("bactrian.hub.expire.intervalMs", "100").start();
        try (Bactrian publisher = hub.client("p");
                Bactrian subscriber = hub.client("s")) {
            subscriber.subscribe("t", Start.OLDEST);
            putAll(publisher, "t", 0, 10);
        }
        hub.stop();
        long days = Duration.ofDays(30).toMillis();
        try (HikariDataSource database = Databases.open(DatabaseSettings.file(folder.resolve("hub"), "hub"))) {
            JdbcTemplate jdbc = new JdbcTemplate(database);
            jdbc.update("update bactrian_subscriber set last_seen_ms = last_seen_ms - ?", days);
            jdbc.update("update bactrian_publisher set last_seen_ms = last_seen_ms - ?", days);
            jdbc.update("update bactrian_checkpoint set saved_ms = saved_ms - ?", days);
        }
        hub.start();
        await().during(Duration.ofMillis(500))
                .atMost(Duration.ofSeconds(60))
                .until(() -> hub.figure("publishers") == 1);
        try (Bactrian subscriber = hub.client("s")) {
            subscriber.subscribe("t", Start.OLDEST);
            assertThat(get(subscriber, 10)).isEqualTo(numbers(0, 10));
        }
        assertThat(hub.figures().toJson()).doesNotContain("subscriber-expired");
    }

    @Test
    void aLogThatIsBehindItsDatabaseBeginsANewEpoch() throws Exception {
        hub.start();
        try (Bactrian publisher = hub.client("p");
                Bactrian subscriber = hub.client("s")) {
            putAll(publisher, "t", 0, 20);
            subscriber.subscribe("t", Start.OLDEST);
            assertThat(get(subscriber, 20)).isEqualTo(numbers(0, 20));
        }
        hub.stop();
        try (var files = Files.walk(folder.resolve("hub/journal/hub"))) {
            files.sorted(Comparator.reverseOrder())
                    .forEach(file -> file.toFile().delete());
        }
        hub.start();
        try (Bactrian publisher = hub.client("q");
                Bactrian subscriber = hub.client("s")) {
            putAll(publisher, "t", 100, 130);
            subscriber.subscribe("t", Start.OLDEST);
            assertThat(get(subscriber, 30)).isEqualTo(numbers(100, 130));
        }
    }

    @Test
    void aReservedTopicIsRefusedAndNothingElse() throws Exception {
        hub.start();
        try (Bactrian publisher = hub.client("p")) {
            CompletableFuture<?> bad = publisher.put("$internal", bytes(0));
            putAll(publisher, "good", 1, 3);
            assertThatThrownBy(() -> bad.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS))
                    .isInstanceOf(ExecutionException.class)
                    .cause()
                    .isInstanceOf(RefusedException.class)
                    .hasMessageContaining("belong to the hub");
        }
    }

    @Test
    void aFullTopicRefusesUntilItsSubscriberHasReadOn() throws Exception {
        hub.set("bactrian.hub.retention.bytes", "1m").set("bactrian.hub.segment.bytes", "256k");
        hub.start();
        try (Bactrian publisher = hub.client("p");
                Bactrian subscriber = hub.client("s")) {
            subscriber.subscribe("t", Start.OLDEST);
            Throwable refused = null;
            int accepted = 0;
            for (; refused == null && accepted < 10_000; accepted++) {
                try {
                    publisher.put("t", new byte[16_384]).get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
                } catch (ExecutionException e) {
                    refused = e.getCause();
                    accepted--;
                }
            }
            assertThat(refused)
                    .isInstanceOf(RefusedException.class)
                    .hasMessageContaining("bactrian.hub.retention.bytes");
            assertThat(accepted).isBetween(32, 80);
            for (int i = 0; i < accepted; i++) {
                assertThat(subscriber.get(PATIENCE)).as("message " + i).isNotNull();
            }
            await().atMost(PATIENCE).until(() -> accepts(publisher, bytes(7)));
        }
    }

    @Test
    void aMessageThatIsLargerThanItsTopicMayBeIsTakenWhenNobodyNeedsAnother() throws Exception {
        hub.set("bactrian.hub.retention.bytes", "64k");
        hub.start();
        try (Bactrian publisher = hub.client("p");
                Bactrian subscriber = hub.client("s")) {
            subscriber.subscribe("t", Start.OLDEST);
            byte[] large = new byte[100_000];
            publisher.put("t", large).get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
            assertThatThrownBy(() -> publisher.put("t", large).get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS))
                    .hasMessageContaining("bactrian.hub.retention.bytes");
            Message message = subscriber.get(PATIENCE);
            assertThat(message).isNotNull();
            subscriber.processed(message);
            await().atMost(PATIENCE).until(() -> accepts(publisher, large));
        }
    }

    @Test
    void theLargestMessageThatAHubCanBeSetToTakeArrives() throws Exception {
        hub.set("bactrian.hub.message.max", "60m")
                .set("bactrian.hub.batch.max", "60m")
                .set("bactrian.hub.frame.maxBytes", String.valueOf(61 << 20));
        hub.start();
        try (Bactrian publisher = hub.client("p");
                Bactrian subscriber = hub.client("s")) {
            subscriber.subscribe("t", Start.OLDEST);
            byte[] large = new byte[(60 << 20) - 1_000];
            large[large.length - 1] = 1;
            publisher.put("t", large).get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
            Message message = subscriber.get(PATIENCE);
            assertThat(message).isNotNull();
            assertThat(message.body()).isEqualTo(large);
        }
    }

    private static boolean accepts(Bactrian publisher, byte[] body) throws Exception {
        try {
            publisher.put("t", body).get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
            return true;
        } catch (ExecutionException e) {
            return false;
        }
    }

    @Test
    void whatEverySubscriberHasIsPurged() throws Exception {
        hub.set("bactrian.hub.retention.bytes", "1m")
                .set("bactrian.hub.segment.bytes", "128k")
                .set("bactrian.hub.purge.intervalMs", "100");
        hub.start();
        try (Bactrian publisher = hub.client("p");
                Bactrian subscriber = hub.client("s")) {
            subscriber.subscribe("t", Start.OLDEST);
            for (int i = 1; i <= 300; i++) {
                publisher.put("t", new byte[16_384]).get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
                Message message = subscriber.get(PATIENCE);
                assertThat(message).isNotNull();
                subscriber.processed(message);
                if (i % 30 == 0) {
                    await().atMost(PATIENCE).until(() -> hub.figure("outstanding") == 0);
                }
            }
            await().atMost(PATIENCE).until(() -> hub.figure("first") > 200);
            await().atMost(PATIENCE).until(() -> hub.logBytes() < 1_600_000);
        }
    }

    @Test
    void aPatternGivenUpAfterARewindCanBeAskedForAgain() throws Exception {
        hub.start();
        try (Bactrian publisher = hub.client("p");
                Bactrian subscriber = hub.client("s")) {
            putAll(publisher, "a", 0, 20);
            putAll(publisher, "b", 100, 120);
            subscriber.subscribe("a", Start.OLDEST);
            assertThat(get(subscriber, 20)).isEqualTo(numbers(0, 20));
            subscriber.subscribe("b", Start.OLDEST);
            subscriber.unsubscribe("a");
            subscriber.subscribe("a", Start.OLDEST);
            assertThat(get(subscriber, 20)).isEqualTo(numbers(100, 120));
            putAll(publisher, "a", 20, 21);
            assertThat(get(subscriber, 1)).isEqualTo(numbers(20, 21));
        }
    }

    @Test
    void aMessageThatNoFrameCanHoldFailsAndHoldsUpNothing() throws Exception {
        hub.start();
        try (Bactrian publisher = hub.client("p")) {
            CompletableFuture<?> tooLarge = publisher.put("t", new byte[9 << 20]);
            putAll(publisher, "t", 0, 3);
            assertThatThrownBy(() -> tooLarge.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS))
                    .isInstanceOf(ExecutionException.class)
                    .cause()
                    .isInstanceOf(RefusedException.class)
                    .hasMessageContaining("message-too-large");
        }
    }

    @Test
    void theFiguresTellWhatIsGoingOn() throws Exception {
        hub.start();
        try (Bactrian publisher = hub.client("p");
                Bactrian subscriber = hub.client("s")) {
            subscriber.subscribe("t/*", Start.OLDEST);
            putAll(publisher, "t/1", 0, 10);
            get(subscriber, 10);
            await().atMost(PATIENCE).until(() -> hub.figure("outstanding") == 0);
            assertThat(hub.figures().toJson())
                    .contains("\"attached\":1")
                    .contains("\"topic\":\"t\\/1\"")
                    .contains("\"patterns\":[\"t\\/*\"]");
        }
    }

    private static byte[] bytes(int number) {
        return String.valueOf(number).getBytes(StandardCharsets.UTF_8);
    }
}
