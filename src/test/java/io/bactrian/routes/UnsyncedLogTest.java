package io.bactrian.routes;

import static io.bactrian.routes.Numbers.get;
import static io.bactrian.routes.Numbers.numbers;
import static io.bactrian.routes.Numbers.putAll;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.bactrian.pubsub.client.Bactrian;
import io.bactrian.pubsub.client.Lost;
import io.bactrian.pubsub.client.Start;
import io.bactrian.wire.Cause;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A hub that does not sync each batch loses, when the power is cut, what it had accepted since the last sync, and no
 * more; who had seen it is told, and nobody gets anything twice or misses what comes afterwards.
 *
 * <p>The power is cut by putting back the log as it was at its last sync, beside a database as it was in the end, as the
 * database syncs what it must.
 */
@Tag("system")
class UnsyncedLogTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir
    Path folder;

    private TestHub hub;
    private final List<Lost> lost = new CopyOnWriteArrayList<>();

    @BeforeEach
    void prepare() {
        hub = new TestHub(folder, TestHub.Dsl.YAML)
                .set("bactrian.hub.sync.interval", "100ms")
                .set("bactrian.hub.keep.intervalMs", "3600000");
    }

    @AfterEach
    void stop() {
        hub.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"interval", "never"})
    void aPowerCutTakesWhatCameAfterTheLastSyncAndNothingElse(String sync) throws Exception {
        hub.set("bactrian.hub.sync", sync).start();
        try (Bactrian publisher = hub.client("p");
                Bactrian reader = Bactrian.open(
                        hub.settings("reader").lostListener(lost::add).build());
                Bactrian late = hub.client("late")) {
            reader.subscribe("t", Start.OLDEST);
            putAll(publisher, "t", 0, 100);
            assertThat(get(reader, 100)).isEqualTo(numbers(0, 100));

            // What comes from here on is not synced until long after the cut, but for what the hub itself logs.
            hub.set("bactrian.hub.sync.interval", "1m").restart();
            putAll(publisher, "t", 100, 101);
            assertThat(get(reader, 1)).isEqualTo(numbers(100, 101));
            long end = hub.journal().end();
            hub.journal().sync();
            Path synced = copy(log(), folder.resolve("synced"));
            putAll(publisher, "t", 101, 150);
            assertThat(hub.journal().syncedEnd()).isEqualTo(end);
            assertThat(hub.journal().end()).isEqualTo(end + 49);
            assertThat(get(reader, 49)).isEqualTo(numbers(101, 150));
            try (Bactrian away = hub.client("away")) {
                away.subscribe("t", Start.OLDEST);
                assertThat(get(away, 150)).isEqualTo(numbers(0, 150));
            }
            late.subscribe("t", Start.NOW);
            long formerEnd = hub.journal().end();
            cutPower(synced);

            putAll(publisher, "t", 150, 210);
            assertThat(get(reader, 60)).isEqualTo(numbers(150, 210));
            assertThat(lost).singleElement().satisfies(range -> {
                assertThat(range).isEqualTo(new Lost("reader", end + 1, range.to(), Cause.CUT));
                assertThat(range.to())
                        .as("it may have passed what the hub logged since")
                        .isBetween(end + 49, formerEnd);
            });
            assertThat(get(late, 60)).as("it subscribed above the cut").isEqualTo(numbers(150, 210));
            try (Bactrian away = hub.client("away")) {
                assertThat(get(away, 60))
                        .as("it comes back when the log is beyond its cursor again")
                        .isEqualTo(numbers(150, 210));
            }
            try (Bactrian newcomer = hub.client("newcomer")) {
                newcomer.subscribe("t", Start.OLDEST);
                List<String> there = new ArrayList<>(numbers(0, 101));
                there.addAll(numbers(150, 210));
                assertThat(get(newcomer, 161)).isEqualTo(there);
            }
            assertThat(hub.figure("accepted"))
                    .as("each once, however often a slow hub had them sent")
                    .isEqualTo(60);
            hub.restart();
            assertThat(hub.figures().toJson())
                    .as("what the publisher had heard as accepted and is gone")
                    .contains("\"what\":\"range-lost\",\"publisher\":\"p\"", "\"from\":102,\"to\":150");
        }
    }

    @Test
    void aLogThatLostEverythingIsAnotherLogToItsSubscribers() throws Exception {
        hub.set("bactrian.hub.sync", "interval")
                .set("bactrian.hub.sync.interval", "1m")
                .start();
        long end = hub.journal().end();
        Path synced = copy(log(), folder.resolve("synced"));
        try (Bactrian publisher = hub.client("p");
                Bactrian reader = Bactrian.open(
                        hub.settings("reader").lostListener(lost::add).build())) {
            reader.subscribe("t", Start.OLDEST);
            putAll(publisher, "t", 0, 50);
            assertThat(get(reader, 50)).isEqualTo(numbers(0, 50));
            long had = hub.journal().end();
            cutPower(synced);
            putAll(publisher, "t", 50, 70);
            assertThat(get(reader, 20)).isEqualTo(numbers(50, 70));
            assertThat(lost).containsExactly(new Lost("reader", end + 1, had, Cause.CUT));
        }
    }

    @Test
    void aHubThatIsKilledSoonAfterItFoundItsLogCutKnowsWhatCameSince() throws Exception {
        hub.set("bactrian.hub.sync", "always")
                .edit("keep-checkpoint", text -> TestHub.inAnHour(text, "bactrian.hub.keep.intervalMs"))
                .start();
        Path older = copy(log(), folder.resolve("older"));
        try (Bactrian publisher = hub.client("p");
                Bactrian other = hub.client("q")) {
            putAll(publisher, "t", 0, 50);
            putAll(other, "t", 50, 60);
            hub.restart();
            cutPower(older);
            putAll(other, "t", 60, 80);
            hub.kill().start();
            putAll(other, "t", 80, 81);
            assertThat(hub.figures().toJson())
                    .as("nothing of it was lost since")
                    .doesNotContain("\"what\":\"range-lost\"");
        }
    }

    @Test
    void aHubThatSyncsAlwaysKnowsThatTheOneBeforeDidNot() throws Exception {
        hub.set("bactrian.hub.sync", "never").start();
        long end = hub.journal().end();
        Path synced = copy(log(), folder.resolve("synced"));
        try (Bactrian publisher = hub.client("p");
                Bactrian reader = Bactrian.open(
                        hub.settings("reader").lostListener(lost::add).build())) {
            reader.subscribe("t", Start.OLDEST);
            putAll(publisher, "t", 0, 50);
            assertThat(get(reader, 50)).isEqualTo(numbers(0, 50));
            long had = hub.journal().end();
            hub.set("bactrian.hub.sync", "always");
            cutPower(synced);
            putAll(publisher, "t", 50, 110);
            assertThat(get(reader, 60)).isEqualTo(numbers(50, 110));
            assertThat(lost).containsExactly(new Lost("reader", end + 1, had, Cause.CUT));
            long epoch = hub.figure("logEpoch");
            hub.restart();
            assertThat(hub.figure("logEpoch")).as("it loses nothing").isEqualTo(epoch);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"interval", "never"})
    void theDatabaseNeverLeadsTheLog(String sync) throws Exception {
        hub.set("bactrian.hub.sync", sync)
                .set("bactrian.hub.sync.interval", "1m")
                .set("bactrian.hub.keep.intervalMs", "100")
                .start();
        try (Bactrian publisher = hub.client("p")) {
            putAll(publisher, "t", 0, 50);
            await().atMost(PATIENCE)
                    .until(() -> hub.journal().syncedEnd() == hub.journal().end());
        }
    }

    @Test
    void anIntervalIsTheWindow() throws Exception {
        hub.set("bactrian.hub.sync", "interval").start();
        try (Bactrian publisher = hub.client("p")) {
            putAll(publisher, "t", 0, 50);
            await().atMost(PATIENCE)
                    .until(() -> hub.journal().syncedEnd() == hub.journal().end());
        }
    }

    private Path log() {
        return folder.resolve("hub/journal/hub");
    }

    /** The log goes back to its last sync, the database stays; then the hub starts. */
    private void cutPower(Path synced) throws Exception {
        Path database = Files.copy(folder.resolve("hub/hub.mv.db"), folder.resolve("database"));
        hub.stop();
        try (Stream<Path> files = Files.list(log())) {
            for (Path file : files.toList()) {
                // The mark was synced when it was made, before anything was accepted.
                if (!file.endsWith("hub.unsynced")) {
                    Files.delete(file);
                }
            }
        }
        copy(synced, log());
        Files.move(database, folder.resolve("hub/hub.mv.db"), StandardCopyOption.REPLACE_EXISTING);
        hub.start();
    }

    private static Path copy(Path from, Path to) throws IOException {
        Files.createDirectories(to);
        try (Stream<Path> files = Files.list(from)) {
            for (Path file : files.toList()) {
                Files.copy(file, to.resolve(file.getFileName()), StandardCopyOption.REPLACE_EXISTING);
            }
        }
        return to;
    }
}
