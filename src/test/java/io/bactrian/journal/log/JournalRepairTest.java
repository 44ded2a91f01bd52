package io.bactrian.journal.log;

import static io.bactrian.journal.log.TestJournals.FOLDER;
import static io.bactrian.journal.log.TestJournals.QUIET;
import static io.bactrian.journal.log.TestJournals.bytes;
import static io.bactrian.journal.log.TestJournals.open;
import static io.bactrian.journal.log.TestJournals.segment;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the disk has damaged is cut out, what can be read stays at its position, and what is lost is told exactly. */
@Tag("slow")
class JournalRepairTest {
    private static final int ENTRIES = 40;
    private static final int EACH = 3;
    private static final long LAST = ENTRIES * EACH;

    private final MemoryFiles files = new MemoryFiles();
    private final Map<Long, String> written = new TreeMap<>();
    private final List<Long> segments = new ArrayList<>();

    @BeforeEach
    void write() {
        try (Journal journal = open(files)) {
            for (int i = 0; i < ENTRIES; i++) {
                String text = i + "-" + "x".repeat(300);
                written.put(journal.append(List.of(new NewEntry(EACH, bytes(text)))), text);
            }
            journal.cursor("mine", 30);
            journal.segments().forEach(segment -> segments.add(segment.firstPosition()));
        }
        assertThat(segments).hasSizeGreaterThanOrEqualTo(4);
    }

    /** Every position with what stands there; of lost ones nothing. */
    private static Map<Long, String> read(Journal journal) {
        Map<Long, String> read = new TreeMap<>();
        long next = journal.first();
        while (next <= journal.end()) {
            for (Entry entry : journal.read(next, 1000)) {
                assertThat(entry.position()).isEqualTo(next);
                assertThat(entry.payload().length == 0).isEqualTo(entry.isGap());
                if (!entry.isGap()) {
                    read.put(entry.position(), new String(entry.payload(), UTF_8));
                }
                next = entry.last() + 1;
            }
        }
        return read;
    }

    private static JournalRepair.Report repair(MemoryFiles files, boolean write) throws IOException {
        return new JournalRepair(files, FOLDER, Clock.systemUTC()).run(write);
    }

    private static MemoryFiles flipped(MemoryFiles files, Path path, int at) {
        MemoryFiles after = files.afterKill();
        byte[] bad = files.bytes(path).clone();
        bad[at] ^= (byte) (1 << (at % 8));
        after.replace(path, bad);
        return after;
    }

    /** What is left when these ranges are lost. */
    private Map<Long, String> without(List<JournalRepair.Range> lost) {
        Map<Long, String> left = new TreeMap<>(written);
        left.keySet()
                .removeIf(position ->
                        lost.stream().anyMatch(range -> range.from() <= position && position <= range.to()));
        return left;
    }

    @Test
    void aWholeJournalIsLeftAlone() throws IOException {
        Map<Path, byte[]> before = all(files);
        JournalRepair.Report report = repair(files, true);
        assertThat(report.findings()).isEmpty();
        assertThat(report.aside()).isEmpty();
        assertThat(report.end()).isEqualTo(LAST);
        assertThat(report.epoch()).isEqualTo(1);
        assertThat(all(files)).containsExactlyInAnyOrderEntriesOf(before);
    }

    private Map<Path, byte[]> all(MemoryFiles of) {
        Map<Path, byte[]> all = new TreeMap<>();
        segments.forEach(first -> all.put(segment(first), of.bytes(segment(first))));
        all.put(FOLDER.resolve(JournalMeta.FILE), of.bytes(FOLDER.resolve(JournalMeta.FILE)));
        return all;
    }

