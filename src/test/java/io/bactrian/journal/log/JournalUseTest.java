package io.bactrian.journal.log;

import static io.bactrian.journal.log.TestJournals.FOLDER;
import static io.bactrian.journal.log.TestJournals.QUIET;
import static io.bactrian.journal.log.TestJournals.all;
import static io.bactrian.journal.log.TestJournals.bytes;
import static io.bactrian.journal.log.TestJournals.open;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Epochs, cursors, deletion, and many threads at once. */
class JournalUseTest {
    @TempDir
    Path folder;

    private final MemoryFiles files = new MemoryFiles();

    private static void fill(Journal journal, int entries) {
        for (int i = 0; i < entries; i++) {
            journal.append(new byte[300]);
        }
    }

    @Test
    void epochsAreRecordedWithTheirFirstPosition() {
        try (Journal journal = open(files)) {
            assertThat(journal.epoch()).isEqualTo(1);
            journal.append(bytes("a"));
            journal.append(List.of(new NewEntry(4, bytes("b"))));
            assertThat(journal.raiseEpoch()).isEqualTo(2);
            assertThat(journal.raiseEpoch()).isEqualTo(3);
            journal.append(bytes("c"));
            assertThat(journal.raiseEpoch()).isEqualTo(4);
        }
        try (Journal journal = open(files)) {
            assertThat(journal.epoch()).isEqualTo(4);
            journal.append(bytes("d"));
            assertThat(journal.read(1, 1000)).extracting(Entry::epoch).containsExactly(1, 1, 3, 4);
            assertThat(List.of(journal.endOfEpoch(1), journal.endOfEpoch(2), journal.endOfEpoch(3)))
                    .containsExactly(5L, 5L, 6L);
            assertThat(journal.endOfEpoch(4)).isEqualTo(journal.end()).isEqualTo(7);
            assertThat(List.of(journal.epochOf(5), journal.epochOf(6), journal.epochOf(7)))
                    .containsExactly(1, 3, 4);
            assertThatThrownBy(() -> journal.endOfEpoch(5)).isInstanceOf(IllegalArgumentException.class);
            assertThat(all(journal)).containsExactly("a", "b", "c", "d");
        }
    }

    @Test
    void anEpochOfAnEmptyLogIsKept() {
        try (Journal journal = open(files)) {
            assertThat(journal.raiseEpoch()).isEqualTo(2);
            journal.append(bytes("a"));
        }
        try (Journal journal = open(files)) {
            assertThat(journal.read(1, 10).get(0).epoch()).isEqualTo(2);
            assertThat(journal.endOfEpoch(1)).isZero();
        }
    }

    @Test
    void aRaisedEpochSurvivesAPowerCut() {
        Journal journal = open(files);
        journal.append(bytes("a"));
        journal.raiseEpoch();
        try (Journal after = open(files.afterPowerCut(new java.util.Random(1)))) {
            assertThat(after.epoch()).isEqualTo(2);
        }
        journal.abandon();
    }

    @Test
    void deletesWholeClosedSegmentsOnly() {
        try (Journal journal = open(files)) {
            fill(journal, 50);
            List<SegmentInfo> before = journal.segments();
            journal.deleteBefore(before.get(2).firstPosition() + 1);
            assertThat(journal.first()).isEqualTo(before.get(2).firstPosition());
            assertThatThrownBy(() -> journal.read(1, 10))
                    .isInstanceOfSatisfying(
                            JournalPurgedException.class,
                            purged -> assertThat(purged.first()).isEqualTo(journal.first()));
            journal.deleteBefore(Long.MAX_VALUE);
            assertThat(journal.segments()).hasSize(1);
            assertThat(journal.end()).isEqualTo(50);
        }
        try (Journal journal = open(files)) {
            assertThat(journal.first()).isGreaterThan(40);
            assertThat(journal.append(bytes("next"))).isEqualTo(51);
        }
    }

    @Test
    void appendsGoOnWhileTheFilesOfAPurgeAreDeleted() {
        AtomicBoolean diskGoesOn = new AtomicBoolean();
        try (Journal journal = open(files)) {
            fill(journal, 50);
            String oldest = journal.segments().get(0).file();
            files.beforeDelete(() -> await().untilTrue(diskGoesOn));
            journal.deleteBefore(Long.MAX_VALUE);
            assertThat(journal.first()).isGreaterThan(40);
            assertThat(journal.append(bytes("meanwhile"))).isEqualTo(51);
            assertThat(files.list(FOLDER)).contains(oldest);
            diskGoesOn.set(true);
            await().until(() -> !files.list(FOLDER).contains(oldest));
        }
    }

