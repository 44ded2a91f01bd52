package io.bactrian.backup.routes;

import static io.bactrian.backup.routes.BackedUpHub.putAll;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.bactrian.backup.core.BackupException;
import io.bactrian.backup.core.BackupFolder;
import io.bactrian.backup.core.BackupReport;
import io.bactrian.backup.core.Manifest;
import io.bactrian.journal.log.JournalCapture;
import io.bactrian.journal.log.JournalImage;
import io.bactrian.journal.log.JournalLockedException;
import io.bactrian.pubsub.client.Bactrian;
import io.bactrian.pubsub.client.Start;
import io.bactrian.support.file.DurableFiles;
import io.bactrian.testing.SmallDisk;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.apache.camel.health.HealthCheck;
import org.apache.camel.health.HealthCheckRegistry;
import org.apache.camel.util.json.JsonObject;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the shipped backup routes write, and what they leave when they are cut. */
@Tag("slow")
class BackupTest {
    @TempDir
    Path folder;

    private BackedUpHub hub;

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

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aBackupCostsWhatChanged(boolean links) throws Exception {
        hub.set("bactrian.backup.links", String.valueOf(links)).start();
        try (Bactrian publisher = hub.client("p")) {
            putAll(publisher, 0, 3_000);
            BackupReport first = hub.backUp();
            BackedUpHub.assertHolds(first.end(), 3_000);
            assertWhole(first.id());
            assertThat(closedBytes()).isGreaterThan(20_000);
            assertThat(first.linkedBytes()).isEqualTo(links ? closedBytes() : 0);
            assertThat(first.writtenBytes() + first.linkedBytes()).isGreaterThanOrEqualTo(logBytes());

            putAll(publisher, 3_000, 3_010);
            BackupReport second = hub.backUp();
            BackedUpHub.assertHolds(second.end(), 3_010);
            assertThat(second.writtenBytes()).as(second.text()).isLessThan(10_000);
            assertWhole(second.id());
            assertWhole(first.id());
        }
    }

    @Test
    void closedSegmentsAreCopiedUnlessLinksAreAskedFor() throws Exception {
        hub.start();
        try (Bactrian publisher = hub.client("p")) {
            putAll(publisher, 0, 1_000);
            BackupReport copied = hub.backUp();
            assertThat(copied.shared()).isZero();
            assertThat(copied.text()).doesNotContain("NO COPY");
            for (Manifest.SegmentCopy segment :
                    BackupFolder.of(hub.backups()).read(copied.id()).segments()) {
                assertThat(Files.isSameFile(
                                hub.backups().resolve(segment.file()),
                                hub.log().resolve(segment.part().file())))
                        .isFalse();
            }
            hub.stop();
            RestoreTest.deleteTree(hub.backups());
            hub.set("bactrian.backup.links", "true").start();
            putAll(publisher, 1_000, 1_010);
            BackupReport linked = hub.backUp();
            assertThat(linked.shared()).isPositive();
            assertThat(linked.text()).contains("NO COPY of " + linked.shared() + " segments");
            putAll(publisher, 1_010, 1_020);
            assertThat(hub.backUp().shared()).as("said each time").isEqualTo(linked.shared());
        }
    }

    @Test
    void aDamagedLogIsNotTakenAndTheFormerBackupsStay() throws Exception {
        hub.start();
        try (Bactrian publisher = hub.client("p")) {
            putAll(publisher, 0, 200);
            BackupReport good = hub.backUp();
            putAll(publisher, 200, 2_000);
            List<String> segments = tree(hub.log()).keySet().stream()
                    .filter(name -> name.endsWith(".segment"))
                    .toList();
            Path closed = hub.log().resolve(segments.get(segments.size() - 2));
            byte[] whole = Files.readAllBytes(closed);
            flip(closed, whole.length / 2);
            assertThatThrownBy(() -> hub.backUp())
                    .rootCause()
                    .isInstanceOf(BackupException.class)
                    .hasMessageContaining(closed.toString());
            assertThat(asked().getString("failed")).contains(closed.toString(), "bactrian journal repair");
            assertThat(health().getState()).isEqualTo(HealthCheck.State.DOWN);
            assertThat(BackupFolder.of(hub.backups()).ids()).containsExactly(good.id());
            assertWhole(good.id());
            Files.write(closed, whole);
            assertWhole(hub.backUp().id());

            // The part of the open segment that was not taken before.
            putAll(publisher, 2_000, 2_010);
            segments = tree(hub.log()).keySet().stream()
                    .filter(name -> name.endsWith(".segment"))
                    .toList();
            Path last = hub.log().resolve(segments.get(segments.size() - 1));
            flip(last, (int) Files.size(last) - 10);
            assertThatThrownBy(() -> hub.backUp()).rootCause().hasMessageContaining(last.toString());
        }
    }