    @Test
    void aFlipOfAnyByteOfAnySegmentCostsOneEntryAtMost() throws IOException {
        for (long first : List.of(segments.get(0), segments.get(1), segments.get(segments.size() - 1))) {
            int length = files.bytes(segment(first)).length;
            for (int at = 0; at < length; at += 1 + at % 23) {
                MemoryFiles after = flipped(files, segment(first), at);
                JournalRepair.Report shown = repair(after, false);
                JournalRepair.Report report = repair(after, true);
                String flip = "segment " + first + " byte " + at + ": " + report;
                assertThat(shown.lost()).isEqualTo(report.lost());
                assertThat(report.lost()).as(flip).hasSizeLessThanOrEqualTo(1);
                assertThat(report.lost())
                        .as(flip)
                        .allMatch(range -> range.to() - range.from() + 1 == EACH && written.containsKey(range.from()));
                assertThat(report.findings()).as(flip).isNotEmpty();
                assertThat(report.aside()).as(flip).isPresent();
                assertThat(after.bytes(report.aside().orElseThrow().resolve(SegmentHeader.fileName(first))))
                        .as(flip)
                        .isEqualTo(flipped(files, segment(first), at).bytes(segment(first)));
                try (Journal journal = open(after.afterKill())) {
                    assertThat(read(journal)).as(flip).isEqualTo(without(report.lost()));
                    assertThat(journal.end()).as(flip).isEqualTo(LAST);
                    assertThat(journal.epoch())
                            .as(flip)
                            .isEqualTo(report.epoch())
                            .isEqualTo(2);
                    assertThat(journal.cursor("mine").position()).isEqualTo(30);
                    assertThat(journal.append(bytes("more"))).isEqualTo(LAST + 1);
                }
                assertThat(repair(after, true).findings()).as(flip).isEmpty();
            }
        }
    }

    @Test
    void aFlipInAHeaderOrASealIsMendedByTheNextStart() {
        for (long first : segments) {
            byte[] good = files.bytes(segment(first));
            boolean closed = first != segments.get(segments.size() - 1);
            for (int i = 0; i < (closed ? SegmentHeader.BYTES + Seal.BYTES : SegmentHeader.BYTES); i++) {
                int at = i < SegmentHeader.BYTES ? i : good.length - Seal.BYTES + i - SegmentHeader.BYTES;
                MemoryFiles after = flipped(files, segment(first), at);
                for (int start = 0; start < 2; start++) {
                    try (Journal journal = open(after)) {
                        assertThat(read(journal))
                                .as("segment %d byte %d", first, at)
                                .isEqualTo(written);
                    }
                }
                byte[] now = after.bytes(segment(first));
                assertThat(now).hasSameSizeAs(good);
                assertThat(Arrays.copyOfRange(now, SegmentHeader.BYTES, now.length))
                        .isEqualTo(Arrays.copyOfRange(good, SegmentHeader.BYTES, good.length));
            }
        }
    }

    @Test
    void aFlipInTheMetaFileOrItsCopyIsMendedByTheNextStart() {
        for (String name : List.of(JournalMeta.FILE, JournalMeta.COPY)) {
            byte[] good = files.bytes(FOLDER.resolve(name));
            for (int at = 0; at < good.length; at++) {
                MemoryFiles after = flipped(files, FOLDER.resolve(name), at);
                try (Journal journal = open(after)) {
                    assertThat(read(journal)).as("%s byte %d", name, at).isEqualTo(written);
                    assertThat(journal.epoch()).isEqualTo(1);
                }
                assertThat(after.bytes(FOLDER.resolve(JournalMeta.FILE)))
                        .isEqualTo(after.bytes(FOLDER.resolve(JournalMeta.COPY)))
                        .isEqualTo(good);
            }
        }
    }

    @Test
    void aMetaFileThatIsLostWithItsCopyIsRebuiltFromTheSegments() throws IOException {
        MemoryFiles after = files.afterKill();
        after.remove(FOLDER.resolve(JournalMeta.FILE));
        after.remove(FOLDER.resolve(JournalMeta.COPY));
        assertThatThrownBy(() -> open(after)).hasMessageContaining("bactrian journal repair " + FOLDER);
        JournalRepair.Report report = repair(after, true);
        assertThat(report.lost()).isEmpty();
        try (Journal journal = open(after)) {
            assertThat(read(journal)).isEqualTo(written);
            assertThat(journal.epoch()).as("above all that may have been").isGreaterThan(50);
        }
    }

    @Test
    void theEpochsOfARebuiltMetaFileAreThoseOfTheSegments() throws IOException {
        try (Journal journal = open(files)) {
            journal.raiseEpoch(3);
            journal.append(bytes("of epoch 3"));
        }
        MemoryFiles after = files.afterKill();
        after.remove(FOLDER.resolve(JournalMeta.FILE));
        after.remove(FOLDER.resolve(JournalMeta.COPY));
        repair(after, true);
        try (Journal journal = open(after)) {
            assertThat(journal.epochOf(LAST)).isEqualTo(1);
            assertThat(journal.epochOf(LAST + 1)).isEqualTo(3);
            assertThat(read(journal)).hasSize(ENTRIES + 1);
        }
    }

