package io.bactrian.journal.log;

import static io.bactrian.journal.log.TestJournals.QUIET;
import static io.bactrian.journal.log.TestJournals.all;
import static io.bactrian.journal.log.TestJournals.bytes;
import static io.bactrian.journal.log.TestJournals.open;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A journal that is a copy of another: it takes over entries, is cut where the two part, and begins anew. */
class JournalCopiesTest {
    private static final int ENTRIES = 40;

    private final MemoryFiles sourceFiles = new MemoryFiles();
    private final MemoryFiles copyFiles = new MemoryFiles();

    private static Journal filled(MemoryFiles files) {
        Journal journal = open(files);
        for (int i = 1; i <= ENTRIES; i++) {
            journal.append(List.of(new NewEntry(2, bytes(i + "-" + "x".repeat(300)))));
            if (i % 15 == 0) {
                journal.raiseEpoch();
            }
        }
        return journal;
    }

    private static List<Entry> entries(Journal journal, long from) {
        List<Entry> found = new ArrayList<>();
        for (long next = from;
                next <= journal.end();
                next = found.get(found.size() - 1).last() + 1) {
            found.addAll(journal.read(next, 2000));
        }
        return found;
    }

    private static void copy(Journal source, Journal copy) {
        if (!copy.id().equals(source.id())) {
            copy.beginAnew(source.id(), source.first(), List.of(1L));
        }
        copy.appendCopies(entries(source, copy.end() + 1));
    }

    private static List<String> described(List<Entry> entries) {
        return entries.stream()
                .map(e -> e.position() + " " + e.count() + " " + e.epoch() + " " + e.timestampMs() + " "
                        + new String(e.payload(), java.nio.charset.StandardCharsets.UTF_8))
                .toList();
    }

    @Test
    void copiesKeepPositionsTimestampsAndEpochs() {
        try (Journal source = filled(sourceFiles);
                Journal copy = open(copyFiles)) {
            copy(source, copy);
            assertThat(described(entries(copy, 1))).isEqualTo(described(entries(source, 1)));
            assertThat(copy.epoch()).isEqualTo(3);
            assertThat(copy.epochStarts()).isEqualTo(source.epochStarts());
            assertThat(copy.syncedEnd()).isEqualTo(source.end());
        }
        try (Journal again = open(copyFiles.afterPowerCut(new Random(1)))) {
            assertThat(again.end()).isEqualTo(2 * ENTRIES);
            assertThat(again.append(bytes("goes on"))).isEqualTo(2 * ENTRIES + 1L);
        }
    }

    @Test
    void aCopyThatDoesNotFollowIsRefusedAndNothingIsWritten() {
        try (Journal source = filled(sourceFiles);
                Journal copy = open(copyFiles)) {
            copy.beginAnew(source.id(), 1, List.of(1L));
            List<Entry> all = entries(source, 1);
            assertThatThrownBy(() -> copy.appendCopies(all.subList(1, 3))).hasMessageContaining("position=3");
            assertThatThrownBy(() -> copy.appendCopies(List.of(all.get(0), all.get(2))))
                    .hasMessageContaining("does not follow");
            assertThat(copy.end()).isZero();
            copy.appendCopies(all.subList(0, 20));
            Entry lower = new Entry(41, 1, 1, 0, new byte[1]);
            assertThatThrownBy(() -> copy.appendCopies(List.of(lower))).hasMessageContaining("epoch=1");
        }
    }

    @Test
    void whatIsAboveACutIsAJournalOfItsOwnBesideIt() {
        try (Journal journal = filled(sourceFiles)) {
            List<String> before = described(entries(journal, 1));
            journal.cursor("low", 10);
            journal.cursor("high", 60);
            Optional<Path> aside = journal.cutAbove(50, List.of(1L, 31L));
            assertThat(aside).contains(Path.of("journal.aside-3"));
            assertThat(described(entries(journal, 1))).isEqualTo(before.subList(0, 25));
            assertThat(journal.epoch()).isEqualTo(2);
            assertThat(journal.cursor("low").position()).isEqualTo(10);
            assertThat(journal.cursor("high").position()).isEqualTo(50);
            journal.raiseEpoch(5);
            assertThat(journal.append(bytes("another life"))).isEqualTo(51);
            assertThat(journal.epochStarts()).containsExactly(1L, 31L, 51L, 51L, 51L);
        }
        try (Journal moved = Journal.open(Path.of("journal.aside-3"), QUIET, sourceFiles, Clock.systemUTC())) {
            assertThat(moved.first()).isLessThanOrEqualTo(51);
            assertThat(moved.end()).isEqualTo(80);
            assertThat(entries(moved, 51)).hasSize(15);
        }
        try (Journal again = open(sourceFiles.afterKill())) {
            assertThat(again.end()).isEqualTo(51);
            assertThat(again.cursor("high").position()).isEqualTo(50);
        }
    }

