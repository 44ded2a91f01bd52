package io.bactrian.backup.routes;

import static io.bactrian.backup.routes.BackedUpHub.numbers;
import static io.bactrian.backup.routes.BackedUpHub.putAll;
import static io.bactrian.backup.routes.BackedUpHub.take;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bactrian.backup.core.BackupException;
import io.bactrian.backup.core.BackupFolder;
import io.bactrian.backup.core.BackupReport;
import io.bactrian.backup.core.Manifest;
import io.bactrian.journal.log.JournalCapture;
import io.bactrian.journal.log.JournalFolder;
import io.bactrian.journal.log.JournalImage;
import io.bactrian.journal.log.JournalLockedException;
import io.bactrian.pubsub.client.Accepted;
import io.bactrian.pubsub.client.Acknowledge;
import io.bactrian.pubsub.client.Bactrian;
import io.bactrian.pubsub.client.Lost;
import io.bactrian.pubsub.client.Start;
import io.bactrian.pubsub.routes.RestoreMark;
import io.bactrian.pubsub.store.PostgresServer;
import io.bactrian.support.database.DatabaseSettings;
import io.bactrian.support.database.StoreException;
import io.bactrian.testing.CutLink;
import io.bactrian.wire.Cause;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A hub that was restored goes on with the publishers and subscribers that it had, by the rules of the log epoch. */
@Tag("slow")
class RestoreTest {
    @TempDir
    Path folder;

    private BackedUpHub hub;
    private final List<Lost> lost = new CopyOnWriteArrayList<>();

    @BeforeEach
    void prepare() {
        hub = new BackedUpHub(folder)
                .set("bactrian.hub.segment.bytes", "4k")
                .set("bactrian.hub.keep.intervalMs", "100");
    }

    @AfterEach
    void stop() {
        hub.close();
    }

    @Test
    void aHubThatBeganAnewMeanwhileIsRestoredAndEveryoneGoesOn() throws Exception {
        hub.start();
        try (Bactrian publisher = hub.client("p");
                Bactrian reader = hub.client("reader")) {
            reader.subscribe("t", Start.OLDEST);
            putAll(publisher, 0, 100);
            assertThat(take(reader, 100)).isEqualTo(numbers(0, 100));
            BackupReport backup = hub.backUp();
            hub.stop();
            destroy();
            // Nobody thought of the backup, so clients went on with a new log.
            hub.start();
            putAll(publisher, 100, 120);
            assertThat(take(reader, 20)).isEqualTo(numbers(100, 120));
            long epoch = hub.figures("bactrian", Map.of()).getLong("logEpoch");
            hub.stop();
            destroy();
            restore(backup.id(), false);
            hub.start();
            assertThat(hub.figures("bactrian", Map.of()).getLong("logEpoch")).isGreaterThan(epoch);
            putAll(publisher, 120, 150);
            assertThat(take(reader, 30)).isEqualTo(numbers(120, 150));
        }
    }