    @Test
    void everyMissingSegmentIsLostAndNoMore() throws IOException {
        for (int i = 0; i < segments.size(); i++) {
            long first = segments.get(i);
            long last = i + 1 < segments.size() ? segments.get(i + 1) - 1 : LAST;
            MemoryFiles after = files.afterKill();
            after.remove(segment(first));
            JournalRepair.Report report = repair(after, true);
            assertThat(report.lost()).as("%s", report).containsExactly(new JournalRepair.Range(first, last));
            try (Journal journal = open(after.afterKill())) {
                assertThat(read(journal)).isEqualTo(without(report.lost()));
                assertThat(journal.append(bytes("more"))).isEqualTo(LAST + 1);
            }
        }
    }

    /** The segments under names of others: each name, and whose content it has. */
    private MemoryFiles misnamed(Map<Integer, Integer> contents) {
        MemoryFiles after = files.afterKill();
        contents.forEach((name, content) ->
                after.replace(segment(segments.get(name)), files.bytes(segment(segments.get(content)))));
        return after;
    }

    @Test
    void exchangedSegmentsGetTheirNamesBackAndNothingIsLost() throws IOException {
        int newest = segments.size() - 1;
        for (Map<Integer, Integer> contents :
                List.of(Map.of(1, 2, 2, 1), Map.of(0, 1, 1, 2, 2, 0), Map.of(1, newest, newest, 1))) {
            for (boolean metaIsLost : new boolean[] {false, true}) {
                MemoryFiles after = misnamed(contents);
                if (metaIsLost) {
                    after.remove(FOLDER.resolve(JournalMeta.FILE));
                    after.remove(FOLDER.resolve(JournalMeta.COPY));
                }
                assertThatThrownBy(() -> open(after)).isInstanceOf(JournalException.class);
                JournalRepair.Report report = repair(after, true);
                assertThat(report.lost()).as("%s", report).isEmpty();
                assertThat(report.findings())
                        .filteredOn(f -> f.contains("it is named so"))
                        .hasSize(contents.size());
                try (Journal journal = open(after)) {
                    assertThat(read(journal)).isEqualTo(written);
                    assertThat(journal.append(bytes("more"))).isEqualTo(LAST + 1);
                }
            }
        }
    }

    @Test
    void aSegmentThatWasCopiedOverAnotherCostsTheOtherAlone() throws IOException {
        MemoryFiles after = misnamed(Map.of(2, 1));
        JournalRepair.Report report = repair(after, true);
        assertThat(report.lost()).containsExactly(new JournalRepair.Range(segments.get(2), segments.get(3) - 1));
        try (Journal journal = open(after)) {
            assertThat(read(journal)).isEqualTo(without(report.lost()));
        }
    }

    @Test
    void aSegmentWhoseOwnNameIsTakenByADamagedFileIsSaved() throws IOException {
        MemoryFiles after = misnamed(Map.of(2, 1));
        after.replace(segment(segments.get(1)), new byte[5000]);
        JournalRepair.Report report = repair(after, true);
        assertThat(report.lost()).containsExactly(new JournalRepair.Range(segments.get(2), segments.get(3) - 1));
        assertThat(after.bytes(report.aside().orElseThrow().resolve(SegmentHeader.fileName(segments.get(1)))))
                .isEqualTo(new byte[5000]);
        try (Journal journal = open(after)) {
            assertThat(read(journal)).isEqualTo(without(report.lost()));
        }
    }

