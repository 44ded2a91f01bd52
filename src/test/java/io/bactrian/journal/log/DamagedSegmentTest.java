package io.bactrian.journal.log;

import static io.bactrian.journal.log.TestJournals.FOLDER;
import static io.bactrian.journal.log.TestJournals.all;
import static io.bactrian.journal.log.TestJournals.bytes;
import static io.bactrian.journal.log.TestJournals.open;
import static io.bactrian.journal.log.TestJournals.segment;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Bits flip, files vanish, files change places: always reported with the place, never read past in silence. */
class DamagedSegmentTest {
    private final MemoryFiles files = new MemoryFiles();
    private final List<String> written = new ArrayList<>();
    private final List<Long> segments = new ArrayList<>();

    @BeforeEach
    void write() {
        try (Journal journal = open(files)) {
            for (int i = 0; i < 40; i++) {
                written.add(i + "-" + "x".repeat(300));
                journal.append(bytes(written.get(i)));
            }
            journal.segments().forEach(segment -> segments.add(segment.firstPosition()));
        }
        assertThat(segments).hasSizeGreaterThanOrEqualTo(4);
    }

    @Test
    void controlRunReadsEverything() {
        try (Journal journal = open(files.afterKill())) {
            assertThat(all(journal)).isEqualTo(written);
        }
    }

    @Test
    void everyFlippedBitOfEveryByteIsNoticed() {
        for (long first : segments.subList(0, 2)) {
            everyByteOf(first, Seal.BYTES);
        }
        everyByteOf(segments.get(segments.size() - 1), 0);
    }

    /** But of header and seal, which are rebuilt. */
    private void everyByteOf(long first, int sealBytes) {
        byte[] good = files.bytes(segment(first));
        for (int at = SegmentHeader.BYTES; at < good.length - sealBytes; at++) {
            byte[] bad = good.clone();
            bad[at] ^= (byte) (1 << (at % 8));
            MemoryFiles after = files.afterKill();
            after.replace(segment(first), bad);
            List<String> read = new ArrayList<>();
            int place = at;
            assertThatThrownBy(() -> readAll(after, read))
                    .as("segment %d byte %d", first, at)
                    .isInstanceOfSatisfying(JournalDamagedException.class, damage -> {
                        assertThat(damage.file()).isEqualTo(segment(first));
                        assertThat(damage.offset()).isLessThanOrEqualTo(place);
                    });
            assertThat(read).isEqualTo(written.subList(0, read.size()));
        }
    }

    private static void readAll(MemoryFiles files, List<String> read) {
        try (Journal journal = open(files)) {
            long next = journal.first();
            while (next <= journal.end()) {
                for (Entry entry : journal.read(next, 1000)) {
                    assertThat(entry.position()).isEqualTo(next);
                    read.add(new String(entry.payload(), UTF_8));
                    next = entry.last() + 1;
                }
            }
        }
    }

    @Test
    void everyMissingSegmentIsNoticed() {
        for (long first : segments) {
            MemoryFiles after = files.afterKill();
            after.remove(segment(first));
            assertThatThrownBy(() -> open(after))
                    .as("segment %d", first)
                    .isInstanceOf(JournalDamagedException.class)
                    .hasMessageContaining("missing");
        }
    }

    @Test
    void aMissingLastSegmentIsNoticedAlsoAfterAKill() {
        Journal journal = open(files);
        for (int i = 0; i < 40; i++) {
            journal.append(bytes("more " + "y".repeat(300)));
        }
        MemoryFiles after = files.afterKill();
        List<SegmentInfo> now = journal.segments();
        after.remove(segment(now.get(now.size() - 1).firstPosition()));
        assertThatThrownBy(() -> open(after)).hasMessageContaining("the segment that follows it is missing");
    }

    @Test
    void allSegmentsMissingOrNoMetaIsNoticed() {
        MemoryFiles none = files.afterKill();
        segments.forEach(first -> none.remove(segment(first)));
        assertThatThrownBy(() -> open(none)).isInstanceOf(JournalDamagedException.class);

        MemoryFiles noMeta = files.afterKill();
        noMeta.remove(FOLDER.resolve(JournalMeta.FILE));
        noMeta.remove(FOLDER.resolve(JournalMeta.COPY));
        assertThatThrownBy(() -> open(noMeta))
                .isInstanceOf(JournalDamagedException.class)
                .hasMessageContaining("journal.meta");
    }

    @Test
    void swappedSegmentsAreNoticed() {
        for (int i = 1; i < segments.size(); i++) {
            MemoryFiles after = files.afterKill();
            after.replace(segment(segments.get(0)), files.bytes(segment(segments.get(i))));
            after.replace(segment(segments.get(i)), files.bytes(segment(segments.get(0))));
            assertThatThrownBy(() -> open(after))
                    .isInstanceOf(JournalDamagedException.class)
                    .hasMessageContaining("swapped");
        }
    }

    @Test
    void aSegmentOfAnotherJournalIsNoticed() {
        MemoryFiles other = new MemoryFiles();
        try (Journal journal = open(other)) {
            written.forEach(text -> journal.append(bytes(text)));
        }
        for (long first : segments) {
            MemoryFiles after = files.afterKill();
            after.replace(segment(first), other.bytes(segment(first)));
            assertThatThrownBy(() -> open(after))
                    .isInstanceOf(JournalDamagedException.class)
                    .hasMessageContaining("belongs to another journal");
        }
    }

    @Test
    void flippedBitsOfMetaWithItsCopyAndOfCursorsAreNoticed() {
        Journal journal = open(files);
        journal.cursor("mine", 7);
        journal.close();
        for (String name : List.of(JournalMeta.FILE, "cursors/mine.cursor")) {
            byte[] good = files.bytes(FOLDER.resolve(name));
            for (int at = 0; at < good.length; at++) {
                byte[] bad = good.clone();
                bad[at] ^= 1;
                MemoryFiles after = files.afterKill();
                after.replace(FOLDER.resolve(name), bad);
                if (name.equals(JournalMeta.FILE)) {
                    after.replace(FOLDER.resolve(JournalMeta.COPY), bad);
                }
                assertThatThrownBy(() -> open(after))
                        .as("%s byte %d", name, at)
                        .isInstanceOf(JournalDamagedException.class);
            }
        }
    }

    @Test
    void aCursorBeyondTheEndIsNoticed() {
        Journal journal = open(files);
        journal.append(bytes("one more"));
        MemoryFiles before = files.afterKill();
        journal.append(bytes("and another"));
        journal.cursor("mine", journal.end());
        before.replace(FOLDER.resolve("cursors/mine.cursor"), files.bytes(FOLDER.resolve("cursors/mine.cursor")));
        assertThatThrownBy(() -> open(before)).hasMessageContaining("a cursor has processed position 42");
    }
}
