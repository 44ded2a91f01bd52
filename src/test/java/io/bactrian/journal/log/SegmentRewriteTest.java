package io.bactrian.journal.log;

import static io.bactrian.journal.log.TestJournals.all;
import static io.bactrian.journal.log.TestJournals.bytes;
import static io.bactrian.journal.log.TestJournals.open;
import static io.bactrian.journal.log.TestJournals.segment;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A damaged segment of a journal that is open is made anew, from what can be read of it and from another copy of the log. */
class SegmentRewriteTest {
    private final MemoryFiles files = new MemoryFiles();
    private final List<String> written = new ArrayList<>();
    private final List<Long> segments = new ArrayList<>();
    private Journal copy;

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
        copy = open(files.afterKill());
    }

    private static void find(Journal journal) {
        for (long next = journal.first(); next <= journal.end(); ) {
            List<Entry> found = journal.readFromDisk(next, 1000);
            next = found.get(found.size() - 1).last() + 1;
        }
    }

    private static void fill(LogRewrite rewrite, Journal from) {
        for (LogRewrite.Range missing = rewrite.missing(); missing != null; missing = rewrite.missing()) {
            rewrite.put(from.read(missing.from(), 1)); // one after the other
        }
    }

    private void repair(Journal journal, long first) {
        assertThat(journal.damagedSegment()).hasValue(first);
        try (LogRewrite rewrite = journal.rewrite(first)) {
            fill(rewrite, copy);
            rewrite.finish();
        }
    }

    @Test
    void aFlipOfAnyByteIsMendedWhileTheJournalIsOpen() {
        for (long first : List.of(segments.get(0), segments.get(1), segments.get(segments.size() - 1))) {
            int length = files.bytes(segment(first)).length;
            for (int at = SegmentHeader.BYTES; at < length - Seal.BYTES; at += 1 + at % 23) {
                MemoryFiles after = files.afterKill();
                try (Journal journal = open(after)) {
                    after.flip(segment(first), at);
                    assertThatThrownBy(() -> find(journal)).isInstanceOf(JournalDamagedException.class);
                    assertThat(journal.problem()).isInstanceOf(JournalDamagedException.class);
                    repair(journal, first);
                    assertThat(journal.problem()).isNull();
                    assertThat(all(journal)).isEqualTo(written);
                    assertThat(journal.append(bytes("goes on"))).isEqualTo(41);
                }
                try (Journal journal = open(after.afterKill())) {
                    assertThat(all(journal))
                            .startsWith(written.toArray(String[]::new))
                            .hasSize(41);
                }
            }
        }
    }

    @Test
    void sectorsThatTheDiskRefusesAreMendedWhileTheJournalIsOpen() {
        for (long first : List.of(segments.get(0), segments.get(1), segments.get(segments.size() - 1))) {
            int length = files.bytes(segment(first)).length;
            for (int at = SegmentHeader.BYTES; at < length - Seal.BYTES; at += 450) {
                MemoryFiles after = files.afterKill();
                try (Journal journal = open(after)) {
                    after.refuse(segment(first), at);
                    after.refuse(segment(first), SegmentHeader.BYTES + at / 2);
                    assertThatThrownBy(() -> find(journal))
                            .isInstanceOf(JournalDamagedException.class)
                            .hasMessageContaining("the disk refuses to give it");
                    repair(journal, first);
                    assertThat(journal.problem()).isNull();
                    assertThat(all(journal)).isEqualTo(written);
                    assertThat(journal.append(bytes("goes on"))).isEqualTo(41);
                }
                try (Journal journal = open(after.afterKill())) {
                    assertThat(all(journal))
                            .startsWith(written.toArray(String[]::new))
                            .hasSize(41);
                }
            }
        }
    }

    @Test
    void ofASegmentInBlocksOnlyTheRefusedBlockIsAskedFromTheCopy() {
        MemoryFiles large = new MemoryFiles();
        JournalSettings settings = TestJournals.quiet(SyncMode.ALWAYS, 1 << 20);
        try (Journal journal = open(large, settings)) {
            written.forEach(text -> journal.append(bytes(text)));
        }
        try (Journal good = open(large.afterKill(), settings);
                Journal journal = open(large, settings)) {
            large.refuse(segment(1), 6_000);
            assertThatThrownBy(() -> find(journal)).isInstanceOf(JournalDamagedException.class);
            try (LogRewrite rewrite = journal.rewrite(1)) {
                LogRewrite.Range missing = rewrite.missing();
                int entryBytes = EntryFormat.HEADER_BYTES + bytes(written.get(20)).length;
                assertThat(missing.from() * entryBytes).isBetween(4096L - entryBytes, 4096L + 2 * entryBytes);
                assertThat((missing.to() - missing.from() + 1) * entryBytes).isLessThan(4096 + 2L * entryBytes);
                fill(rewrite, good);
                rewrite.finish();
            }
            assertThat(all(journal)).isEqualTo(written);
        }
    }

    @Test
    void twoCopiesThatAreDamagedInDifferentPlacesMendEachOther() {
        MemoryFiles one = files.afterKill();
        MemoryFiles other = files.afterKill();
        try (Journal a = open(one);
                Journal b = open(other)) {
            one.flip(segment(1), SegmentHeader.BYTES + 400);
            one.flip(segment(1), SegmentHeader.BYTES + 2_000);
            other.flip(segment(1), SegmentHeader.BYTES + 1_200);
            for (Journal[] pair : new Journal[][] {{a, b}, {b, a}}) {
                try (LogRewrite rewrite = pair[0].rewrite(1)) {
                    for (LogRewrite.Range missing = rewrite.missing(); missing != null; missing = rewrite.missing()) {
                        rewrite.put(pair[1].salvage(missing.from(), 1));
                    }
                    rewrite.finish();
                }
                assertThat(all(pair[0])).isEqualTo(written);
            }
        }
    }

    @Test
    void whatARepairWithoutAnotherCopyHasCutOutComesBack() throws IOException {
        MemoryFiles after = files.afterKill();
        after.flip(segment(segments.get(1)), SegmentHeader.BYTES + 400);
        assertThat(new JournalRepair(after, TestJournals.FOLDER, Clock.systemUTC())
                        .run(true)
                        .lost())
                .hasSize(1);
        try (Journal journal = open(after)) {
            assertThat(all(journal)).contains("").isNotEqualTo(written);
            try (LogRewrite rewrite = journal.rewrite(segments.get(1))) {
                fill(rewrite, copy);
                rewrite.finish();
            }
            assertThat(all(journal)).isEqualTo(written);
        }
    }

    @Test
    void onlyWhatHasStoodThereIsTaken() {
        MemoryFiles after = files.afterKill();
        long first = segments.get(1);
        try (Journal journal = open(after)) {
            after.flip(segment(first), SegmentHeader.BYTES + 400);
            assertThatThrownBy(() -> find(journal)).isInstanceOf(JournalDamagedException.class);
            byte[] before = after.bytes(segment(first));
            long position = position(journal, first);
            Entry good = copy.read(position, 1).get(0);
            refuse(journal, first, new Entry(position + 1, 1, 1, good.timestampMs(), good.payload()), "are missing");
            refuse(journal, first, new Entry(position, 1, 2, good.timestampMs(), good.payload()), "of epoch 2");
            refuse(journal, first, new Entry(position, 2, 1, good.timestampMs(), good.payload()), "do not fit");
            refuse(journal, first, Entry.gap(position, position, 1, 1), "lost there too");
            refuse(journal, first, new Entry(position, 1, 1, good.timestampMs(), new byte[3]), "held other entries");
            try (LogRewrite rewrite = journal.rewrite(first)) {
                assertThatThrownBy(rewrite::finish).hasMessageContaining("are missing");
            }
            assertThat(after.bytes(segment(first))).isEqualTo(before);
            repair(journal, first);
            assertThat(all(journal)).isEqualTo(written);
        }
    }

    private static long position(Journal journal, long first) {
        try (LogRewrite rewrite = journal.rewrite(first)) {
            LogRewrite.Range missing = rewrite.missing();
            assertThat(missing.from()).isEqualTo(missing.to());
            return missing.from();
        }
    }

    private static void refuse(Journal journal, long first, Entry wrong, String message) {
        assertThatThrownBy(() -> {
                    try (LogRewrite rewrite = journal.rewrite(first)) {
                        assertThat(rewrite.missing()).isNotNull();
                        rewrite.put(List.of(wrong));
                        rewrite.finish();
                    }
                })
                .hasMessageContaining(message);
    }

    @Test
    void aSegmentThatIsDeletedMeanwhileStaysSo() {
        MemoryFiles after = files.afterKill();
        try (Journal journal = open(after)) {
            after.flip(segment(1), SegmentHeader.BYTES + 400);
            try (LogRewrite rewrite = journal.rewrite(1)) {
                fill(rewrite, copy);
                journal.deleteBefore(segments.get(2), true);
                assertThatThrownBy(rewrite::finish).hasMessageContaining("no longer part of the journal");
            }
            assertThat(journal.first()).isEqualTo(segments.get(2));
            assertThat(after.bytes(segment(segments.get(2)))).isNotEmpty();
            assertThatThrownBy(() -> journal.rewrite(1)).hasMessageContaining("no segment begins at position 1");
        }
    }

    @Test
    void onAFullDiskItIsDoneOnceThereIsRoom() {
        MemoryFiles after = files.afterKill();
        long first = segments.get(1);
        after.flip(segment(first), SegmentHeader.BYTES + 400);
        try (Journal journal = open(after)) {
            assertThatThrownBy(() -> find(journal)).isInstanceOf(JournalDamagedException.class);
            for (long room : List.of(0L, 64L, 2_000L)) {
                after.room(room);
                assertThatThrownBy(() -> repair(journal, first)).isInstanceOf(JournalException.class);
            }
            after.room(Long.MAX_VALUE);
            repair(journal, first);
            assertThat(all(journal)).isEqualTo(written);
        }
    }

    @Test
    void aPowerCutAtAnyStepLeavesTheSegmentDamagedOrWhole() throws IOException {
        int whole = 0;
        int damaged = 0;
        boolean finished = false;
        for (int steps = 0; !finished; steps++) {
            MemoryFiles after = files.afterKill();
            Journal journal = open(after);
            after.flip(segment(segments.get(1)), SegmentHeader.BYTES + 400);
            after.stopAfter(steps);
            try {
                LogRewrite rewrite = journal.rewrite(segments.get(1));
                fill(rewrite, copy);
                rewrite.finish();
                finished = true;
            } catch (JournalException e) {
                assertThat(e).hasMessageContaining("stopped");
            }
            journal.abandon();
            try (Journal next = open(after.afterPowerCut(new Random(steps)))) {
                try {
                    assertThat(all(next)).isEqualTo(written);
                    whole++;
                } catch (JournalDamagedException e) {
                    damaged++;
                    repair(next, segments.get(1));
                    assertThat(all(next)).isEqualTo(written);
                }
            }
        }
        assertThat(whole).isPositive();
        assertThat(damaged).isPositive();
    }
}