    @Test
    void aCutWithinAnEntryOrOutsideTheLogIsRefused() {
        try (Journal journal = filled(sourceFiles)) {
            assertThatThrownBy(() -> journal.cutAbove(51, List.of(1L, 31L))).hasMessageContaining("positions 51 to 52");
            assertThatThrownBy(() -> journal.cutAbove(81, List.of(1L))).hasMessageContaining("0 to 80");
            assertThatThrownBy(() -> journal.cutAbove(50, List.of(1L, 70L))).hasMessageContaining("at most 51");
            assertThatThrownBy(() -> journal.cutAbove(50, List.of(1L))).hasMessageContaining("not those of the log");
            assertThat(journal.end()).isEqualTo(80);
        }
    }

    @Test
    void twoCutsOfOneEpochDoNotMixWhatTheyMove() {
        try (Journal journal = filled(sourceFiles)) {
            List<Long> starts = journal.epochStarts();
            assertThat(journal.cutAbove(78, starts)).contains(Path.of("journal.aside-3"));
            journal.append(List.of(new NewEntry(2, bytes("again"))));
            assertThat(journal.cutAbove(78, starts)).contains(Path.of("journal.aside-3-2"));
            assertThat(journal.cutAbove(78, starts)).isEmpty();
        }
    }

    /** Stops everything after each single change of a file, a name or the disk, in turn. */
    @Test
    void aPowerCutAtAnyStepOfACutLeavesTheWholeLogOrTheCutOne() throws IOException {
        for (long position : new long[] {50, 2, 80, 78}) {
            List<Long> starts = List.of(1L, 31L, 61L, 81L).stream()
                    .filter(start -> start <= position + (position == 80 ? 1 : 0))
                    .toList();
            int done = 0;
            int whole = 0;
            for (int step = 0; done < 3; step++) {
                MemoryFiles files = new MemoryFiles();
                Journal journal = filled(files);
                journal.cursor("mine", 80);
                files.stopAfter(step);
                boolean finished = tried(() -> journal.cutAbove(position, starts));
                done += finished ? 1 : 0;
                journal.abandon();
                for (int seed = 0; seed < 3; seed++) {
                    MemoryFiles after = seed == 0 ? files.afterKill() : files.afterPowerCut(new Random(seed));
                    whole += checkCut(after, position, finished) ? 0 : 1;
                }
            }
            assertThat(position == 80 || whole > 0)
                    .as("some cuts had not begun")
                    .isTrue();
        }
    }

    private static boolean checkCut(MemoryFiles after, long position, boolean finished) {
        String as = "position=" + position + " finished=" + finished;
        try (Journal journal = open(after)) {
            long cursor = journal.cursor("mine").position();
            assertThat(journal.end()).as(as).isIn(position, 80L);
            assertThat(cursor).as(as).isEqualTo(journal.end());
            assertThat(all(journal)).as(as).hasSize((int) journal.end() / 2);
            if (finished) {
                assertThat(journal.end()).as(as).isEqualTo(position);
            }
            journal.append(bytes("goes on"));
            if (journal.end() > position + 1) {
                return false;
            }
        }
        if (position < 80) {
            try (Journal aside = Journal.open(Path.of("journal.aside-3"), QUIET, after, Clock.systemUTC())) {
                assertThat(aside.end()).as(as).isEqualTo(80);
                assertThat(entries(aside, position + 1)).as(as).hasSize((int) (80 - position) / 2);
            }
        }
        return true;
    }

    @Test
    void aPowerCutAtAnyStepOfABeginningAnewLeavesTheOldLogOrAnEmptyOne() {
        int done = 0;
        int old = 0;
        for (int step = 0; done < 3; step++) {
            MemoryFiles files = new MemoryFiles();
            Journal journal = filled(files);
            String formerId = journal.id();
            journal.cursor("mine", 80);
            files.stopAfter(step);
            boolean finished = tried(() -> journal.beginAnew("abc", 31, List.of(1L, 20L)));
            done += finished ? 1 : 0;
            journal.abandon();
            for (int seed = 0; seed < 3; seed++) {
                MemoryFiles after = seed == 0 ? files.afterKill() : files.afterPowerCut(new Random(seed));
                try (Journal again = open(after)) {
                    if (again.id().equals(formerId)) {
                        assertThat(finished).isFalse();
                        assertThat(all(again)).hasSize(ENTRIES);
                        old++;
                    } else {
                        assertThat(again.first()).isEqualTo(31);
                        assertThat(again.end()).isEqualTo(30);
                        again.appendCopies(List.of(new Entry(31, 1, 4, 7, bytes("copied"))));
                        assertThat(again.epochStarts()).containsExactly(1L, 20L, 31L, 31L);
                        try (Journal aside =
                                Journal.open(Path.of("journal.aside-3"), QUIET, after, Clock.systemUTC())) {
                            assertThat(all(aside)).hasSize(ENTRIES);
                        }
                    }
                }
            }
        }
        assertThat(old).isPositive();
    }

