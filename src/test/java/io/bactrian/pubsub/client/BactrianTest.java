package io.bactrian.pubsub.client;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.zaxxer.hikari.HikariDataSource;
import io.bactrian.journal.log.Journal;
import io.bactrian.journal.log.JournalSettings;
import io.bactrian.pubsub.core.ConfirmedPattern;
import io.bactrian.pubsub.store.CursorStore;
import io.bactrian.support.database.DatabaseSettings;
import io.bactrian.support.database.Databases;
import io.bactrian.testing.Folders;
import io.bactrian.wire.BatchBuilder;
import io.bactrian.wire.PatternKind;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(600)
class BactrianTest {
    private static final Duration LONG = Duration.ofSeconds(60);

    @TempDir
    Path folder;

    private BareHub hub;

    @BeforeEach
    void startHub() throws Exception {
        hub = new BareHub(folder.resolve("hub"));
    }

    @AfterEach
    void stopHub() throws Exception {
        hub.close();
    }

    private Bactrian client(String id) {
        return Bactrian.open(hub.settings(id, folder.resolve("data")).build());
    }

    @Test
    void whatIsPutIsGotOnceAndInOrder() throws Exception {
        try (Bactrian client = client("a")) {
            assertThat(client.subscribe("readings", Start.OLDEST)).isEqualTo(1);
            List<CompletableFuture<Accepted>> accepted = new ArrayList<>();
            for (int i = 1; i <= 10_000; i++) {
                accepted.add(client.put("readings", ("reading " + i).getBytes(UTF_8)));
            }
            long before = 0;
            for (int i = 1; i <= 10_000; i++) {
                Message message = client.get(LONG);
                assertThat(message).isNotNull();
                assertThat(new String(message.body(), UTF_8)).isEqualTo("reading " + i);
                assertThat(message.position()).isGreaterThan(before);
                before = message.position();
                assertThat(message.sequence()).isEqualTo(i);
                assertThat(message.publisher()).isEqualTo("a");
                assertThat(message.redelivered()).isFalse();
            }
            assertThat(client.get(Duration.ofMillis(50))).isNull();
            assertThat(accepted.get(9_999).get(60, TimeUnit.SECONDS)).isEqualTo(new Accepted("readings", 10_000));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void theLastNumbersOfSoManyTopicsAreKeptBesideTheCursor(int sourcesMax) throws Exception {
        ClientSettings settings =
                hub.settings("a", folder.resolve("data")).sourcesMax(sourcesMax).build();
        // What a save has brought too much is gone with a later one.
        for (List<String> topics : List.of(List.of("x", "y", "z"), List.of("z"))) {
            try (Bactrian client = Bactrian.open(settings)) {
                client.subscribe("*", Start.OLDEST);
                for (String topic : topics) {
                    client.put(topic, new byte[1]).get(60, TimeUnit.SECONDS);
                    client.processed(client.get(LONG));
                }
            }
        }
        try (HikariDataSource database = Databases.open(DatabaseSettings.file(settings.data, "subscriber-a"))) {
            CursorStore store = CursorStore.open(database, false);
            // The publisher of the second process has an epoch of its own, so there may be one more of a topic.
            assertThat(store.last("a").stream()
                            .map(last -> last.source().topic())
                            .distinct())
                    .containsExactlyElementsOf(List.of("y", "z").subList(2 - sourcesMax, 2));
            int logEpoch = store.patterns("a").get(0).logEpoch();
            assertThat(store.patterns("a")).containsExactly(new ConfirmedPattern(PatternKind.PREFIX, "", logEpoch, 1));
        }
    }

    @Test
    void aSubscriberGoesOnAfterTheLastMessageItHadProcessed() throws Exception {
        try (Bactrian client = client("a")) {
            client.subscribe("readings", Start.OLDEST);
            for (int i = 1; i <= 10; i++) {
                client.put("readings", new byte[] {(byte) i}).get(60, TimeUnit.SECONDS);
            }
            for (int i = 1; i <= 5; i++) {
                client.processed(client.get(LONG));
            }
        }
        try (Bactrian client = client("a")) {
            Message message = client.get(LONG);
            assertThat(message.body()).containsExactly(6);
            assertThat(message.redelivered()).isTrue();
        }
    }

    @Test
    void whatMayHaveBeenHandedOutIsMarkedAlsoAfterAnotherSubscription() throws Exception {
        try (Bactrian client = client("a")) {
            client.subscribe("readings", Start.OLDEST);
            for (int i = 1; i <= 10; i++) {
                client.put("readings", new byte[] {(byte) i}).get(60, TimeUnit.SECONDS);
            }
            client.processed(client.get(LONG));
        }
        try (Bactrian client = client("a")) {
            client.subscribe("alarms", Start.NOW);
            for (int i = 2; i <= 10; i++) {
                Message message = client.get(LONG);
                assertThat(message.body()).containsExactly(i);
                assertThat(message.redelivered()).isTrue();
            }
            client.put("alarms", new byte[1]).get(60, TimeUnit.SECONDS);
            assertThat(client.get(LONG).redelivered()).isFalse();
        }
    }

    @Test
    void whatMayHaveBeenHandedOutIsMarkedAlsoAfterAnEarlierStart() throws Exception {
        try (Bactrian client = client("a")) {
            client.subscribe("readings", Start.OLDEST);
            for (int i = 1; i <= 5; i++) {
                client.put("readings", new byte[] {(byte) i}).get(60, TimeUnit.SECONDS);
                client.put("alarms", new byte[] {(byte) i}).get(60, TimeUnit.SECONDS);
            }
            client.processed(client.get(LONG));
            client.processed(client.get(LONG));
        }
        try (Bactrian client = client("a")) {
            client.subscribe("alarms", Start.OLDEST);
            for (int i = 1; i <= 5; i++) {
                if (i > 2) {
                    Message reading = client.get(LONG);
                    assertThat(reading.topic()).isEqualTo("readings");
                    assertThat(reading.redelivered()).isTrue();
                }
                Message alarm = client.get(LONG);
                assertThat(alarm.topic()).isEqualTo("alarms");
                assertThat(alarm.redelivered())
                        .as("above the cursor nobody knows any more which pattern was there")
                        .isEqualTo(i > 1);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "AUTOMATIC")
    void whatWasHandedOutAndNotProcessedIsMarked(Acknowledge acknowledge) throws Exception {
        ClientSettings settings = hub.settings("a", folder.resolve("data"))
                .acknowledge(acknowledge)
                .build();
        for (boolean redelivered : new boolean[] {false, true}) {
            try (Bactrian client = Bactrian.open(settings)) {
                client.subscribe("readings", Start.OLDEST);
                if (!redelivered) {
                    client.put("readings", new byte[1]).get(60, TimeUnit.SECONDS);
                }
                assertThat(client.get(LONG).redelivered()).isEqualTo(redelivered);
            }
        }
    }

    @Test
    void nothingWasHandedOutBeforeToANewcomer() throws Exception {
        try (Bactrian client = client("a")) {
            client.put("readings", new byte[1]).get(60, TimeUnit.SECONDS);
            client.put("readings", new byte[2]).get(60, TimeUnit.SECONDS);
            client.subscribe("readings", Start.OLDEST);
            assertThat(client.get(LONG).redelivered()).isFalse();
            assertThat(client.get(LONG).redelivered()).isFalse();
        }
    }

    @Test
    void nothingWasHandedOutBeforeToANewcomerWhereTheOldestIsDeleted() throws Exception {
        hub.close();
        JournalSettings small = JournalSettings.builder().segmentBytes(4096).build();
        try (Journal log = Journal.open(folder.resolve("hub/log"), small)) {
            for (int i = 1; i <= 40; i++) {
                byte[] body = new byte[1000];
                body[0] = (byte) i;
                BatchBuilder batch = new BatchBuilder("p", "readings", 1, i);
                batch.append(body);
                log.append(batch.build().bytes());
            }
            log.deleteBefore(30);
            assertThat(log.first()).isGreaterThan(1);
        }
        hub = new BareHub(folder.resolve("hub"));
        for (boolean again : new boolean[] {false, true}) {
            // The second one has lost the folder in which the first has kept where it stood.
            ClientSettings settings =
                    hub.settings("a", folder.resolve("data-" + again)).build();
            try (Bactrian client = Bactrian.open(settings)) {
                client.subscribe("readings", Start.OLDEST);
                for (int i = 1; i <= 3; i++) {
                    Message message = client.get(LONG);
                    assertThat(message.redelivered()).isEqualTo(again);
                    if (i == 1) {
                        client.processed(message);
                    }
                }
            }
        }
    }

    @Test
    void prefixesAndEarlierStartsAddWhatWasNotGot() throws Exception {
        try (Bactrian client = client("a")) {
            client.put("x/1", new byte[] {1}).get(60, TimeUnit.SECONDS);
            client.put("y/1", new byte[] {2}).get(60, TimeUnit.SECONDS);
            client.subscribe("x/*", Start.OLDEST);
            assertThat(client.get(LONG).topic()).isEqualTo("x/1");
            client.subscribe("y/*", Start.OLDEST);
            assertThat(client.get(LONG).topic()).isEqualTo("y/1");
            client.unsubscribe("x/*");
            client.put("x/1", new byte[] {3}).get(60, TimeUnit.SECONDS);
            client.put("y/1", new byte[] {4}).get(60, TimeUnit.SECONDS);
            assertThat(client.get(LONG).body()).containsExactly(4);
        }
    }

    @Test
    void aRestartOfTheHubNeitherLosesNorDoubles() throws Exception {
        try (Bactrian client = client("a")) {
            client.subscribe("readings", Start.OLDEST);
            int sent = 0;
            int got = 0;
            for (int round = 0; round < 3; round++) {
                for (int i = 0; i < 5_000; i++) {
                    client.put("readings", String.valueOf(++sent).getBytes(UTF_8));
                }
                hub.restart();
                while (got < sent) {
                    Message message = client.get(LONG);
                    assertThat(message).as("message %d", got + 1).isNotNull();
                    assertThat(new String(message.body(), UTF_8)).isEqualTo(String.valueOf(++got));
                }
            }
            assertThat(client.publisher().flush(LONG)).isTrue();
            assertThat(client.publisher().counters().accepted()).isEqualTo(15_000);
        }
    }

    @Test
    void aFullWindowBlocksAndThenFailsWithAClearError() throws Exception {
        hub.accepting(false);
        ClientSettings settings = hub.settings("a", folder.resolve("data"))
                .window(1 << 20, 10)
                .blockTime(Duration.ofMillis(200))
                .closeTime(Duration.ZERO)
                .build();
        Publisher publisher = Publisher.open(settings);
        List<CompletableFuture<Accepted>> waiting = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            waiting.add(publisher.put("t", new byte[8]));
        }
        CompletableFuture<Accepted> refused = publisher.put("t", new byte[8]);
        assertThatThrownBy(refused::get)
                .hasCauseInstanceOf(WindowFullException.class)
                .hasMessageContaining("window of publisher a is full")
                .hasMessageContaining("10 messages");
        assertThat(waiting).noneMatch(CompletableFuture::isDone);
        hub.accepting(true);
        for (CompletableFuture<Accepted> future : waiting) {
            future.get(60, TimeUnit.SECONDS);
        }
        publisher.put("t", new byte[8]).get(60, TimeUnit.SECONDS);
        assertThat(hub.messages()).isEqualTo(11);
        hub.accepting(false);
        CompletableFuture<Accepted> left = publisher.put("t", new byte[8]);
        publisher.close();
        assertThatThrownBy(left::get)
                .hasMessageContaining(
                        "publisher a is closed and the message was not accepted: the hub at tcp://127.0.0.1:"
                                + hub.publishPort() + " was heard last ")
                .hasMessageContaining(" ms ago");
        assertThatThrownBy(() -> publisher.put("t", new byte[8]).get()).hasMessageContaining("publisher a is closed");
    }

    @Test
    void anOutboxPutsItsMessagesAfterARestartOfThePublisher() throws Exception {
        hub.accepting(false);
        ClientSettings settings = hub.settings("a", folder.resolve("data"))
                .outbox(true)
                .closeTime(Duration.ZERO)
                .build();
        try (Publisher publisher = Publisher.open(settings)) {
            for (int i = 0; i < 100; i++) {
                publisher.put("t", new byte[] {(byte) i}, Acceptance.OUTBOX).get(60, TimeUnit.SECONDS);
            }
        }
        assertThat(hub.messages()).isZero();
        hub.accepting(true);
        try (Publisher publisher = Publisher.open(settings)) {
            assertThat(publisher.flush(LONG)).isTrue();
        }
        assertThat(hub.messages()).isEqualTo(100);
        try (Publisher publisher = Publisher.open(settings)) {
            publisher.put("t", new byte[] {100}).get(60, TimeUnit.SECONDS);
        }
        assertThat(hub.messages()).isEqualTo(101);
    }

    @Test
    void aRefusalForGoodFailsThatMessageAlone() throws Exception {
        try (Bactrian client = client("a")) {
            CompletableFuture<Accepted> refused = client.put("$hub", new byte[1]);
            assertThatThrownBy(() -> refused.get(60, TimeUnit.SECONDS))
                    .hasCauseInstanceOf(RefusedException.class)
                    .hasMessageContaining("reserved-topic");
            client.put("t", new byte[1]).get(60, TimeUnit.SECONDS);
        }
    }

    @Test
    void numberedMessagesAreKeptOnce() throws Exception {
        try (Bactrian client = client("a")) {
            client.publisher().putNumbered("dead", 5, new byte[] {5}).get(60, TimeUnit.SECONDS);
            client.publisher().putNumbered("dead", 5, new byte[] {5}).get(60, TimeUnit.SECONDS);
            client.publisher().putNumbered("dead", 9, new byte[] {9}).get(60, TimeUnit.SECONDS);
            assertThat(hub.messages()).isEqualTo(2);
        }
    }

    @Test
    void theSubscriptionThatACopyOfTheFolderHasEndedStopsTheOneThatRuns() throws Exception {
        try (Bactrian running =
                Bactrian.open(hub.settings("a", folder.resolve("one")).build())) {
            running.subscribe("t", Start.OLDEST);
            running.subscribe("u", Start.OLDEST);
            running.put("t", new byte[] {1}).get(60, TimeUnit.SECONDS);
            assertThat(running.get(LONG).body()).containsExactly(1);
            Folders.copy(folder.resolve("one"), folder.resolve("two"));
            try (Bactrian other =
                    Bactrian.open(hub.settings("a", folder.resolve("two")).build())) {
                other.unsubscribe("t");
            }
            try (Bactrian publisher = client("p")) {
                publisher.put("t", new byte[] {2}).get(60, TimeUnit.SECONDS);
            }

            assertThatThrownBy(() -> running.get(LONG))
                    .hasMessageContaining("another process has attached as subscriber a and has unsubscribed 't'");
        }
    }

    @Test
    @Tag("campaign")
    void aSecondSubscriberOfTheSameIdStopsTheFirst() throws Exception {
        try (Bactrian first =
                Bactrian.open(hub.settings("a", folder.resolve("one")).build())) {
            first.subscribe("t", Start.OLDEST);
            try (Bactrian second =
                    Bactrian.open(hub.settings("a", folder.resolve("two")).build())) {
                second.subscribe("t", Start.OLDEST);
                await().atMost(Duration.ofSeconds(60)).untilAsserted(() -> {
                    second.get(Duration.ofMillis(10));
                    assertThatThrownBy(() -> first.get(Duration.ofMillis(10))).hasMessageContaining("superseded");
                });
            }
        }
    }
}
