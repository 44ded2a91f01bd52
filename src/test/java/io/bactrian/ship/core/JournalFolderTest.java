package io.bactrian.ship.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.bactrian.journal.log.Entry;
import io.bactrian.journal.log.Journal;
import io.bactrian.journal.log.JournalSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The folder of a journal that is written meanwhile: of its segments only the new end of the last is read and sent. */
class JournalFolderTest {
    private static final int ENTRY_BYTES = 1_000;

    @TempDir
    Path folder;

    private final WatchedDisk here = new WatchedDisk();
    private final WatchedDisk there = new WatchedDisk();
    private Path from;
    private Journal journal;
    private Shipped shipped;
    private int appended;

    @BeforeEach
    void open() {
        from = folder.resolve("journal");
        journal = openJournal(from);
        shipped = new Shipped(from, folder.resolve("into"));
        shipped.settings =
                new ShipSettings("", true, "xxh128", 0, 0, List.of("*.segment", "**/*.segment"), 1000, 60_000, false);
        shipped.sendersDisk = here;
        shipped.disk = there;
    }

    @AfterEach
    void close() throws IOException {
        shipped.close();
        journal.close();
    }

    private static Journal openJournal(Path folder) {
        return Journal.open(
                folder, JournalSettings.builder().segmentBytes(256 << 10).build());
    }

    private void append(int count) {
        for (int i = 0; i < count; i++) {
            journal.append(Shipped.random(appended++, ENTRY_BYTES));
        }
    }

    @Test
    void onlyTheTailIsReadAndSent() throws IOException {
        append(2_000);
        shipped.ship();
        assertShipped();
        assertThat(segments(from)).hasSizeGreaterThan(6);
        here.takeRead();
        there.takeRead();
        for (int round = 0; round < 10; round++) {
            String tail = last(from);
            append(20);
            ShipSummary summary = shipped.ship();
            long grown = 20L * (ENTRY_BYTES + 100);
            Map<String, Long> read = segmentsOf(here.takeRead());
            assertThat(read.keySet()).as("segments that were opened").isSubsetOf(tail, last(from));
            assertThat(sum(read)).as("octets that were read").isLessThan(grown);
            assertThat(segmentsOf(there.takeRead()))
                    .as("read by the receiver")
                    .allSatisfy((name, octets) -> assertThat(octets).isZero());
            assertThat(summary.sentBytes() + summary.receivedBytes()).isLessThan(grown + 5_000);
            assertShipped();
        }
        assertThat(shipped.receiver).isNotNull();
        ShipSummary nothing = shipped.ship();
        assertThat(segmentsOf(here.takeRead())).isEmpty();
        assertThat(nothing.literalBytes()).isZero();
    }

    @Test
    void nodesThatWereRestartedReadTheTailOnceAndNoClosedSegment() throws IOException {
        append(2_000);
        shipped.ship();
        String tail = last(from);
        shipped.memory = new SenderMemory(64 << 20);
        shipped.restart();
        journal.close();
        journal = openJournal(from);
        append(20);
        here.takeRead();
        there.takeRead();
        ShipSummary summary = shipped.ship();
        assertThat(segmentsOf(here.takeRead()).keySet()).isSubsetOf(tail, last(from));
        assertThat(segmentsOf(there.takeRead()).keySet()).isSubsetOf(tail, last(from));
        assertThat(summary.sentBytes()).isLessThan(20L * (ENTRY_BYTES + 100) + 5_000);
        assertShipped();
    }

    @Test
    void withoutTheWordOfTheOperatorItArrivesAllTheSame() throws IOException {
        shipped.settings = ShipSettings.usual();
        append(500);
        shipped.ship();
        append(500);
        shipped.ship();
        assertShipped();
    }

    @Test
    void segmentsThatWereDeletedGo() throws IOException {
        append(1_000);
        shipped.ship();
        String oldest = segments(from).get(0);
        assertThat(shipped.into.resolve(oldest)).exists();
        journal.deleteBefore(journal.end() - 300);
        await().until(() -> segments(from).size() == journal.segments().size());
        assertThat(from.resolve(oldest)).doesNotExist();
        shipped.ship();
        assertThat(shipped.into.resolve(oldest)).doesNotExist();
        assertShipped();
    }

    /** What was shipped is a journal with the same entries. */
    private void assertShipped() throws IOException {
        assertThat(segments(shipped.into)).isEqualTo(segments(from));
        for (String segment : segments(from)) {
            assertThat(Files.mismatch(from.resolve(segment), shipped.into.resolve(segment)))
                    .as(segment)
                    .isEqualTo(-1);
        }
        Path copy = Files.createTempDirectory(folder, "copy");
        try (var files = Files.list(shipped.into)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Files.copy(file, copy.resolve(file.getFileName()));
            }
        }
        try (Journal other = openJournal(copy)) {
            assertThat(other.first()).isEqualTo(journal.first());
            assertThat(other.end()).isEqualTo(journal.end());
            Entry last = other.read(other.end(), 1).get(0);
            assertThat(last.payload()).isEqualTo(Shipped.random(appended - 1, ENTRY_BYTES));
        }
    }

    private static List<String> segments(Path folder) throws IOException {
        List<String> names = new ArrayList<>();
        try (var files = Files.list(folder)) {
            files.map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith(".segment"))
                    .sorted()
                    .forEach(names::add);
        }
        return names;
    }

    private static String last(Path folder) throws IOException {
        List<String> all = segments(folder);
        return all.get(all.size() - 1);
    }

    private static Map<String, Long> segmentsOf(Map<String, Long> read) {
        Map<String, Long> segments = new TreeMap<>(read);
        segments.keySet().removeIf(name -> !name.endsWith(".segment"));
        return segments;
    }

    private static long sum(Map<String, Long> read) {
        return read.values().stream().mapToLong(Long::longValue).sum();
    }
}