    @Test
    void publishersAndSubscribersGoOnAndAreToldWhatIsLost() throws Exception {
        hub.start();
        try (Bactrian publisher = hub.client("p");
                Bactrian reader = Bactrian.open(
                        hub.settings("reader").lostListener(lost::add).build());
                Bactrian late = hub.client("late")) {
            reader.subscribe("t", Start.OLDEST);
            putAll(publisher, 0, 1_000);
            assertThat(take(reader, 1_000)).isEqualTo(numbers(0, 1_000));
            try (Bactrian away = hub.client("away")) {
                away.subscribe("t", Start.OLDEST);
                assertThat(take(away, 1_000)).isEqualTo(numbers(0, 1_000));
            }
            BackupReport backup = hub.backUp();
            long epoch = hub.figures("bactrian", Map.of()).getLong("logEpoch");

            putAll(publisher, 1_000, 1_050);
            assertThat(take(reader, 50)).isEqualTo(numbers(1_000, 1_050));
            long had = hub.figures("bactrian", Map.of()).getLong("end");
            try (Bactrian away = hub.client("away")) {
                assertThat(take(away, 50)).isEqualTo(numbers(1_000, 1_050));
            }
            late.subscribe("t", Start.NOW);
            try (Bactrian young = hub.client("young")) {
                young.subscribe("t", Start.OLDEST);
                assertThat(take(young, 1_050)).isEqualTo(numbers(0, 1_050));
            }
            long formerEnd = hub.figures("bactrian", Map.of()).getLong("end");
            hub.stop();
            destroy();
            HubRestore.Restored restored = restore(backup.id(), false);
            BackedUpHub.assertHolds(restored.end(), 1_000);
            hub.start();

            putAll(publisher, 1_050, 1_110);
            assertThat(take(reader, 60)).isEqualTo(numbers(1_050, 1_110));
            assertThat(lost).singleElement().satisfies(range -> {
                assertThat(range).isEqualTo(new Lost("reader", backup.end() + 1, range.to(), Cause.CUT));
                assertThat(range.to())
                        .as("it may have passed what the hub logged since")
                        .isBetween(had, formerEnd);
            });
            assertThat(take(late, 60)).as("it subscribed after the backup").isEqualTo(numbers(1_050, 1_110));
            try (Bactrian away = hub.client("away")) {
                assertThat(take(away, 60))
                        .as("it comes back when the log is beyond its cursor again")
                        .isEqualTo(numbers(1_050, 1_110));
            }
            try (Bactrian young = hub.client("young")) {
                young.subscribe("t", Start.OLDEST);
                assertThat(take(young, 60))
                        .as("the backup does not know it, and it asks again as at each start")
                        .isEqualTo(numbers(1_050, 1_110));
            }
            try (Bactrian newcomer = hub.client("newcomer")) {
                newcomer.subscribe("t", Start.OLDEST);
                List<String> there = new ArrayList<>(numbers(0, 1_000));
                there.addAll(numbers(1_050, 1_110));
                assertThat(take(newcomer, 1_060)).isEqualTo(there);
            }
            assertThat(hub.figures("bactrian", Map.of()).toJson())
                    .contains(
                            "\"what\":\"range-lost\",\"publisher\":\"p\"",
                            "\"from\":1001,\"to\":1050",
                            "\"what\":\"restored\"");
            assertThat(hub.figures("bactrian", Map.of()).getLong("logEpoch"))
                    .isGreaterThan(epoch)
                    .isEqualTo(restored.epoch());
            assertThat(hub.figures("bactrian", Map.of()).getLong("accepted"))
                    .as("each once, however often a slow hub had them sent")
                    .isEqualTo(60);
        }
    }

    @ParameterizedTest
    @CsvSource({"AUTOMATIC, false", "TRANSACTIONAL, true"})
    void whatASubscriberHadAndItsPublisherNotYetHeardOfDoesNotComeAgain(Acknowledge acknowledge, boolean anew)
            throws Exception {
        hub.start();
        Bactrian reader = reader(acknowledge);
        try (CutLink link = new CutLink(hub.publishPort());
                Bactrian publisher =
                        Bactrian.open(hub.settings("p").publishPort(link.port()).build())) {
            reader.subscribe("t", Start.OLDEST);
            putAll(publisher, 0, 100);
            assertThat(take(reader, 100)).isEqualTo(numbers(0, 100));
            BackupReport backup = hub.backUp();
            link.mute();
            List<CompletableFuture<Accepted>> unheard = putUnheard(publisher);
            // No more are under way until it hears of these.
            assertThat(take(reader, 2)).isEqualTo(numbers(100, 102));
            assertThat(unheard).noneMatch(CompletableFuture::isDone);
            if (anew) {
                reader.close();
            }
            hub.stop();
            destroy();
            BackedUpHub.assertHolds(restore(backup.id(), false).end(), 100);
            link.cut();
            hub.start();
            if (anew) {
                reader = reader(acknowledge);
                reader.subscribe("t", Start.OLDEST);
            }

            for (CompletableFuture<Accepted> put : unheard) {
                put.get(BackedUpHub.PATIENCE.toSeconds(), TimeUnit.SECONDS);
            }
            putAll(publisher, 150, 160);
            assertThat(take(reader, 58)).isEqualTo(numbers(102, 160));
            try (Bactrian newcomer = hub.client("newcomer")) {
                newcomer.subscribe("t", Start.OLDEST);
                assertThat(take(newcomer, 160)).isEqualTo(numbers(0, 160));
            }
        } finally {
            reader.close();
        }
    }

