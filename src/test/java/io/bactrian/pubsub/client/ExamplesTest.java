package io.bactrian.pubsub.client;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.camel.main.Main;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

/** Runs the examples from the files that are shipped. */
@Timeout(600)
class ExamplesTest {
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

    private Main example(String name) throws Exception {
        Main main = new Main();
        main.configure().withRoutesIncludePattern("file:routes/examples/" + name + "/" + name + ".camel.yaml");
        main.addInitialProperty("camel.component.kamelet.location", "file:routes/kamelets");
        main.addInitialProperty("camel.main.jmxEnabled", "false");
        main.addInitialProperty("example.hub.publishPort", String.valueOf(hub.publishPort()));
        main.addInitialProperty("example.hub.subscribePort", String.valueOf(hub.subscribePort()));
        main.addInitialProperty("example.data", folder.resolve("data").toString());
        main.addInitialProperty("example.csv.folder", folder.resolve("csv").toString());
        main.addInitialProperty(
                "example.output.folder", folder.resolve("output").toString());
        main.addInitialProperty(
                "example.database.url", "jdbc:h2:file:" + folder.resolve("readings") + ";DB_CLOSE_ON_EXIT=FALSE");
        main.start();
        return main;
    }

    private void put(String topic, String... bodies) throws Exception {
        try (Bactrian client = Bactrian.open(
                hub.settings("test-publisher", folder.resolve("publisher")).build())) {
            for (String body : bodies) {
                client.put(topic, body.getBytes(UTF_8)).get(60, TimeUnit.SECONDS);
            }
        }
    }

    @Test
    void linesOfCsvFilesArePublishedAndTheFileIsMovedAway() throws Exception {
        Main main = example("publish-csv");
        try (Bactrian reader =
                Bactrian.open(hub.settings("reader", folder.resolve("reader")).build())) {
            reader.subscribe("readings/csv", Start.OLDEST);
            Path csv = folder.resolve("csv");
            Files.createDirectories(csv);
            Files.writeString(csv.resolve("a.tmp"), "room,degrees\nkitchen,21\ncellar,12\n");
            Files.move(csv.resolve("a.tmp"), csv.resolve("a.csv"));
            assertThat(new String(reader.get(LONG).body(), UTF_8)).isEqualTo("kitchen,21");
            assertThat(new String(reader.get(LONG).body(), UTF_8)).isEqualTo("cellar,12");
            await().atMost(LONG).until(() -> Files.exists(csv.resolve("published/a.csv")));
        } finally {
            main.stop();
        }
    }

    @Test
    void messagesAreAppendedToAFile() throws Exception {
        put("readings/kitchen", "21", "22");
        Main main = example("append-file");
        try {
            put("readings/cellar", "12");
            Path file = folder.resolve("output/readings.txt");
            await().atMost(LONG).until(() -> Files.exists(file));
            await().atMost(LONG)
                    .untilAsserted(() -> assertThat(Files.readAllLines(file)).isEqualTo(List.of("21", "22", "12")));
        } finally {
            main.stop();
        }
    }

    @Test
    void messagesBecomeRowsTogetherWithTheCursor() throws Exception {
        put("readings/kitchen", "21", "22");
        Main main = example("write-table");
        put("readings/cellar", "12");
        await().atMost(LONG).until(() -> hub.messages() == 3);
        JdbcTemplate inside = new JdbcTemplate(
                main.getCamelContext().getRegistry().lookupByNameAndType("readings", javax.sql.DataSource.class));
        try {
            await().atMost(LONG).until(() -> inside.queryForObject("select count(*) from reading", Integer.class) == 3);
        } finally {
            main.stop();
        }
        JdbcTemplate jdbc =
                new JdbcTemplate(new DriverManagerDataSource("jdbc:h2:file:" + folder.resolve("readings"), "sa", ""));
        assertThat(jdbc.queryForList("select content from reading order by position", String.class))
                .containsExactly("21", "22", "12");
        assertThat(jdbc.queryForObject("select position from bactrian_cursor", Long.class))
                .isEqualTo(jdbc.queryForObject("select max(position) from reading", Long.class));
    }
}
