package io.bactrian.routes;

import static io.bactrian.routes.Numbers.get;
import static io.bactrian.routes.Numbers.numbers;
import static io.bactrian.routes.Numbers.putAll;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.zaxxer.hikari.HikariDataSource;
import io.bactrian.pubsub.client.Bactrian;
import io.bactrian.pubsub.client.Lost;
import io.bactrian.pubsub.client.Start;
import io.bactrian.pubsub.routes.Hub;
import io.bactrian.support.database.DatabaseSettings;
import io.bactrian.support.database.Databases;
import io.bactrian.wire.Cause;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.jdbc.core.JdbcTemplate;

/** Who is idle or absent for too long is forgotten, which is told; who comes back goes on by himself. */
@Tag("system")
class ExpiryTest {
    private static final long DAY_MS = 86_400_000;
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir
    Path folder;

    private TestHub hub;

    @BeforeEach
    void prepare() {
        hub = new TestHub(folder, TestHub.Dsl.YAML).set("bactrian.hub.expire.intervalMs", "50");
    }

    @AfterEach
    void stop() {
        hub.close();
    }

    @Test
    void aForgottenPublisherSaysHelloAgainByItselfAndNothingComesTwice() throws Exception {
        hub.set("bactrian.hub.publisher.expiry", "500ms").start();
        try (Bactrian client = hub.client("c")) {
            client.subscribe("t", Start.OLDEST);
            List<String> got = new ArrayList<>();
            for (int round = 0; round < 3; round++) {
                putAll(client, "t", round * 10, round * 10 + 10);
                assertThat(client.publisher().counters().greetings())
                        .as("how often it has said hello")
                        .isGreaterThan(round);
                got.addAll(get(client, 10));
                await().atMost(PATIENCE).until(() -> hub.figure("publishers") == 0);
            }
            assertThat(got).isEqualTo(numbers(0, 30));
            assertThat(hub.figure("accepted")).isEqualTo(30);
            hub.restart();
            putAll(client, "t", 30, 40);
            assertThat(get(client, 10)).isEqualTo(numbers(30, 40));
        }
    }

