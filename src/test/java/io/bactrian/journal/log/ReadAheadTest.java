package io.bactrian.journal.log;

import static io.bactrian.journal.log.TestJournals.FOLDER;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.Test;

class ReadAheadTest {
    private static final int TAIL_BYTES = 16_000;
    private static final JournalSettings SETTINGS = JournalSettings.builder()
            .segmentBytes(1 << 20)
            .tailBytes(TAIL_BYTES)
            .cursorInterval(Duration.ofHours(1))
            .build();

    private final MemoryFiles files = new MemoryFiles();
    private final ArrayDeque<Runnable> disk = new ArrayDeque<>();
    private int told;
    private final Runnable tell = () -> told++;

    private Journal filled(int entries) {
        Journal journal = Journal.open(FOLDER, SETTINGS, files, Clock.systemUTC());
        for (int i = 1; i <= entries; i++) {
            journal.append(payload(i));
        }
        return journal;
    }

    private static byte[] payload(int i) {
        byte[] payload = new byte[100];
        payload[0] = (byte) i;
        payload[1] = (byte) (i >> 8);
        return payload;
    }

    private boolean fetch(Journal journal, long position) {
        return journal.fetch(position, disk::add, tell);
    }

    private void runDisk() {
        while (!disk.isEmpty()) {
            disk.remove().run();
        }
    }

    @Test
    void whatIsInMemoryNeedsNoFetching() {
        try (Journal journal = filled(300)) {
            assertThat(fetch(journal, 300)).isTrue();
            assertThat(fetch(journal, 301)).as("after the end").isTrue();
            assertThat(journal.recent()).isBetween(200L, 300L);
            assertThat(disk).isEmpty();
        }
    }

    @Test
    void aPieceIsReadOnceForAllWhoComeToIt() {
        try (Journal journal = filled(300)) {
            assertThat(fetch(journal, 1)).isFalse();
            assertThat(fetch(journal, 1)).as("under way").isFalse();
            assertThat(disk).hasSize(1);
            runDisk();
            assertThat(told).isEqualTo(1);

            files.failReads(true);
            assertThat(fetch(journal, 1)).isTrue();
            List<Entry> first = journal.read(1, 200);
            assertThat(first).extracting(Entry::position).containsExactly(1L, 2L);
            assertThat(journal.read(1, 200).get(0).payload())
                    .as("the same array for another reader")
                    .isSameAs(first.get(0).payload());
            assertThat(journal.read(3, 1)).extracting(Entry::position).containsExactly(3L);
        }
    }

    @Test
    void theNextPieceIsReadBeforeItIsNeeded() {
        try (Journal journal = filled(300)) {
            fetch(journal, 1);
            runDisk();
            fetch(journal, 1);
            assertThat(disk).as("the piece behind it").hasSize(1);
            runDisk();
            int rounds = 0;
            long next = 1;
            while (next <= 300) {
                assertThat(fetch(journal, next)).as("position %s", next).isTrue();
                runDisk();
                List<Entry> read = journal.read(next, 500);
                assertThat(read.get(0).position()).isEqualTo(next);
                assertThat(read.get(0).payload()).isEqualTo(payload((int) next));
                next = read.get(read.size() - 1).last() + 1;
                rounds++;
            }
            assertThat(rounds).isGreaterThan(50);
        }
    }

    @Test
    void aReaderThatComesToAPieceWhileItIsReadBeforehandIsTold() {
        try (Journal journal = filled(300)) {
            fetch(journal, 1);
            runDisk();
            long next = 1;
            while (fetch(journal, next)) {
                List<Entry> read = journal.read(next, Integer.MAX_VALUE);
                next = read.get(read.size() - 1).last() + 1;
            }
            assertThat(disk).as("it was begun before the reader came").hasSize(1);
            told = 0;
            runDisk();
            assertThat(told).isEqualTo(1);
            assertThat(fetch(journal, next)).isTrue();
        }
    }

