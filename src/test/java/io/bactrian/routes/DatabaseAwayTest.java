package io.bactrian.routes;

import static io.bactrian.routes.Numbers.get;
import static io.bactrian.routes.Numbers.numbers;
import static io.bactrian.routes.Numbers.putAll;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.bactrian.pubsub.client.Bactrian;
import io.bactrian.pubsub.client.Start;
import io.bactrian.pubsub.core.HubLife;
import io.bactrian.pubsub.routes.Hub;
import io.bactrian.pubsub.routes.HubElection;
import io.bactrian.pubsub.store.PostgresServer;
import io.bactrian.support.database.DatabaseSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** While its database does not answer, a hub starts and serves, also those that it has never seen, and tells it later. */
@Tag("slow")
class DatabaseAwayTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir
    Path folder;

    private PostgresServer server;
    private DatabaseSettings database;
    private TestHub hub;

    @BeforeEach
    void create() throws Exception {
        server = PostgresServer.start();
        database = server.newSettings();
        hub = new TestHub(folder, TestHub.Dsl.YAML)
                .set("bactrian.hub.database.url", database.url())
                .set("bactrian.hub.database.user", database.user())
                .set("bactrian.hub.keep.intervalMs", "50");
    }

    @AfterEach
    void stop() throws Exception {
        hub.close();
        server.stop();
    }

    @Test
    void newcomersAreServedAndKnownLater() throws Exception {
        hub.start();
        server.refuse(database, true);
        putAndGetSome();
        long behind = hub.figure("checkpoint");
        assertThat(behind).as("the database knows nothing of it").isLessThan(50);
        server.refuse(database, false);
        await().untilAsserted(() -> assertThat(hub.figure("checkpoint")).isGreaterThanOrEqualTo(50));
        hub.restart();
        assertThat(hub.figure("subscribers")).isEqualTo(1);
        getTheRest();
    }

    private void putAndGetSome() throws Exception {
        try (Bactrian publisher = hub.client("p");
                Bactrian subscriber = hub.client("s")) {
            subscriber.subscribe("t", Start.OLDEST);
            putAll(publisher, "t", 0, 50);
            assertThat(get(subscriber, 20)).isEqualTo(numbers(0, 20));
        }
    }

    private void getTheRest() throws Exception {
        try (Bactrian publisher = hub.client("p");
                Bactrian subscriber = hub.client("s")) {
            putAll(publisher, "t", 50, 60);
            assertThat(get(subscriber, 40)).isEqualTo(numbers(20, 60));
        }
    }

    private boolean isAway() {
        return hub.figures().toJson().contains("\"databaseAway\":true");
    }

    @Test
    void aHubStartsFromItsLogAloneAndItsDatabaseHasAllLater() throws Exception {
        hub.start();
        putAndGetSome();
        hub.stop();
        server.refuse(database, true);
        hub.start();
        assertThat(isAway()).isTrue();
        assertThat(hub.figure("subscribers")).as("from the log").isEqualTo(1);
        getTheRest();
        server.refuse(database, false);
        await().atMost(PATIENCE).until(() -> !isAway());
        try (Bactrian other = hub.client("other")) {
            putAll(other, "t", 60, 70);
        }
        hub.restart();
        assertThat(isAway()).isFalse();
        assertThat(hub.figures().toJson()).contains("\"what\":\"rebuilt\"");
        try (Bactrian publisher = hub.client("p");
                Bactrian subscriber = hub.client("s")) {
            putAll(publisher, "t", 70, 80);
            assertThat(get(subscriber, 20)).isEqualTo(numbers(60, 80));
        }
    }

    @Test
    void aHubThatIsKilledWhileItsDatabaseIsAwayStartsWithTheOlderDatabase() throws Exception {
        hub.start();
        putAndGetSome();
        hub.stop();
        server.refuse(database, true);
        hub.start();
        getTheRest();
        hub.stop();
        server.refuse(database, false);
        hub.start();
        assertThat(isAway()).isFalse();
        try (Bactrian publisher = hub.client("p");
                Bactrian subscriber = hub.client("s")) {
            putAll(publisher, "t", 60, 70);
            assertThat(get(subscriber, 10)).isEqualTo(numbers(60, 70));
        }
    }

    @Test
    void aHubOfAPairTakesOverThoughItsDatabaseWentAwayWhileItWasPassive() throws Exception {
        CompletableFuture<Hub> joined = new CompletableFuture<>();
        hub.set("bactrian.hub.election", "election")
                .bean("election", new HubElection() {
                    @Override
                    public void joins(Hub joining) {
                        joined.complete(joining);
                    }

                    @Override
                    public long committed(long end) {
                        return end;
                    }
                })
                .start();
        Hub elected = joined.get();
        elected.activate(HubLife.IN_PAIR);
        putAndGetSome();
        server.refuse(database, true);
        elected.stepDown();
        await().atMost(PATIENCE).until(this::isAway);
        elected.activate(HubLife.IN_PAIR);
        getTheRest();
    }

    @Test
    void aHubThatHasNeverRunNeedsItsDatabase() throws Exception {
        server.refuse(database, true);
        assertThatThrownBy(hub::start).hasStackTraceContaining("it is needed for this start");
        server.refuse(database, false);
        hub.stop();
        hub.start();
        putAndGetSome();
    }
}