    @Test
    void aCutThatFailsIsFinishedByWhateverIsDoneNext() {
        int steps = 0;
        for (int step = 1; steps == 0; step++) {
            MemoryFiles files = new MemoryFiles();
            Journal journal = filled(files);
            files.stopAfter(step);
            if (tried(() -> journal.cutAbove(50, List.of(1L, 31L)))) {
                steps = step;
            }
            files.stopAfter(Integer.MAX_VALUE);
            long position = journal.append(bytes("goes on"));
            assertThat(position).as("step %d", step).isIn(51L, 81L);
            assertThat(all(journal)).hasSize(position == 51 ? 26 : 41);
            journal.close();
        }
        assertThat(steps).isGreaterThan(10);
    }

    private static boolean tried(Runnable work) {
        try {
            work.run();
            return true;
        } catch (JournalException e) {
            assertThat(e).hasMessageContaining("stopped");
            return false;
        }
    }

    /** As when a node is replaced whose peer has deleted its first segments. */
    @Test
    void anEmptyJournalBecomesACopyThatBeginsLater() {
        try (Journal copy = open(copyFiles)) {
            assertThat(copy.beginAnew("abc", 31, List.of(1L, 20L))).isEmpty();
            copy.appendCopies(List.of(new Entry(31, 1, 2, 7, bytes("copied"))));
        }
        try (Journal again = open(copyFiles.afterPowerCut(new Random(1)))) {
            assertThat(again.first()).isEqualTo(31);
            assertThat(again.end()).isEqualTo(31);
        }
    }

    @Test
    void aPowerCutAtAnyStepOfAnEmptyJournalBeginningLaterLeavesAnEmptyOne() {
        int done = 0;
        for (int step = 0; done < 3; step++) {
            MemoryFiles files = new MemoryFiles();
            Journal journal = open(files);
            String formerId = journal.id();
            files.stopAfter(step);
            boolean finished = tried(() -> journal.beginAnew("abc", 31, List.of(1L, 20L)));
            done += finished ? 1 : 0;
            journal.abandon();
            for (int seed = 0; seed < 3; seed++) {
                MemoryFiles after = seed == 0 ? files.afterKill() : files.afterPowerCut(new Random(seed));
                try (Journal again = open(after)) {
                    assertThat(again.end()).isEqualTo(again.first() - 1);
                    assertThat(again.first()).isEqualTo(again.id().equals(formerId) ? 1 : 31);
                    assertThat(finished && again.id().equals(formerId)).isFalse();
                }
            }
        }
    }

    @Test
    void anEmptyJournalBecomesACopyAndLeavesNothingBehind(@TempDir Path folder) throws IOException {
        Path home = folder.resolve("log");
        try (Journal source = filled(sourceFiles);
                Journal copy = Journal.open(home, QUIET)) {
            assertThat(copy.beginAnew(source.id(), 1, List.of(1L))).isEmpty();
            copy.appendCopies(entries(source, 1));
            assertThat(described(entries(copy, 1))).isEqualTo(described(entries(source, 1)));
        }
        try (var files = Files.list(folder)) {
            assertThat(files).containsExactly(home);
        }
    }

    @Test
    void whatABackupHasLinkedStaysAsItIs(@TempDir Path folder) throws IOException {
        Path home = folder.resolve("log");
        Path links = Files.createDirectory(folder.resolve("links"));
        try (Journal journal = Journal.open(home, QUIET)) {
            for (int i = 0; i < ENTRIES; i++) {
                journal.append(new byte[300]);
            }
            List<byte[]> before = new ArrayList<>();
            List<SegmentInfo> segments = journal.segments();
            for (SegmentInfo segment : segments) {
                Path link = links.resolve(segment.file());
                Files.createLink(link, home.resolve(segment.file()));
                before.add(Files.readAllBytes(link));
            }
            journal.cutAbove(segments.get(1).firstPosition() + 1, List.of(1L));
            journal.append(new byte[10]);
            for (int i = 0; i < segments.size(); i++) {
                assertThat(links.resolve(segments.get(i).file())).hasBinaryContent(before.get(i));
            }
        }
        try (Journal aside = Journal.open(folder.resolve("log.aside-1"), QUIET)) {
            assertThat(aside.end()).isEqualTo(ENTRIES);
        }
    }
}