    @Test
    void readersAtManyPlacesAllGetOnAlthoughTheyTakeEachOthersRoom() {
        try (Journal journal = filled(300)) {
            for (int round = 0; round < 3; round++) {
                for (long at = 1; at <= 150; at += 10) {
                    while (!fetch(journal, at)) {
                        runDisk();
                    }
                    assertThat(journal.read(at, 500).get(0).position()).isEqualTo(at);
                }
            }
        }
    }

    @Test
    void aReaderSeesWhyAPositionCannotBeFetched() {
        try (Journal journal = filled(300)) {
            files.failReads(true);
            assertThat(fetch(journal, 1)).isFalse();
            runDisk();
            assertThat(told).isEqualTo(1);
            assertThat(fetch(journal, 1)).as("it is the reader's turn").isTrue();
            assertThatThrownBy(() -> journal.read(1, 1000)).isInstanceOf(JournalException.class);
            files.failReads(false);
            assertThat(journal.read(1, 1000)).isNotEmpty();
        }
    }

    @Test
    void whereNobodyFetchesTheReaderReadsItself() {
        try (Journal journal = filled(300)) {
            boolean there = journal.fetch(
                    1,
                    work -> {
                        throw new RejectedExecutionException();
                    },
                    () -> told++);
            assertThat(there).isTrue();
            assertThat(told).isEqualTo(1);
            assertThat(journal.fetch(1, Runnable::run, () -> {}))
                    .as("on the caller's thread")
                    .isTrue();
            assertThat(journal.read(1, 1000)).isNotEmpty();
        }
    }

    @Test
    void whatIsCutIsNotServedFromMemory() {
        try (Journal journal = filled(300)) {
            fetch(journal, 1);
            runDisk();
            assertThat(journal.read(1, 1)).hasSize(1);
            journal.cutAbove(0, List.of(1L));
            assertThat(journal.read(1, 1000)).isEmpty();
            journal.append(payload(999));
            assertThat(journal.read(1, 1000)).extracting(Entry::payload).containsExactly(payload(999));
        }
    }

    @Test
    void aPieceThatWasReadWhileTheLogWasCutIsNotKept() {
        List<Entry> read = new ArrayList<>(List.of(new Entry(1, 1, 1, 1, payload(1))));
        ReadAhead ahead = new ReadAhead(TAIL_BYTES);
        long before = ahead.generation();
        ahead.clear();
        ahead.add(read, before);
        assertThat(ahead.read(1, 1000)).isNull();
        ahead.add(read, ahead.generation());
        assertThat(ahead.read(1, 1000)).isEqualTo(read);
    }

    @Test
    void memoryIsGivenBackWhenNobodyReads() {
        try (Journal journal = filled(300)) {
            fetch(journal, 1);
            runDisk();
            journal.retain();
            assertThat(journal.read(1, 1)).isNotEmpty();
            journal.retain();
            journal.retain();
            assertThat(fetch(journal, 1)).as("it is to be fetched anew").isFalse();
        }
    }

    @Test
    void memoryKeepsOnlyWhatReadersNeedAboveItsUsualSize() {
        Tail tail = new Tail(1L << 30);
        byte[] megabyte = new byte[1 << 20];
        tail.needed(30);
        for (int i = 1; i <= 100; i++) {
            tail.add(List.of(new Entry(i, 1, 1, 1, megabyte)));
        }
        assertThat(tail.holds(30)).isTrue();
        assertThat(tail.holds(29)).isFalse();
        tail.needed(101);
        tail.add(List.of(new Entry(101, 1, 1, 1, megabyte)));
        assertThat(tail.holds(60)).isFalse();
        assertThat(tail.holds(75)).as("as much as is always kept").isTrue();
        assertThat(tail.recent()).isBetween(96L, 100L);
        tail.clear();
        assertThat(tail.recent()).isZero();
    }
}