    static void flip(Path file, int at) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        bytes[at] ^= 1;
        Files.write(file, bytes);
    }

    @Test
    void aRestartWritesNothingOfTheLogAgain() throws Exception {
        hub.start();
        try (Bactrian publisher = hub.client("p")) {
            putAll(publisher, 0, 3_000);
            hub.backUp();
            hub.stop();
            hub.start();
            putAll(publisher, 3_000, 3_001);
            BackupReport after = hub.backUp();
            assertThat(after.linkedBytes()).as("what was open before").isLessThan(10_000);
            assertThat(after.writtenBytes()).isLessThan(10_000);
            assertWhole(after.id());
        }
    }

    @Test
    void nothingIsWrittenWhileNothingChanges() throws Exception {
        hub.start();
        try (Bactrian publisher = hub.client("p")) {
            putAll(publisher, 0, 10);
        }
        hub.context().createProducerTemplate().requestBody("direct:back-up", (Object) null);
        hub.stop();
        hub.set("bactrian.hub.keep.intervalMs", "86400000").start();
        BackupReport first = hub.backUp();
        Map<String, Long> before = tree(hub.backups());
        BackupReport second = hub.backUp();
        assertThat(second.changed()).isFalse();
        assertThat(second.id()).isEqualTo(first.id());
        assertThat(tree(hub.backups())).isEqualTo(before);
    }

    @Test
    void oldBackupsGoByCount() throws Exception {
        hub.set("bactrian.backup.keep.count", "3").start();
        try (Bactrian publisher = hub.client("p")) {
            for (int i = 0; i < 6; i++) {
                putAll(publisher, i * 1_000, i * 1_000 + 1_000);
                assertThat(hub.backUp().backups()).isEqualTo(Math.min(3, i + 1));
            }
            List<BackupFolder.Backup> kept = BackupFolder.of(hub.backups()).list();
            assertThat(kept).hasSize(3);
            BackedUpHub.assertHolds(kept.get(0).end(), 4_000);
            BackedUpHub.assertHolds(kept.get(2).end(), 6_000);
            assertThat(kept).extracting(BackupFolder.Backup::problem).containsOnly("");
            for (BackupFolder.Backup backup : kept) {
                assertWhole(backup.id());
            }
            try (Stream<Path> state = Files.list(hub.backups().resolve("state"))) {
                assertThat(state.count()).as("tables of three backups").isLessThanOrEqualTo(27);
            }
        }
    }

    @Test
    void oldBackupsGoByAge() throws Exception {
        hub.set("bactrian.backup.keep.age", "1s").start();
        try (Bactrian publisher = hub.client("p")) {
            putAll(publisher, 0, 10);
            BackupReport first = hub.backUp();
            AtomicInteger next = new AtomicInteger(10);
            await().atMost(BackedUpHub.PATIENCE).until(() -> {
                putAll(publisher, next.get(), next.incrementAndGet());
                hub.backUp();
                return !BackupFolder.of(hub.backups()).ids().contains(first.id());
            });
            assertThat(hub.backUp().backups()).as("the newest stays").isPositive();
        }
    }

    @Test
    void purgedSegmentsGoWithTheBackupsThatNeedThem() throws Exception {
        hub.set("bactrian.backup.keep.count", "1")
                .set("bactrian.hub.retention.age", "1s")
                .set("bactrian.hub.purge.intervalMs", "100")
                .start();
        try (Bactrian publisher = hub.client("p")) {
            putAll(publisher, 0, 5_000);
            BackupReport first = hub.backUp();
            Manifest before = BackupFolder.of(hub.backups()).read(first.id());
            await().atMost(BackedUpHub.PATIENCE)
                    .until(() -> !Files.exists(hub.log().resolve(JournalCapture.fileOf(1))));
            assertWhole(first.id());
            putAll(publisher, 5_000, 5_010);
            BackupReport last = hub.backUp();
            assertWhole(last.id());
            Manifest manifest = BackupFolder.of(hub.backups()).read(last.id());
            assertThat(manifest.first()).isGreaterThan(before.first());
            assertThat(tree(hub.backups()).keySet().stream().filter(name -> name.endsWith(".segment")))
                    .containsExactlyInAnyOrderElementsOf(manifest.segments().stream()
                            .map(Manifest.SegmentCopy::file)
                            .toList());
        }
    }

    @Test
    void theTimerMakesBackups() throws Exception {
        hub.set("bactrian.backup.intervalMs", "100").startWithTimer();
        try (Bactrian publisher = hub.client("p")) {
            putAll(publisher, 0, 10);
            await().atMost(BackedUpHub.PATIENCE)
                    .until(() -> BackupFolder.of(hub.backups()).list().stream().anyMatch(backup -> backup.end() >= 10));
        }
    }

    @Test
    void whatACutRunHasLeftIsNoBackup() throws Exception {
        hub.start();
        try (Bactrian publisher = hub.client("p")) {
            putAll(publisher, 0, 100);
            BackupReport good = hub.backUp();
            Map<String, Long> whole = tree(hub.backups());
            putAll(publisher, 100, 200);
            BackupReport cut = hub.backUp();
            // Each step of a run, as a kill after it leaves the folder.
            Path manifest = hub.backups().resolve(cut.id() + Manifest.SUFFIX);
            Files.delete(hub.backups().resolve(cut.id() + Manifest.SUFFIX + Manifest.DONE));
            assertThat(BackupFolder.of(hub.backups()).ids()).containsExactly(good.id());
            Files.move(manifest, hub.backups().resolve(manifest.getFileName() + DurableFiles.ASIDE));
            Files.writeString(
                    hub.backups().resolve("state/" + cut.id() + ".bactrian_event.jsonl.gz" + DurableFiles.ASIDE),
                    "half");
            List<Path> others = new ArrayList<>();
            for (String name : List.of(
                    "x.manifest", "x.aside", "state/x.aside", "state/0", "state/x.jsonl.gz", "log/0/0", "log/x/0")) {
                Path other = hub.backups().resolve(name);
                Files.createDirectories(other.resolveSibling("."));
                others.add(Files.writeString(other, "somebody else's"));
            }
            assertThat(BackupFolder.of(hub.backups()).ids()).containsExactly(good.id());
            assertWhole(good.id());

            hub.stop();
            hub.start();
            putAll(publisher, 200, 210);
            BackupReport next = hub.backUp();
            assertThat(BackupFolder.of(hub.backups()).ids()).containsExactly(good.id(), next.id());
            assertWhole(good.id());
            assertWhole(next.id());
            for (Path other : others) {
                assertThat(other).exists();
                Files.delete(other);
            }
            assertThat(tree(hub.backups()).keySet())
                    .containsAll(whole.keySet())
                    .noneMatch(name -> name.endsWith(DurableFiles.ASIDE));
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void whatIsDeletedOfTheNewestBackupIsWrittenAnew(boolean links) throws Exception {
        hub.set("bactrian.backup.links", String.valueOf(links)).start();
        try (Bactrian publisher = hub.client("p")) {
            putAll(publisher, 0, 3_000);
            String former = hub.backUp().id();
            Files.delete(hub.backups()
                    .resolve(BackupFolder.of(hub.backups()).read(former).files().get(0)));
            String next = hub.backUp().id();
            assertThat(next).isNotEqualTo(former);
            assertWhole(next);
            assertWhole(former);

            Manifest.Table table =
                    BackupFolder.of(hub.backups()).read(next).tables().get(0);
            Files.delete(hub.backups().resolve(table.file()));
            assertWhole(hub.backUp().id());

            RestoreTest.deleteTree(hub.backups());
            putAll(publisher, 3_000, 3_010);
            BackupReport whole = hub.backUp();
            assertThat(whole.backups()).as("the others are gone").isEqualTo(1);
            assertWhole(whole.id());
            assertThatThrownBy(() -> JournalImage.lock(hub.backups())).isInstanceOf(JournalLockedException.class);
        }
    }

    @Test
    void aFolderInThePlaceOfASegmentIsPassedBy() throws Exception {
        hub.set("bactrian.hub.segment.bytes", "64k").start();
        try (Bactrian publisher = hub.client("p")) {
            putAll(publisher, 0, 3_000);
            String former = hub.backUp().id();
            String name = BackupFolder.of(hub.backups()).read(former).files().get(0);
            Files.delete(hub.backups().resolve(name));
            Files.createDirectory(hub.backups().resolve(name));
            assertWhole(hub.backUp().id());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"%41", "%2f", "?", "?a=b", "${b}", "$simple{b}", "a\tb"})
    void aFolderThatTheEndpointTakesForAnotherIsRefused(String odd) {
        hub.set("bactrian.backup.folder", hub.backups() + odd);
        assertThatThrownBy(hub::start)
                .hasMessageStartingWith("Cannot start [hub]: The configuration of the backup is wrong:\n  "
                        + "bactrian.backup.folder=" + hub.backups() + odd + " must not contain");
    }

    @Test
    void aFolderMayHaveAnOddName() throws Exception {
        Path odd = folder.resolve("a b%c#d&e=f+g{h}$i;j%%ä\"' ");
        hub.set("bactrian.backup.folder", odd.toString()).start();
        try (Bactrian publisher = hub.client("p")) {
            putAll(publisher, 0, 1_000);
        }
        String id = hub.backUp().id();
        assertThat(BackupFolder.of(odd).verify(id, octets -> {})).isEmpty();
    }

    @Test
    void aFailureIsCountedAndShownAndEnds() throws Exception {
        hub.start();
        Files.writeString(folder.resolve("backup"), "in the way");
        assertThatThrownBy(() -> hub.backUp()).rootCause().hasMessageContaining("backup");
        assertThat(hub.figures("bactrian-backup", Map.of())).containsEntry("failures", 1L);
        assertThat(health().getState()).isEqualTo(HealthCheck.State.DOWN);
        assertThat(asked()).containsKey("failed");

        Files.delete(folder.resolve("backup"));
        assertThat(asked().getString("report")).startsWith("backup ");
        assertThat(health().getState()).isEqualTo(HealthCheck.State.UP);
    }

    @Test
    void aClockThatGoesBackHidesNoBackup() throws Exception {
        hub.start();
        try (Bactrian publisher = hub.client("p")) {
            putAll(publisher, 0, 10);
            String id = hub.backUp().id();
            Manifest now = BackupFolder.of(hub.backups()).read(id);
            hub.stop();
            // As if it had been made by a clock that was decades ahead.
            Manifest ahead = new Manifest(
                    "20990101T000000.000Z",
                    now.version(),
                    now.journalId(),
                    now.first(),
                    now.end(),
                    now.epochStarts(),
                    now.segments(),
                    now.tables());
            Path file = hub.backups().resolve(ahead.id() + Manifest.SUFFIX);
            Files.write(file, ahead.encode());
            Files.createFile(hub.backups().resolve(ahead.id() + Manifest.SUFFIX + Manifest.DONE));
            hub.start();
            putAll(publisher, 10, 20);
            BackupReport next = hub.backUp();
            assertThat(next.id()).isEqualTo("20990101T000000.001Z");
            assertThat(BackupFolder.of(hub.backups()).choose(null)).isEqualTo(next.id());
            assertWhole(next.id());
        }
    }

    @Test
    void twoProcessesDoNotShareAFolder() throws Exception {
        hub.start();
        hub.backUp();
        BackedUpHub other = new BackedUpHub(folder.resolve("other"))
                .set("bactrian.backup.folder", hub.backups().toString());
        try (other) {
            other.start();
            assertThatThrownBy(other::backUp).rootCause().hasMessageContaining("is open in this process already");
        }
    }

    @Test
    void theStateIsConsistentWithTheLogUnderTraffic() throws Exception {
        hub.set("bactrian.hub.sync", "interval").start();
        try (Bactrian publisher = hub.client("p");
                Bactrian subscriber = hub.client("s")) {
            subscriber.subscribe("t", Start.OLDEST);
            Thread traffic = new Thread(() -> {
                try {
                    for (int i = 0; i < 15; i++) {
                        putAll(publisher, i * 500, i * 500 + 500);
                        BackedUpHub.take(subscriber, 500);
                        subscriber.subscribe("u" + i, Start.NOW);
                    }
                } catch (Exception e) {
                    throw new IllegalStateException(e);
                }
            });
            traffic.start();
            int made = 0;
            while (traffic.isAlive() || made < 3) {
                made += hub.backUp().changed() ? 1 : 0;
            }
            traffic.join();
            assertThat(made).isGreaterThanOrEqualTo(3);
        }
        for (String id : BackupFolder.of(hub.backups()).ids()) {
            assertWhole(id);
            Manifest manifest = BackupFolder.of(hub.backups()).read(id);
            assertThat(highest(manifest, "bactrian_checkpoint", "last_position"))
                    .isLessThanOrEqualTo(manifest.end());
            assertThat(highest(manifest, "bactrian_subscriber", "last_position"))
                    .isLessThanOrEqualTo(manifest.end());
            assertThat(highest(manifest, "bactrian_subscription", "start_position"))
                    .isLessThanOrEqualTo(manifest.end() + 1);
        }
    }

    @Test
    void aFullDiskLeavesTheFormerBackupsAndIsNotTheHubs() throws Exception {
        try (SmallDisk disk = SmallDisk.mount(folder.resolve("backup"), 8)) {
            hub.start();
            try (Bactrian publisher = hub.client("p")) {
                putAll(publisher, 0, 1_000);
                BackupReport good = hub.backUp();
                assertThat(good.linkedBytes()).as("another file system").isZero();
                disk.fill();
                putAll(publisher, 1_000, 3_000);
                assertThatThrownBy(() -> hub.backUp()).rootCause().hasMessageContaining("No space left");
                assertThat(BackupFolder.of(hub.backups()).ids()).containsExactly(good.id());
                assertWhole(good.id());
                putAll(publisher, 3_000, 3_100);
                disk.clear();
                BackupReport next = hub.backUp();
                BackedUpHub.assertHolds(next.end(), 3_100);
                assertWhole(good.id());
                assertWhole(next.id());
            } finally {
                hub.stop();
            }
        }
    }

    @Test
    void ofAMuchLargerLogOnlyTheMebibyteThatChangedIsWritten() throws Exception {
        hub.set("bactrian.hub.segment.bytes", "16m").start();
        try (Bactrian publisher = hub.client("p")) {
            byte[] body = new byte[1 << 20];
            for (int i = 0; i < 64; i++) {
                publisher.put("t", body);
            }
            publisher.put("t", body).get(BackedUpHub.PATIENCE.toSeconds(), TimeUnit.SECONDS);
            BackupReport first = hub.backUp();
            assertThat(first.linkedBytes() + first.writtenBytes()).isGreaterThan(64 << 20);
            publisher.put("t", body).get(BackedUpHub.PATIENCE.toSeconds(), TimeUnit.SECONDS);
            BackupReport second = hub.backUp();
            BackedUpHub.assertHolds(second.end(), 66);
            assertThat(second.writtenBytes()).isBetween(1L << 20, (1L << 20) + (64 << 10));
        }
    }

    private long highest(Manifest manifest, String table, String column) throws IOException {
        Manifest.Table file = manifest.tables().stream()
                .filter(t -> t.name().equals(table))
                .findFirst()
                .orElseThrow();
        var rows = StateFile.read(table, BackupFolder.of(hub.backups()).table(file));
        int at = rows.columns().indexOf(column);
        long max = 0;
        while (rows.rows().hasNext()) {
            max = Math.max(max, (Long) rows.rows().next().get(at));
        }
        return max;
    }

    /** What becomes of a backup that somebody asks the management server for. */
    private JsonObject asked() {
        long number = BackupDevConsole.ask(hub.context());
        return await().atMost(BackedUpHub.PATIENCE)
                .until(
                        () -> hub.figures("bactrian-backup", Map.of("request", number)),
                        answer -> answer.containsKey("report") || answer.containsKey("failed"));
    }

    private HealthCheck.Result health() {
        return HealthCheckRegistry.get(hub.context())
                .getCheck("bactrian-backup")
                .orElseThrow()
                .call();
    }

    private void assertWhole(String id) throws IOException {
        assertThat(BackupFolder.of(hub.backups()).verify(id, octets -> {})).isEmpty();
    }

    private long closedBytes() throws IOException {
        return tree(hub.log()).entrySet().stream()
                .filter(file -> file.getKey().endsWith(".segment"))
                .sorted(Map.Entry.<String, Long>comparingByKey().reversed())
                .skip(1)
                .mapToLong(Map.Entry::getValue)
                .sum();
    }

    private long logBytes() throws IOException {
        return tree(hub.log()).entrySet().stream()
                .filter(file -> file.getKey().endsWith(".segment"))
                .mapToLong(Map.Entry::getValue)
                .sum();
    }

    /** Every file with its size. */
    static Map<String, Long> tree(Path root) throws IOException {
        Map<String, Long> tree = new TreeMap<>();
        try (Stream<Path> files = Files.walk(root)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                tree.put(root.relativize(file).toString(), Files.size(file));
            }
        }
        return tree;
    }
}