    @Test
    void smallFilesOfAPurgeGoTogether() {
        Thread tester = Thread.currentThread();
        files.beforeDelete(() -> {
            if (Thread.currentThread() != tester) {
                throw new UncheckedIOException(new IOException("not the keeper's turn"));
            }
        });
        try (Journal journal = open(files)) {
            fill(journal, 50);
            int before = segmentFiles();
            journal.deleteBefore(Long.MAX_VALUE);
            assertThat(journal.deletePurged(1)).isTrue();
            assertThat(segmentFiles()).isEqualTo(before - 1);
            assertThat(journal.deletePurged(1 << 20)).isFalse();
            assertThat(segmentFiles()).isEqualTo(1);
        }
    }

    private int segmentFiles() {
        return (int) files.list(FOLDER).stream()
                .filter(name -> name.endsWith(".segment"))
                .count();
    }

    @Test
    void aFileThatCannotBeDeletedIsToldUntilItIs() {
        try (Journal journal = open(files)) {
            fill(journal, 50);
            String oldest = journal.segments().get(0).file();
            files.beforeDelete(() -> {
                throw new UncheckedIOException(new IOException("Operation not permitted"));
            });
            journal.deleteBefore(Long.MAX_VALUE);
            await().until(() -> journal.problem() != null);
            files.beforeDelete(() -> {});
            await().until(() -> journal.problem() == null);
            assertThat(files.list(FOLDER)).doesNotContain(oldest);
        }
    }

    @Test
    void neverDeletesWhatACursorHasNotPassedUnlessForced() {
        try (Journal journal = open(files)) {
            Cursor slow = journal.cursor("slow");
            Cursor fast = journal.cursor("fast");
            fill(journal, 50);
            List<SegmentInfo> before = journal.segments();
            fast.seek(50);
            slow.advance(before.get(1).lastPosition());
            journal.deleteBefore(50);
            assertThat(journal.first())
                    .as("what is processed counts once it is durable")
                    .isEqualTo(1);
            slow.flush();
            journal.deleteBefore(50);
            assertThat(journal.first()).isEqualTo(before.get(2).firstPosition());
            journal.deleteBefore(50, true);
            assertThat(journal.segments()).hasSize(1);
            journal.deleteCursor("slow");
            assertThat(journal.cursors()).extracting(Cursor::name).containsExactly("fast");
        }
    }

    @Test
    void finishesADeletionThatWasCutShort() {
        try (Journal journal = open(files)) {
            fill(journal, 50);
        }
        MemoryFiles cutShort = files.afterKill();
        try (Journal journal = open(files)) {
            journal.deleteBefore(30);
        }
        cutShort.replace(FOLDER.resolve(JournalMeta.FILE), files.bytes(FOLDER.resolve(JournalMeta.FILE)));
        try (Journal before = open(files);
                Journal after = open(cutShort)) {
            assertThat(after.first()).isEqualTo(before.first()).isGreaterThan(1);
            assertThat(cutShort.list(FOLDER)).isEqualTo(files.list(FOLDER));
        }
    }

    @Test
    void retentionDeletesByAgeAndSizeUpToTheLowestCursor() {
        SettableClock clock = new SettableClock();
        JournalSettings settings = JournalSettings.builder()
                .segmentBytes(4096)
                .tailBytes(0)
                .retentionAge(Duration.ofMinutes(10))
                .retentionBytes(9000)
                .cursorInterval(Duration.ofHours(1))
                .build();
        try (Journal journal = Journal.open(FOLDER, settings, files, clock)) {
            Cursor cursor = journal.cursor("reader");
            fill(journal, 50);
            journal.retain();
            assertThat(journal.first()).as("the cursor holds everything").isEqualTo(1);
            cursor.seek(50);
            journal.retain();
            assertThat(journal.statistics().bytesOnDisk()).isBetween(4096L, 9000L);
            long bySize = journal.first();
            clock.now = clock.now.plus(Duration.ofMinutes(9));
            journal.retain();
            assertThat(journal.first()).isEqualTo(bySize);
            clock.now = clock.now.plus(Duration.ofMinutes(2));
            journal.retain();
            assertThat(journal.first()).as("all of it is old").isEqualTo(51);
            assertThat(journal.append(bytes("new"))).isEqualTo(51);
        }
    }

    private static final class SettableClock extends Clock {
        private volatile Instant now = Instant.parse("2026-01-01T00:00:00Z");

        @Override
        public ZoneOffset getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(java.time.ZoneId zone) {
            return this;
        }

        @Override
        public Instant instant() {
            return now;
        }
    }

