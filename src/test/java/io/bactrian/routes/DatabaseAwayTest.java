package io.bactrian.routes;

import static io.bactrian.routes.Numbers.get;
import static io.bactrian.routes.Numbers.numbers;
import static io.bactrian.routes.Numbers.putAll;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.bactrian.pubsub.client.Bactrian;
import io.bactrian.pubsub.client.Start;
import io.bactrian.pubsub.store.PostgresServer;
import io.bactrian.support.database.DatabaseSettings;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** While its database does not answer, a hub serves also those that it has never seen, and tells it later. */
@Tag("slow")
class DatabaseAwayTest {
    @TempDir
    Path folder;

    @Test
    void newcomersAreServedAndKnownLater() throws Exception {
        PostgresServer server = PostgresServer.start();
        try (TestHub hub = new TestHub(folder, TestHub.Dsl.YAML)) {
            DatabaseSettings database = server.newSettings();
            hub.set("bactrian.hub.database.url", database.url())
                    .set("bactrian.hub.database.user", database.user())
                    .set("bactrian.hub.keep.intervalMs", "50")
                    .start();
            server.refuse(database, true);
            try (Bactrian publisher = hub.client("p");
                    Bactrian subscriber = hub.client("s")) {
                subscriber.subscribe("t", Start.OLDEST);
                putAll(publisher, "t", 0, 50);
                assertThat(get(subscriber, 20)).isEqualTo(numbers(0, 20));
            }
            long behind = hub.figure("checkpoint");
            assertThat(behind).as("the database knows nothing of it").isLessThan(50);
            server.refuse(database, false);
            await().untilAsserted(() -> assertThat(hub.figure("checkpoint")).isGreaterThanOrEqualTo(50));
            hub.restart();
            assertThat(hub.figure("subscribers")).isEqualTo(1);
            try (Bactrian publisher = hub.client("p");
                    Bactrian subscriber = hub.client("s")) {
                putAll(publisher, "t", 50, 60);
                assertThat(get(subscriber, 40)).isEqualTo(numbers(20, 60));
            }
        } finally {
            server.stop();
        }
    }
}
