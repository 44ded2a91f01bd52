package io.bactrian.journal.log;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JournalTest {
    @TempDir
    Path folder;

    static byte[] bytes(String text) {
        return text.getBytes(UTF_8);
    }

    static String text(Entry entry) {
        return new String(entry.payload(), UTF_8);
    }

    @Test
    void givesPositionsFromOneWithoutGaps() {
        try (Journal journal = Journal.open(folder, JournalSettings.defaults())) {
            assertThat(journal.first()).isEqualTo(1);
            assertThat(journal.end()).isZero();
            assertThat(journal.read(1, 1000)).isEmpty();

            assertThat(journal.append(bytes("a"))).isEqualTo(1);
            assertThat(journal.append(List.of(new NewEntry(10, bytes("b")), new NewEntry(1, bytes("c")))))
                    .isEqualTo(2);
            assertThat(journal.append(bytes("d"))).isEqualTo(13);

            assertThat(journal.end()).isEqualTo(13);
            assertThat(journal.read(1, 1000)).extracting(Entry::position).containsExactly(1L, 2L, 12L, 13L);
        }
    }

    @Test
    void readsFromTheEntryThatContainsAPositionAndAtLeastOne() {
        JournalSettings noTail = JournalSettings.builder().tailBytes(0).build();
        for (JournalSettings settings : List.of(JournalSettings.defaults(), noTail)) {
            Path own = folder.resolve("tail" + settings.tailBytes());
            try (Journal journal = Journal.open(own, settings)) {
                journal.append(List.of(new NewEntry(10, bytes("aaa")), new NewEntry(5, bytes("bbb"))));
                journal.append(bytes("ccc"));

                assertThat(journal.read(7, 1)).extracting(JournalTest::text).containsExactly("aaa");
                assertThat(journal.read(11, 5)).extracting(JournalTest::text).containsExactly("bbb");
                assertThat(journal.read(11, 6)).extracting(JournalTest::text).containsExactly("bbb", "ccc");
                assertThat(journal.read(16, 0)).extracting(JournalTest::text).containsExactly("ccc");
                assertThat(journal.read(17, 100)).isEmpty();
                assertThatThrownBy(() -> journal.read(0, 1)).isInstanceOf(IllegalArgumentException.class);
            }
        }
    }

    @Test
    void servesTheTailFromMemoryWithoutCopying() {
        byte[] payload = bytes("the very array");
        try (Journal journal = Journal.open(folder, JournalSettings.defaults())) {
            journal.append(payload);
            assertThat(journal.read(1, 100).get(0).payload()).isSameAs(payload);
        }
        try (Journal journal = Journal.open(folder, JournalSettings.defaults())) {
            assertThat(journal.read(1, 100).get(0).payload())
                    .isNotSameAs(payload)
                    .isEqualTo(payload);
        }
    }

    @Test
    void goesOnAfterARestartOverManySegments() {
        JournalSettings small =
                JournalSettings.builder().segmentBytes(4096).tailBytes(0).build();
        List<String> expected = new ArrayList<>();
        for (int life = 0; life < 5; life++) {
            try (Journal journal = Journal.open(folder, small)) {
                assertThat(journal.end()).isEqualTo(expected.size());
                for (int i = 0; i < 100; i++) {
                    String text = "life " + life + " entry " + i + "x".repeat(i);
                    expected.add(text);
                    journal.append(bytes(text));
                }
                List<String> read = new ArrayList<>();
                long position = 1;
                while (position <= journal.end()) {
                    for (Entry entry : journal.read(position, 777)) {
                        assertThat(entry.position()).isEqualTo(position);
                        read.add(text(entry));
                        position = entry.last() + 1;
                    }
                }
                assertThat(read).isEqualTo(expected);
                assertThat(journal.segments()).hasSizeGreaterThan(2 * life);
                assertThat(journal.segments().stream().filter(segment -> !segment.closed()))
                        .hasSize(1);
            }
        }
    }

    @Test
    void tellsListenersThatTheEndHasMoved() {
        try (Journal journal = Journal.open(folder, JournalSettings.defaults())) {
            AtomicInteger told = new AtomicInteger();
            List<Long> ends = new ArrayList<>();
            journal.addListener(() -> {
                throw new IllegalStateException("a listener that fails does no harm");
            });
            journal.addListener(() -> {
                told.incrementAndGet();
                ends.add(journal.end());
            });
            journal.append(List.of(new NewEntry(3, bytes("a")), new NewEntry(3, bytes("b"))));
            assertThat(told).hasValue(1);
            assertThat(ends).containsExactly(6L);
        }
    }

    @Test
    void refusesWhatCannotBeAnEntry() {
        JournalSettings settings = JournalSettings.builder().maxEntryBytes(10).build();
        try (Journal journal = Journal.open(folder, settings)) {
            assertThatThrownBy(() -> journal.append(List.of())).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> journal.append(new byte[11])).hasMessageContaining("maxEntryBytes is 10");
            assertThatThrownBy(() -> new NewEntry(0, new byte[1])).isInstanceOf(IllegalArgumentException.class);
            assertThat(journal.append(new byte[10])).isEqualTo(1);
            assertThat(journal.append(new byte[0])).isEqualTo(2);
        }
    }

    @Test
    void refusesAppendsAfterClose() {
        Journal journal = Journal.open(folder, JournalSettings.defaults());
        journal.close();
        journal.close();
        assertThatThrownBy(() -> journal.append(bytes("late")))
                .isInstanceOf(JournalException.class)
                .hasMessageContaining("closed");
    }

    @Test
    void countsWhatItDoes() {
        try (Journal journal = Journal.open(folder, JournalSettings.defaults())) {
            journal.append(List.of(new NewEntry(1, new byte[100]), new NewEntry(1, new byte[50])));
            JournalStatistics statistics = journal.statistics();
            assertThat(statistics.appendedEntries()).isEqualTo(2);
            assertThat(statistics.appendedBytes()).isEqualTo(150);
            assertThat(statistics.groups()).isEqualTo(1);
            assertThat(statistics.syncs()).isEqualTo(1);
            assertThat(statistics.bytesOnDisk()).isEqualTo(64 + 2 * 32 + 150);
            assertThat(statistics.segments()).isEqualTo(1);
        }
    }
}