    @Test
    void whatAPublisherSendsAgainThatCameAfterTheBackupDoesNotComeAgain() throws Exception {
        hub.start();
        BackupReport backup = hub.backUp();
        try (CutLink link = new CutLink(hub.publishPort());
                Bactrian publisher =
                        Bactrian.open(hub.settings("p").publishPort(link.port()).build());
                Bactrian reader = hub.client("reader")) {
            reader.subscribe("t", Start.OLDEST);
            putAll(publisher, 0, 100);
            assertThat(take(reader, 100)).isEqualTo(numbers(0, 100));
            link.mute();
            List<CompletableFuture<Accepted>> unheard = putUnheard(publisher);
            assertThat(take(reader, 2)).isEqualTo(numbers(100, 102));
            hub.stop();
            destroy();
            BackedUpHub.assertHolds(restore(backup.id(), false).end(), 0);
            link.cut();
            hub.start();

            for (CompletableFuture<Accepted> put : unheard) {
                put.get(BackedUpHub.PATIENCE.toSeconds(), TimeUnit.SECONDS);
            }
            putAll(publisher, 150, 160);
            assertThat(take(reader, 58)).isEqualTo(numbers(102, 160));
            try (Bactrian newer = hub.client("p")) {
                newer.put("t", "newer".getBytes(StandardCharsets.UTF_8))
                        .get(BackedUpHub.PATIENCE.toSeconds(), TimeUnit.SECONDS);
                assertThat(take(reader, 1)).containsExactly("newer");
                assertThatThrownBy(() -> putAll(publisher, 160, 161))
                        .as("a newer process of a publisher still fences an older one")
                        .hasMessageContaining("epoch");
            }
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void whatAPublisherHasLeftInItsOutboxDoesNotComeAgainFromTheNextProcess(boolean afterTheBackup) throws Exception {
        hub.start();
        BackupReport backup = afterTheBackup ? hub.backUp() : null;
        try (CutLink link = new CutLink(hub.publishPort());
                Bactrian reader = hub.client("reader")) {
            reader.subscribe("t", Start.OLDEST);
            Bactrian publisher = Bactrian.open(
                    hub.settings("p").publishPort(link.port()).outbox(true).build());
            try {
                putAll(publisher, 0, 100);
                assertThat(take(reader, 100)).isEqualTo(numbers(0, 100));
                backup = backup == null ? hub.backUp() : backup;
                link.mute();
                putUnheard(publisher);
                assertThat(take(reader, 50)).isEqualTo(numbers(100, 150));
            } finally {
                publisher.close();
            }
            hub.stop();
            destroy();
            restore(backup.id(), false);
            hub.start();

            try (Bactrian next = Bactrian.open(hub.settings("p").outbox(true).build())) {
                putAll(next, 150, 160);
                assertThat(take(reader, 10)).isEqualTo(numbers(150, 160));
            }
        }
    }

    private static List<CompletableFuture<Accepted>> putUnheard(Bactrian publisher) throws InterruptedException {
        List<CompletableFuture<Accepted>> unheard = new ArrayList<>();
        for (String number : numbers(100, 150)) {
            unheard.add(publisher.put("t", number.getBytes(StandardCharsets.UTF_8)));
        }
        return unheard;
    }

    private Bactrian reader(Acknowledge acknowledge) {
        return Bactrian.open(hub.settings("reader").acknowledge(acknowledge).build());
    }

    @Test
    void whatIsPutUnderNumbersThatWereUsedBeforeIsGot() throws Exception {
        hub.start();
        try (Bactrian reader = hub.client("reader")) {
            reader.subscribe("t", Start.OLDEST);
            BackupReport backup;
            try (Bactrian publisher = hub.client("p")) {
                putAll(publisher, 0, 100);
                backup = hub.backUp();
                putAll(publisher, 100, 150);
                assertThat(take(reader, 150)).isEqualTo(numbers(0, 150));
            }
            int next = 150;
            // Twice from the same backup: what the hub grants then was not granted the first time.
            for (int life = 0; life < 2; life++) {
                hub.stop();
                destroy();
                restore(backup.id(), false);
                hub.start();
                try (Bactrian publisher = hub.client("p")) {
                    putAll(publisher, next, next + 20);
                    assertThat(take(reader, 20)).isEqualTo(numbers(next, next + 20));
                }
                next += 20;
            }
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void whatAPatternHadBroughtThatTheBackupDoesNotKnowDoesNotComeAgain(boolean anew) throws Exception {
        hub.start();
        Bactrian reader = hub.client("reader");
        try (Bactrian publisher = hub.client("p")) {
            publisher
                    .put("w", "w0".getBytes(StandardCharsets.UTF_8))
                    .get(BackedUpHub.PATIENCE.toSeconds(), TimeUnit.SECONDS);
            reader.subscribe("t", Start.OLDEST);
            for (String number : numbers(0, 20)) {
                publisher
                        .put("u", ("u" + number).getBytes(StandardCharsets.UTF_8))
                        .get(BackedUpHub.PATIENCE.toSeconds(), TimeUnit.SECONDS);
                putAll(publisher, Integer.parseInt(number), Integer.parseInt(number) + 1);
            }
            assertThat(take(reader, 20)).isEqualTo(numbers(0, 20));
            BackupReport backup = hub.backUp();
            reader.subscribe("u", Start.OLDEST);
            assertThat(take(reader, 5)).containsExactly("u0", "u1", "u2", "u3", "u4");
            if (anew) {
                reader.close();
            }
            hub.stop();
            destroy();
            restore(backup.id(), false);
            hub.start();
            if (anew) {
                reader = hub.client("reader");
                reader.subscribe("t", Start.OLDEST);
                reader.subscribe("u", Start.OLDEST);
            }
            putAll(publisher, 20, 25);
            List<String> rest = new ArrayList<>();
            numbers(5, 20).forEach(number -> rest.add("u" + number));
            rest.addAll(numbers(20, 25));
            assertThat(take(reader, 20)).isEqualTo(rest);
            reader.subscribe("w", Start.OLDEST);
            assertThat(take(reader, 1))
                    .as("what it never asked for before comes whole")
                    .containsExactly("w0");
        } finally {
            reader.close();
        }
    }

    @Test
    void nobodyThatIsNotAheadNoticesAnything() throws Exception {
        hub.start();
        try (Bactrian publisher = hub.client("p");
                Bactrian reader = Bactrian.open(
                        hub.settings("reader").lostListener(lost::add).build())) {
            reader.subscribe("t", Start.OLDEST);
            putAll(publisher, 0, 300);
            assertThat(take(reader, 200)).isEqualTo(numbers(0, 200));
            BackupReport backup = hub.backUp();
            hub.stop();
            destroy();
            restore(backup.id(), false);
            hub.start();
            putAll(publisher, 300, 310);
            assertThat(take(reader, 110)).isEqualTo(numbers(200, 310));
            assertThat(lost).isEmpty();
        }
    }

    @Test
    void everyRestoreBeginsAnEpochOfItsOwn() throws Exception {
        hub.start();
        try (Bactrian publisher = hub.client("p");
                Bactrian reader = Bactrian.open(
                        hub.settings("reader").lostListener(lost::add).build())) {
            reader.subscribe("t", Start.OLDEST);
            putAll(publisher, 0, 10);
            assertThat(take(reader, 10)).isEqualTo(numbers(0, 10));
            String early = hub.backUp().id();
            putAll(publisher, 10, 2_000);
            assertThat(take(reader, 1_990)).isEqualTo(numbers(10, 2_000));
            String later = hub.backUp().id();
            List<Integer> epochs = new ArrayList<>();
            int next = 2_000;
            // Twice the same; what lies between is lost each time, and is never taken for what came in its place.
            for (int life = 0; life < 2; life++) {
                hub.stop();
                destroy();
                epochs.add(restore(early, false).epoch());
                hub.start();
                putAll(publisher, next, next + 1_500);
                assertThat(take(reader, 1_500)).isEqualTo(numbers(next, next + 1_500));
                next += 1_500;
                hub.backUp();
            }
            assertThat(epochs.get(1)).isGreaterThan(epochs.get(0));
            // Backups of three lives in one folder, all of them whole.
            BackupFolder backups = BackupFolder.of(hub.backups());
            assertThat(backups.ids()).hasSize(4).contains(early, later);
            for (String id : backups.ids()) {
                assertThat(backups.verify(id, octets -> {})).isEmpty();
            }
            hub.stop();
            destroy();
            BackedUpHub.assertHolds(restore(later, false).end(), 2_000);
        }
    }

    @Test
    void aDamagedBackupIsRefusedAndTheFileNamed() throws Exception {
        hub.start();
        try (Bactrian publisher = hub.client("p")) {
            putAll(publisher, 0, 3_000);
        }
        String id = hub.set("bactrian.backup.links", "false").backUp().id();
        hub.stop();
        destroy();
        BackupFolder backups = BackupFolder.of(hub.backups());
        List<String> files = new ArrayList<>(backups.read(id).files());
        files.add(id + Manifest.SUFFIX);
        for (String name :
                List.of(files.get(0), files.get(1), files.get(files.size() - 2), files.get(files.size() - 1))) {
            Path file = hub.backups().resolve(name);
            byte[] good = Files.readAllBytes(file);
            byte[] bad = good.clone();
            bad[good.length / 2] ^= 1;
            Files.write(file, bad);
            assertRefused(id, file);
            Files.write(file, java.util.Arrays.copyOf(good, good.length - 1));
            assertRefused(id, file);
            Files.delete(file);
            Files.createDirectory(file);
            assertRefused(id, file);
            Files.delete(file);
            Files.write(file, good);
        }
        Path missing = hub.backups().resolve(files.get(1));
        byte[] good = Files.readAllBytes(missing);
        Files.delete(missing);
        assertRefused(id, missing);
        assertThat(backups.list().get(0).problem()).contains(missing.toString(), "missing");
        Files.write(missing, good);
        assertThat(backups.verify(id, octets -> {})).isEmpty();
        BackedUpHub.assertHolds(restore(id, false).end(), 3_000);
    }

    @Test
    void aManifestThatCannotBeReadKeepsNoOtherBackupFromBeingRestored() throws Exception {
        hub.start();
        try (Bactrian publisher = hub.client("p")) {
            putAll(publisher, 0, 100);
            String former = hub.backUp().id();
            putAll(publisher, 100, 200);
            String id = hub.backUp().id();
            hub.stop();
            Path manifest = hub.backups().resolve(id + Manifest.SUFFIX);
            Path aside = Files.move(manifest, folder.resolve("manifest"));
            Files.createDirectory(manifest);
            hub.start();
            assertThatThrownBy(hub::backUp).rootCause().hasMessageContaining(manifest + ": it cannot be read");
            hub.stop();
            assertThat(BackupFolder.of(hub.backups()).list())
                    .extracting(BackupFolder.Backup::problem)
                    .satisfiesExactly(
                            first -> assertThat(first).isEmpty(),
                            second -> assertThat(second).contains(manifest.toString()));
            destroy();
            BackedUpHub.assertHolds(restore(former, false).end(), 100);

            Files.delete(manifest);
            Files.move(aside, manifest);
            assertThat(BackupFolder.of(hub.backups()).verify(id, octets -> {}))
                    .as("nothing of it was deleted")
                    .isEmpty();
            Files.write(hub.backups().resolve(BackupFolder.RESTORES), new byte[] {-1, -2});
            destroy();
            assertThatThrownBy(() -> restore(id, false))
                    .isInstanceOf(BackupException.class)
                    .hasMessageContaining(hub.backups().resolve(BackupFolder.RESTORES) + ",")
                    .hasMessageContaining("--log-epoch");
        }
    }

    @Test
    void aDamagedSegmentIsTakenFromWhereElseItIsWhole() throws Exception {
        hub.start();
        try (Bactrian publisher = hub.client("p")) {
            putAll(publisher, 0, 1_000);
        }
        String id = hub.backUp().id();
        hub.stop();
        Path other = folder.resolve("other");
        copyTree(hub.backups(), other);
        List<String> files = BackupFolder.of(hub.backups()).read(id).files();
        Path damaged = hub.backups().resolve(files.get(0));
        BackupTest.flip(damaged, 500);
        List<String> notes = new ArrayList<>();
        DatabaseSettings database = DatabaseSettings.file(folder.resolve("hub"), "hub");
        HubRestore fromTheLog =
                new HubRestore(BackupFolder.of(hub.backups()), hub.log(), database, Clock.systemUTC(), notes::add);
        BackedUpHub.assertHolds(fromTheLog.restore(id, true, 0, octets -> {}).end(), 1_000);
        assertThat(notes).singleElement().asString().contains(damaged.toString(), hub.log() + "/");
        assertWholeLog();

        destroy();
        assertThatThrownBy(() -> restore(id, false)).hasMessageContaining(damaged.toString());
        notes.clear();
        HubRestore fromAnother = new HubRestore(
                BackupFolder.of(hub.backups()),
                List.of(BackupFolder.of(other)),
                hub.log(),
                database,
                Clock.systemUTC(),
                notes::add);
        BackedUpHub.assertHolds(fromAnother.restore(id, true, 0, octets -> {}).end(), 1_000);
        assertThat(notes).singleElement().asString().contains("taken instead", other.toString());
        assertWholeLog();

        Path second = hub.backups().resolve("log/7");
        Files.createDirectories(second);
        Files.copy(other.resolve(files.get(0)), second.resolve(damaged.getFileName()));
        destroy();
        BackedUpHub.assertHolds(restore(id, false).end(), 1_000);
        assertWholeLog();
    }

    private void assertWholeLog() {
        assertThat(JournalFolder.verify(hub.log()).damage()).isEmpty();
    }

    private static void copyTree(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.toList()) {
                Files.copy(file, to.resolve(from.relativize(file).toString()));
            }
        }
    }

    private void assertRefused(String id, Path file) throws IOException {
        assertThat(BackupFolder.of(hub.backups()).verify(id, octets -> {}))
                .isNotEmpty()
                .allSatisfy(problem -> assertThat(problem.file()).isEqualTo(file));
        assertThatThrownBy(() -> restore(id, false))
                .isInstanceOf(BackupException.class)
                .hasMessageContaining("damaged")
                .hasMessageContaining(file.toString());
        assertThat(hub.log()).as("nothing was restored").doesNotExist();
    }

    @Test
    void aTargetThatIsNotEmptyIsRefused() throws Exception {
        hub.start();
        try (Bactrian publisher = hub.client("p")) {
            putAll(publisher, 0, 100);
            String id = hub.backUp().id();
            putAll(publisher, 100, 200);
            assertThatThrownBy(() -> restore(id, true)).isInstanceOf(JournalLockedException.class);
            hub.stop();
            Map<String, Long> before = BackupTest.tree(hub.log());
            assertThatThrownBy(() -> restore(id, false))
                    .isInstanceOf(BackupException.class)
                    .hasMessageContaining("--force");
            assertThat(BackupTest.tree(hub.log())).isEqualTo(before);
            deleteTree(hub.log());
            assertThatThrownBy(() -> restore(id, false))
                    .isInstanceOf(BackupException.class)
                    .hasMessageContaining("hub")
                    .hasMessageContaining("is not empty");
            BackedUpHub.assertHolds(restore(id, true).end(), 100);
            BackedUpHub.assertHolds(restore(id, true).end(), 100);
            hub.start();
            putAll(publisher, 200, 201);
        }
    }

    @Test
    void aRestoreThatWasCutIsNoHubAndIsDoneAgain() throws Exception {
        hub.start();
        try (Bactrian publisher = hub.client("p")) {
            putAll(publisher, 0, 100);
            String id = hub.backUp().id();
            hub.stop();
            // As a kill leaves it while it copies: a hub goes on, and so does a restore.
            Files.createDirectories(hub.log().resolve("restoring"));
            Files.writeString(hub.log().resolve("restoring/" + JournalCapture.fileOf(1)), "half");
            hub.start();
            hub.stop();
            restore(id, true);
            assertThat(hub.log().resolve("restoring")).doesNotExist();
            // As a kill leaves it before the database is written.
            deleteTree(folder.resolve("hub/hub.mv.db"));
            RestoreMark.in(hub.log()).set();
            assertThatThrownBy(hub::start).hasMessageContaining("bactrian restore again");
            hub.stop();
            // As a kill leaves it when the former log is deleted: what is refused then makes it no whole hub.
            JournalImage.delete(hub.log());
            RestoreMark.in(hub.log()).set();
            Path table = hub.backups()
                    .resolve(BackupFolder.of(hub.backups())
                            .read(id)
                            .tables()
                            .get(0)
                            .file());
            Path whole = Files.move(table, folder.resolve("table"));
            assertThatThrownBy(() -> restore(id, true)).hasMessageContaining(table.toString());
            assertThatThrownBy(hub::start).hasMessageContaining("bactrian restore again");
            hub.stop();
            Files.move(whole, table);
            BackedUpHub.assertHolds(restore(id, true).end(), 100);
            hub.start();
            putAll(publisher, 100, 110);
        }
    }

    @Test
    void aTargetIsMarkedBeforeItsDatabaseIsMade() throws Exception {
        hub.start();
        String id = hub.backUp().id();
        hub.stop();
        destroy();
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            hub.set("bactrian.hub.database.url", "jdbc:postgresql://127.0.0.1:" + server.getLocalPort() + "/hub");
            CompletableFuture<Boolean> marked = new CompletableFuture<>();
            Thread database = new Thread(() -> {
                try {
                    while (true) {
                        Socket connection = server.accept();
                        marked.complete(RestoreMark.in(hub.log()).isSet());
                        connection.close();
                    }
                } catch (IOException e) {
                    marked.completeExceptionally(e);
                }
            });
            database.start();
            assertThatThrownBy(() -> restore(id, false)).isInstanceOf(StoreException.class);
            assertThat(marked.get()).isTrue();
            assertThat(RestoreMark.in(hub.log()).isSet()).isFalse();
        }
    }

    @Test
    void aBackupGoesFromOneDatabaseToTheOther() throws Exception {
        PostgresServer server = PostgresServer.start();
        try {
            hub.start();
            try (Bactrian publisher = hub.client("p");
                    Bactrian reader = hub.client("reader")) {
                reader.subscribe("t*", Start.OLDEST);
                putAll(publisher, 0, 100);
                assertThat(take(reader, 50)).isEqualTo(numbers(0, 50));
                String fromH2 = hub.backUp().id();
                hub.stop();
                destroy();
                DatabaseSettings postgres = server.newSettings();
                hub.set("bactrian.hub.database.url", postgres.url()).set("bactrian.hub.database.user", postgres.user());
                restore(fromH2, false);
                hub.start();
                putAll(publisher, 100, 120);
                assertThat(take(reader, 70)).isEqualTo(numbers(50, 120));
                String fromPostgres = hub.backUp().id();
                hub.stop();
                destroy();
                hub.set("bactrian.hub.database.url", "").set("bactrian.hub.database.user", "sa");
                restore(fromPostgres, false);
                hub.start();
                putAll(publisher, 120, 130);
                assertThat(take(reader, 10)).isEqualTo(numbers(120, 130));
            }
        } finally {
            server.stop();
        }
    }

    @Test
    void aTimeChoosesTheBackup() throws Exception {
        hub.start();
        try (Bactrian publisher = hub.client("p")) {
            putAll(publisher, 0, 10);
            String first = hub.backUp().id();
            putAll(publisher, 10, 20);
            try (Bactrian reader = hub.client("reader")) {
                reader.subscribe("t*", Start.OLDEST);
            }
            String second = hub.backUp().id();
            BackupFolder backups = BackupFolder.of(hub.backups());
            assertThat(backups.choose(null)).isEqualTo(second);
            assertThat(backups.choose(BackupFolder.timeOf(second))).isEqualTo(second);
            assertThat(backups.choose(BackupFolder.timeOf(second).minusMillis(1)))
                    .isEqualTo(first);
            assertThatThrownBy(() -> backups.choose(BackupFolder.timeOf(first).minusMillis(1)))
                    .isInstanceOf(BackupException.class)
                    .hasMessageContaining("the oldest backup");
            List<String> own = new ArrayList<>(backups.read(second).files());
            own.removeAll(backups.read(first).files());
            Files.delete(hub.backups().resolve(own.get(0)));
            List<String> passedOver = new ArrayList<>();
            assertThat(backups.lastWhole(null, passedOver::add)).isEqualTo(first);
            assertThat(passedOver).singleElement().asString().contains(own.get(0), "missing");
        }
    }

    private HubRestore.Restored restore(String id, boolean force) throws IOException {
        String url = hub.get("bactrian.hub.database.url");
        DatabaseSettings database = url.isEmpty()
                ? DatabaseSettings.file(folder.resolve("hub"), "hub")
                : new DatabaseSettings(url, hub.get("bactrian.hub.database.user"), "", 4);
        return new HubRestore(BackupFolder.of(hub.backups()), hub.log(), database, Clock.systemUTC(), note -> {})
                .restore(id, force, 0, octets -> {});
    }

    private void destroy() throws IOException {
        deleteTree(folder.resolve("hub"));
    }

    static void deleteTree(Path root) throws IOException {
        try (Stream<Path> files = Files.walk(root)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
        assertThat(root).doesNotExist();
    }
}
