package io.bactrian.routes;

import static io.bactrian.routes.Numbers.get;
import static io.bactrian.routes.Numbers.numbers;
import static io.bactrian.routes.Numbers.putAll;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bactrian.pubsub.client.Bactrian;
import io.bactrian.pubsub.client.Lost;
import io.bactrian.pubsub.client.Start;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A hub that has lost its database makes it anew from its log, and deletes nothing that somebody may still need. */
@Tag("system")
class LostDatabaseTest {
    @TempDir
    Path folder;

    private TestHub hub;

    @BeforeEach
    void start() throws Exception {
        hub = new TestHub(folder, TestHub.Dsl.YAML)
                .set("bactrian.hub.retention.total", "4k")
                .set("bactrian.hub.segment.bytes", "4k")
                .set("bactrian.hub.keep.intervalMs", "50")
                .set("bactrian.hub.purge.intervalMs", "50")
                .start();
    }

    @AfterEach
    void stop() {
        hub.close();
    }

    @Test
    void whoWasAwayGetsEverythingOnceAndNothingIsLoggedTwice() throws Exception {
        List<Lost> lost = new CopyOnWriteArrayList<>();
        try (Bactrian publisher = hub.client("p")) {
            try (Bactrian away = hub.client("away")) {
                away.subscribe("t", Start.OLDEST);
                putAll(publisher, "t", 0, 500);
                assertThat(get(away, 100)).isEqualTo(numbers(0, 100));
            }
            hub.stop();
            Files.delete(folder.resolve("hub/hub.mv.db"));
            hub.start();
            assertThat(hub.figure("subscribers")).as("from the log").isEqualTo(1);
            putAll(publisher, "t", 500, 600);
            hub.restart();
            putAll(publisher, "t", 600, 700);
            try (Bactrian away =
                    Bactrian.open(hub.settings("away").lostListener(lost::add).build())) {
                away.subscribe("t", Start.OLDEST);
                assertThat(get(away, 600)).isEqualTo(numbers(100, 700));
            }
        }
        assertThat(lost).isEmpty();
        assertThat(hub.figures().toJson())
                .as("it is known who needs what")
                .contains("\"purgeHeld\":false", "\"what\":\"rebuilt\"");
    }

    @Test
    void whatAPublisherHasPutIsKnownAlsoIfOnlyTheLogKnowsThePublisher() throws Exception {
        Path database = folder.resolve("hub/hub.mv.db");
        try (Bactrian other = hub.client("other")) {
            putAll(other, "t", 0, 10);
        }
        hub.stop();
        Path older = Files.copy(database, folder.resolve("older"));
        hub.start();
        try (Bactrian publisher = hub.client("p")) {
            putAll(publisher, "t", 10, 20);
        }
        hub.stop();
        Files.move(older, database, StandardCopyOption.REPLACE_EXISTING);
        hub.start();
        hub.stop();
        // The next start does not read this part of the log again, so it must be here.
        try (Connection h2 = DriverManager.getConnection("jdbc:h2:file:" + folder.resolve("hub/hub"), "sa", "");
                ResultSet sequences = h2.createStatement()
                        .executeQuery(
                                "select last_sequence from bactrian_sequence where publisher = 'p' and topic = 't'")) {
            assertThat(sequences.next()).isTrue();
            assertThat(sequences.getLong(1)).isEqualTo(10);
        }
        hub.start();
        try (Bactrian subscriber = hub.client("s")) {
            subscriber.subscribe("t", Start.OLDEST);
            assertThat(get(subscriber, 20)).isEqualTo(numbers(0, 20));
        }
    }

    @Test
    void aLogThatBelongsToAnotherDatabaseDoesNotStart() throws Exception {
        try (Bactrian publisher = hub.client("p")) {
            putAll(publisher, "t", 0, 10);
        }
        hub.stop();
        Path other = Files.createDirectory(folder.resolve("other"));
        try (TestHub stranger = new TestHub(other, TestHub.Dsl.YAML).start();
                Bactrian publisher = stranger.client("p")) {
            putAll(publisher, "t", 0, 10);
        }
        Files.move(other.resolve("hub/journal"), folder.resolve("hub/others"));
        hub.set("bactrian.hub.journal", folder.resolve("hub/others/hub").toString());
        assertThatThrownBy(hub::start).hasStackTraceContaining("belongs to another database");
    }
}