    @Test
    void namingThatWasCutOffAnywhereIsDoneByDoingItAgain() throws IOException {
        repairedAfterEachCutOff(
                () -> misnamed(Map.of(0, 1, 1, 2, 2, 0)),
                (journal, when) -> assertThat(read(journal)).as(when).isEqualTo(written));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 63})
    void aNewestSegmentThatWasEmptiedIsFoundAndBegunAnew(int bytes) throws IOException {
        Journal journal = open(files);
        journal.append(List.of(new NewEntry(1, bytes("y".repeat(3_900)))));
        long newest = journal.segments().get(journal.segments().size() - 1).firstPosition();
        assertThat(newest).as("begun after the last clean close").isEqualTo(LAST + 1);
        MemoryFiles after = files.afterKill();
        after.replace(segment(newest), Arrays.copyOf(files.bytes(segment(newest)), bytes));
        assertThatThrownBy(() -> open(after))
                .isInstanceOf(JournalDamagedException.class)
                .hasMessageContaining("it was emptied")
                .hasMessageContaining("bactrian journal repair");
        JournalRepair.Report report = repair(after, true);
        assertThat(report.lost()).as("nobody knows what it held").isEmpty();
        assertThat(report.findings()).singleElement().asString().contains("was emptied");
        try (Journal repaired = open(after)) {
            assertThat(read(repaired)).isEqualTo(written);
            assertThat(repaired.epoch()).isEqualTo(2);
            assertThat(repaired.append(bytes("more"))).isEqualTo(LAST + 1);
        }
    }

    @Test
    void anEmptiedSegmentThatWasSyncedIsLostExactly() throws IOException {
        long newest = segments.get(segments.size() - 1);
        for (long first : List.of(segments.get(1), newest)) {
            MemoryFiles after = files.afterKill();
            after.replace(segment(first), new byte[0]);
            JournalRepair.Report report = repair(after, true);
            long last = first == newest ? LAST : segments.get(2) - 1;
            assertThat(report.lost()).containsExactly(new JournalRepair.Range(first, last));
            try (Journal journal = open(after)) {
                assertThat(read(journal)).isEqualTo(without(report.lost()));
                assertThat(journal.end()).isEqualTo(LAST);
            }
        }
    }

    @Test
    void aDamagedCursorIsSetBeforeTheOldestPosition() throws IOException {
        Path cursor = FOLDER.resolve("cursors/mine.cursor");
        for (int at = 0; at < files.bytes(cursor).length; at += 5) {
            MemoryFiles after = flipped(files, cursor, at);
            assertThatThrownBy(() -> open(after)).hasMessageContaining("bactrian journal repair");
            JournalRepair.Report report = repair(after, true);
            assertThat(report.findings()).singleElement().asString().contains("cursor mine", "comes again");
            try (Journal journal = open(after)) {
                assertThat(journal.cursor("mine").position()).isZero();
                assertThat(read(journal)).isEqualTo(written);
            }
        }
    }

    @Test
    void aRepairThatWasCutOffAnywhereIsDoneByDoingItAgain() throws IOException {
        repairedAfterEachCutOff(
                () -> {
                    MemoryFiles after = flipped(files, segment(segments.get(0)), 500);
                    byte[] bad = files.bytes(segment(segments.get(1))).clone();
                    bad[700] ^= 1;
                    after.replace(segment(segments.get(1)), bad);
                    return after;
                },
                (journal, when) -> {
                    Map<Long, String> read = read(journal);
                    assertThat(read).as(when).hasSize(ENTRIES - 2);
                    assertThat(written).as(when).containsAllEntriesOf(read);
                    assertThat(journal.end()).as(when).isEqualTo(LAST);
                    assertThat(journal.epoch()).as(when).isGreaterThanOrEqualTo(2);
                });
    }

    /** Cuts a repair off after each of its steps, by a power cut, and does it again. */
    private static void repairedAfterEachCutOff(Supplier<MemoryFiles> damaged, BiConsumer<Journal, String> check)
            throws IOException {
        boolean cutOff = true;
        for (int steps = 0; cutOff; steps++) {
            MemoryFiles after = damaged.get();
            after.stopAfter(steps);
            try {
                repair(after, true);
                cutOff = false;
            } catch (IOException e) {
                assertThat(e).hasMessageContaining("stopped");
            }
            MemoryFiles restarted = after.afterPowerCut(new Random(steps));
            String when = "after " + steps + " steps: " + repair(restarted, true);
            try (Journal journal = open(restarted)) {
                check.accept(journal, when);
            }
        }
    }

    @Test
    void aJournalThatSkipsDamageTellsWhatIsGoneAndGoesOn() {
        long first = segments.get(1);
        for (int at = SegmentHeader.BYTES; at < files.bytes(segment(first)).length - Seal.BYTES; at += 1 + at % 29) {
            MemoryFiles after = flipped(files, segment(first), at);
            try (Journal journal = open(after, skips(QUIET.segmentBytes()))) {
                Map<Long, String> read = read(journal);
                assertThat(read).as("byte %d", at).hasSize(ENTRIES - 1);
                assertThat(written).containsAllEntriesOf(read);
                assertThat(journal.problem()).hasMessageContaining("bactrian journal repair");
                journal.append(bytes("an append does not make it well"));
                assertThat(journal.problem()).isNotNull();
            }
        }
    }

    private static JournalSettings skips(int segmentBytes) {
        return JournalSettings.builder()
                .sync(QUIET.sync())
                .segmentBytes(segmentBytes)
                .tailBytes(0)
                .onDamage(OnDamage.SKIP)
                .build();
    }

    @Test
    void aJournalThatSkipsDamageSkipsABlockThatTheDiskRefuses() {
        MemoryFiles large = new MemoryFiles();
        try (Journal journal = open(large, skips(1 << 20))) {
            for (String text : written.values()) {
                journal.append(List.of(new NewEntry(EACH, bytes(text))));
            }
            large.refuse(segment(1), 2 * DiskFile.BLOCK_BYTES);
            Map<Long, String> read = read(journal);
            assertThat(read).hasSizeBetween(ENTRIES - DiskFile.BLOCK_BYTES / 300 - 2, ENTRIES - 2);
            assertThat(written).containsAllEntriesOf(read);
            assertThat(read).containsKey(LAST - EACH + 1);
            assertThat(journal.problem()).hasMessageContaining("the disk refuses to give it");
        }
    }

    @Test
    void aSegmentOfWhichTheDiskGivesNothingIsNotSkipped() {
        MemoryFiles after = files.afterKill();
        long first = segments.get(1);
        try (Journal journal = open(after, skips(QUIET.segmentBytes()))) {
            for (int at = 0; at < files.bytes(segment(first)).length; at += 512) {
                after.refuse(segment(first), at);
            }
            assertThatThrownBy(() -> read(journal)).hasMessageContaining("the disk gives nothing of");
        }
    }

    @Test
    void whatTheDiskRefusesIsToldAtTheStartAndCutOutByARepair() throws IOException {
        long newest = segments.get(segments.size() - 1);
        for (long first : List.of(segments.get(1), newest)) {
            for (int at = 0; at < files.bytes(segment(first)).length; at += 512) {
                MemoryFiles after = files.afterKill();
                after.refuse(segment(first), at);
                String refused = "segment " + first + " byte " + at;
                if (first == newest) {
                    assertThatThrownBy(() -> open(after))
                            .as(refused)
                            .isInstanceOf(JournalDamagedException.class)
                            .hasMessageContaining("the disk refuses to give it")
                            .hasMessageContaining("bactrian journal repair");
                }
                JournalRepair.Report report = repair(after, true);
                assertThat(report.findings())
                        .as(refused)
                        .anyMatch(finding -> finding.contains("the disk refuses to give 4096 bytes of it"));
                assertThat(report.aside()).as(refused).isPresent();
                try (Journal journal = open(after)) {
                    assertThat(read(journal)).as(refused).isEqualTo(without(report.lost()));
                    assertThat(journal.end()).as(refused).isEqualTo(LAST);
                }
                assertThat(repair(after, true).findings()).as(refused).isEmpty();
            }
        }
    }

    @Test
    void aMetaFileThatTheDiskRefusesComesFromItsCopyAndACursorBeginsAnew() throws IOException {
        MemoryFiles after = files.afterKill();
        after.refuse(FOLDER.resolve(JournalMeta.FILE), 0);
        try (Journal journal = open(after)) {
            assertThat(read(journal)).isEqualTo(written);
        }
        Path cursor = FOLDER.resolve("cursors/mine.cursor");
        after.refuse(cursor, 0);
        assertThatThrownBy(() -> open(after)).hasMessageContaining("bactrian journal repair");
        repair(after, true);
        try (Journal journal = open(after)) {
            assertThat(journal.cursor("mine").position()).isZero();
        }
    }

    @Test
    void gapsAreCopiedToAnotherJournalAsTheyAre() throws IOException {
        MemoryFiles after = flipped(files, segment(segments.get(1)), 500);
        JournalRepair.Report report = repair(after, true);
        MemoryFiles other = new MemoryFiles();
        try (Journal source = open(after);
                Journal copy = open(other)) {
            copy.beginAnew(source.id(), 1, List.of(1L));
            long next = 1;
            while (next <= source.end()) {
                List<Entry> entries = source.read(next, 5_000);
                copy.appendCopies(entries);
                next = entries.get(entries.size() - 1).last() + 1;
            }
            assertThat(read(copy)).isEqualTo(without(report.lost())).isEqualTo(read(source));
            assertThat(copy.segments().stream().mapToLong(SegmentInfo::lastTimestampMs))
                    .allMatch(timestampMs -> timestampMs > 0);
        }
    }
}