    @Test
    void anAbsentSubscriberExpiresWithAnEventAndIsToldWhatItHasMissed() throws Exception {
        List<Lost> lost = new CopyOnWriteArrayList<>();
        hub.set("bactrian.hub.subscriber.expiry", "1s").start();
        try (Bactrian publisher = hub.client("p");
                Bactrian stays = hub.client("stays")) {
            stays.subscribe("t", Start.OLDEST);
            try (Bactrian leaves = hub.client("leaves")) {
                leaves.subscribe("t", Start.OLDEST);
                putAll(publisher, "t", 0, 5);
                assertThat(get(leaves, 5)).isEqualTo(numbers(0, 5));
                assertThat(hub.figure("subscribers")).isEqualTo(2);
            }
            await().atMost(PATIENCE).until(() -> statusLine().contains("attached=1 absent=1"));
            putAll(publisher, "t", 5, 8);

            await().atMost(PATIENCE).until(() -> hub.figure("subscribers") == 1);
            assertThat(statusLine()).contains("attached=1 absent=0");
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(hub.figures().toJson())
                            .contains(
                                    "\"what\":\"subscriber-expired\",\"subscriber\":\"leaves\"",
                                    "absent for more than"));
            hub.set("bactrian.hub.subscriber.expiry", "1h").restart();
            assertThat(hub.figure("subscribers")).as("also on disk").isEqualTo(1);

            try (Bactrian leaves =
                    Bactrian.open(hub.settings("leaves").lostListener(lost::add).build())) {
                leaves.subscribe("t", Start.NOW);
                assertThat(lost).singleElement().satisfies(range -> {
                    assertThat(range.cause()).isEqualTo(Cause.EXPIRED);
                    assertThat(range.from()).isGreaterThan(5);
                    assertThat(range.to()).isBetween(range.from() + 2, hub.figure("end"));
                });
                putAll(publisher, "t", 8, 10);
                assertThat(get(leaves, 2)).isEqualTo(numbers(8, 10));
            }
            assertThat(get(stays, 10)).as("one that is there, however quiet").isEqualTo(numbers(0, 10));
        }
    }

    @Test
    void whoComesBackForgottenGetsWhatIsLeftAndNothingTwice() throws Exception {
        List<Lost> lost = new CopyOnWriteArrayList<>();
        hub.set("bactrian.hub.subscriber.expiry", "1s").start();
        try (Bactrian publisher = hub.client("p")) {
            try (Bactrian leaves = hub.client("leaves")) {
                leaves.subscribe("t", Start.OLDEST);
                putAll(publisher, "t", 0, 5);
                assertThat(get(leaves, 5)).isEqualTo(numbers(0, 5));
            }
            await().atMost(PATIENCE).until(() -> hub.figure("subscribers") == 0);
            hub.set("bactrian.hub.subscriber.expiry", "1h").restart();
            putAll(publisher, "t", 5, 8);
            Bactrian.open(hub.settings("leaves").lostListener(lost::add).build())
                    .close();
            hub.kill().start();
            try (Bactrian leaves = hub.client("leaves")) {
                leaves.subscribe("t", Start.OLDEST);
                assertThat(get(leaves, 3)).isEqualTo(numbers(5, 8));
                putAll(publisher, "t", 8, 10);
                assertThat(get(leaves, 2)).isEqualTo(numbers(8, 10));
            }
        }
    }

    @Test
    void nobodyIsAbsentWhileTheHubIsDown() throws Exception {
        hub.set("bactrian.hub.subscriber.expiry", "1h").start();
        try (Bactrian longGone = hub.client("long-gone");
                Bactrian stays = hub.client("stays")) {
            longGone.subscribe("t", Start.OLDEST);
            stays.subscribe("t", Start.OLDEST);
        }
        await().atMost(PATIENCE).until(() -> hub.figure("attached") == 0);
        hub.stop();
        try (HikariDataSource database = Databases.open(DatabaseSettings.file(folder.resolve("hub"), "hub"))) {
            JdbcTemplate jdbc = new JdbcTemplate(database);
            // As if the hub had been stopped a day ago, when one of them had been away for two hours.
            jdbc.update("update bactrian_checkpoint set saved_ms = saved_ms - ?", DAY_MS);
            jdbc.update("update bactrian_subscriber set last_seen_ms = last_seen_ms - ?", DAY_MS);
            jdbc.update(
                    "update bactrian_subscriber set last_seen_ms = last_seen_ms - ? where id = 'long-gone'",
                    DAY_MS / 12);
        }
        hub.start();
        await().atMost(PATIENCE).until(() -> hub.figure("subscribers") < 2);
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(hub.figures().toJson())
                        .contains("\"subscriber\":\"stays\"")
                        .contains("subscriber-expired"));
        assertThat(hub.figure("subscribers")).isEqualTo(1);
    }

    @Test
    void aHubThatIsKilledSoonAfterALongStopStillKnowsItsPublishers() throws Exception {
        hub.set("bactrian.hub.publisher.expiry", "1h")
                .edit("expire-absent", text -> TestHub.inAnHour(text, "bactrian.hub.expire.intervalMs"))
                .start();
        try (Bactrian publisher = hub.client("p")) {
            putAll(publisher, "t", 0, 5);
        }
        hub.stop();
        try (HikariDataSource database = Databases.open(DatabaseSettings.file(folder.resolve("hub"), "hub"))) {
            JdbcTemplate jdbc = new JdbcTemplate(database);
            jdbc.update("update bactrian_checkpoint set saved_ms = saved_ms - ?", DAY_MS);
            jdbc.update("update bactrian_publisher set last_seen_ms = last_seen_ms - ?", DAY_MS);
        }
        hub.start();
        hub().keep();
        hub.kill().edit("expire-absent", text -> text).start();
        await().during(Duration.ofMillis(500)).atMost(PATIENCE).until(() -> hub.figure("publishers") == 1);
    }

    @Test
    void aFullTopicHasItsSlowestSubscriberGiveUpTheOldestAndTellsIt() throws Exception {
        List<Lost> lost = new CopyOnWriteArrayList<>();
        hub.set("bactrian.hub.retention.bytes", "1m")
                .set("bactrian.hub.retention.onFull", "expire")
                .set("bactrian.hub.segment.bytes", "128k")
                .set("bactrian.hub.purge.intervalMs", "50")
                .start();
        try (Bactrian publisher = hub.client("p");
                Bactrian quick = hub.client("quick")) {
            quick.subscribe("t", Start.OLDEST);
            try (Bactrian absent = hub.client("absent")) {
                absent.subscribe("t", Start.OLDEST);
            }
            String padding = " " + "x".repeat(16_000);
            for (int i = 0; i < 200; i++) {
                publisher
                        .put("t", (i + padding).getBytes(StandardCharsets.UTF_8))
                        .get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
                assertThat(get(quick, 1)).isEqualTo(numbers(i, i + 1));
            }
            await().atMost(PATIENCE).until(() -> hub.figure("first") > 100);
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(hub.figures().toJson())
                            .contains("\"what\":\"range-lost\",\"subscriber\":\"absent\"", "topic t was full"));
            try (Bactrian absent =
                    Bactrian.open(hub.settings("absent").lostListener(lost::add).build())) {
                absent.subscribe("t", Start.OLDEST);
                assertThat(lost).hasSize(1);
                long to = lost.get(0).to();
                assertThat(lost.get(0).cause()).isEqualTo(Cause.EXPIRED);
                assertThat(to).isGreaterThanOrEqualTo(100);
                await().atMost(PATIENCE)
                        .untilAsserted(() -> assertThat(hub.figures().toJson())
                                .as("one range, one event")
                                .containsOnlyOnce("\"what\":\"range-lost\",\"subscriber\":\"absent\"")
                                .containsPattern(
                                        "range-lost\",\"subscriber\":\"absent\",\"from\":1,\"to\":1[0-9][0-9],"));
                int next = Integer.parseInt(get(absent, 1).get(0));
                assertThat(next).as("what is still there").isBetween(1, 100 + 100);
                assertThat(get(absent, 199 - next)).isEqualTo(numbers(next + 1, 200));
            }
        }
    }

    @Test
    void aWallClockThatIsSetByADayMakesNobodyIdleOrAbsent() throws Exception {
        SteppingClock wall = new SteppingClock();
        hub.bean("bactrianWallClock", wall)
                .set("bactrian.hub.publisher.expiry", "1h")
                .set("bactrian.hub.subscriber.expiry", "1h")
                .set("bactrian.hub.retransmit.intervalMs", "50")
                .start();
        try (Bactrian client = hub.client("c")) {
            try (Bactrian absent = hub.client("absent")) {
                absent.subscribe("t", Start.OLDEST);
            }
            client.subscribe("t", Start.OLDEST);
            putAll(client, "t", 0, 10);
            assertThat(get(client, 10)).isEqualTo(numbers(0, 10));
            for (long stepMs : new long[] {DAY_MS, -2 * DAY_MS}) {
                wall.step(stepMs);
                await().during(Duration.ofMillis(500))
                        .atMost(PATIENCE)
                        .until(() -> hub.figure("publishers") == 1
                                && hub.figure("attached") == 1
                                && hub.figure("subscribers") == 2);
            }
            putAll(client, "t", 10, 20);
            assertThat(get(client, 10)).isEqualTo(numbers(10, 20));
            assertThat(client.publisher().counters().greetings()).isEqualTo(1);
            assertThat(hub.figure("accepted")).isEqualTo(20);
            // A publisher repeats a batch that has no answer in time, as on a loaded machine; no batch has more than
            // ten.
            assertThat(hub.figure("duplicates"))
                    .isLessThanOrEqualTo(10 * client.publisher().counters().retransmitted());
        }
    }

    /** A wall clock that somebody sets. */
    private static final class SteppingClock extends Clock {
        private final AtomicLong byMs = new AtomicLong();

        void step(long ms) {
            byMs.addAndGet(ms);
        }

        @Override
        public Instant instant() {
            return Instant.now().plusMillis(byMs.get());
        }

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }
    }

    private String statusLine() {
        return hub().statusLine();
    }

    private Hub hub() {
        return hub.context().getRegistry().lookupByNameAndType("bactrianHub", Hub.class);
    }
}