    @Test
    void cursorsAreDurableAndCheckTheirPlace() {
        try (Journal journal = open(files)) {
            fill(journal, 10);
            Cursor cursor = journal.cursor("mine");
            assertThat(cursor.position()).isZero();
            cursor.advance(7);
            cursor.advance(3);
            assertThat(cursor.position()).isEqualTo(7);
            assertThatThrownBy(() -> cursor.advance(11)).isInstanceOf(IllegalArgumentException.class);
            assertThat(journal.cursor("now", journal.end()).position()).isEqualTo(10);
            assertThat(journal.cursor("mine", 1)).isSameAs(cursor);
            assertThatThrownBy(() -> journal.cursor("../evil")).isInstanceOf(IllegalArgumentException.class);
        }
        try (Journal journal = open(files)) {
            assertThat(journal.cursor("mine").position()).isEqualTo(7);
            assertThat(journal.cursor("now").position()).isEqualTo(10);
        }
    }

    @Test
    void aCursorOnDiskNeverLeadsWhatIsSynced() throws IOException {
        Journal journal = open(files, TestJournals.quiet(SyncMode.INTERVAL, 1 << 20));
        fill(journal, 10);
        journal.syncAside();
        Cursor cursor = journal.cursor("mine");
        fill(journal, 10);
        cursor.advance(20);
        cursor.flush();
        assertThat(cursor.durablePosition()).isEqualTo(10);
        journal.syncAside();
        cursor.flush();
        assertThat(cursor.durablePosition()).isEqualTo(20);
        journal.close();
    }

    @Test
    void theKeeperSyncsAndWritesCursorsByItself() {
        JournalSettings settings = JournalSettings.builder()
                .sync(SyncMode.INTERVAL)
                .syncInterval(Duration.ofMillis(5))
                .cursorInterval(Duration.ofMillis(5))
                .build();
        try (Journal journal = Journal.open(folder, settings)) {
            Cursor cursor = journal.cursor("mine");
            fill(journal, 3);
            cursor.advance(3);
            await().untilAsserted(() -> assertThat(journal.syncedEnd()).isEqualTo(3));
            await().untilAsserted(() -> assertThat(cursor.durablePosition()).isEqualTo(3));
        }
    }

    @Test
    void manyThreadsShareGroupsAndReadersSeeOneOrder() throws Exception {
        int threads = 8;
        int appends = 400;
        JournalSettings settings = JournalSettings.builder()
                .segmentBytes(64 * 1024)
                .tailBytes(20_000)
                .build();
        Map<Long, String> acknowledged = new ConcurrentHashMap<>();
        ExecutorService pool = Executors.newFixedThreadPool(threads + 1);
        AtomicBoolean done = new AtomicBoolean();
        try (Journal journal = Journal.open(folder, settings)) {
            Future<List<String>> reader = pool.submit(() -> {
                List<String> read = new ArrayList<>();
                boolean last = false;
                while (!last) {
                    last = done.get();
                    for (Entry entry : journal.read(read.size() + 1L, 5000)) {
                        assertThat(entry.position()).isEqualTo(read.size() + 1L);
                        read.add(new String(entry.payload(), java.nio.charset.StandardCharsets.UTF_8));
                    }
                    last &= read.size() == journal.end();
                    Thread.onSpinWait();
                }
                return read;
            });
            List<Future<?>> writers = new ArrayList<>();
            for (int t = 0; t < threads; t++) {
                String name = "t" + t;
                writers.add(pool.submit(() -> {
                    for (int i = 0; i < appends; i++) {
                        String one = name + "-" + i + "a";
                        String two = name + "-" + i + "b" + "q".repeat(i % 100);
                        long first = journal.append(List.of(new NewEntry(1, bytes(one)), new NewEntry(1, bytes(two))));
                        acknowledged.put(first, one);
                        acknowledged.put(first + 1, two);
                    }
                }));
            }
            for (Future<?> writer : writers) {
                writer.get(60, TimeUnit.SECONDS);
            }
            done.set(true);
            List<String> read = reader.get(60, TimeUnit.SECONDS);
            assertThat(read).hasSize(threads * appends * 2);
            acknowledged.forEach((position, text) ->
                    assertThat(read.get((int) (position - 1))).isEqualTo(text));
            assertThat(journal.statistics().groups()).isLessThan(threads * appends);
            assertThat(journal.segments()).hasSizeGreaterThan(2);
        } finally {
            pool.shutdownNow();
        }
        try (Journal journal = Journal.open(folder, QUIET)) {
            assertThat(journal.end()).isEqualTo(threads * appends * 2L);
        }
    }

    @Test
    void interruptsHarmNeitherTheCallerNorOthers() {
        try (Journal journal = Journal.open(folder, QUIET)) {
            Thread.currentThread().interrupt();
            assertThat(journal.append(bytes("interrupted"))).isEqualTo(1);
            assertThat(Thread.interrupted()).as("still set for the caller").isTrue();
            Thread.currentThread().interrupt();
            assertThat(all(journal)).containsExactly("interrupted");
            assertThat(Thread.interrupted()).isTrue();
            assertThat(journal.append(bytes("next"))).isEqualTo(2);
        }
    }
}
