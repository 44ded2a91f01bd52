package io.bactrian.journal.log;

import static io.bactrian.journal.log.TestJournals.bytes;
import static io.bactrian.journal.log.TestJournals.open;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is being synced can be copied meanwhile; what was copied and not synced is never another entry of the same epoch. */
class JournalWrittenTest {
    private static final JournalSettings WITH_TAIL = JournalSettings.builder()
            .tailBytes(1 << 20)
            .cursorInterval(Duration.ofHours(1))
            .build();

    private final MemoryFiles files = new MemoryFiles();

    @Test
    void whatIsBeingSyncedCanBeCopiedAndIsNotCommitted() {
        try (Journal journal = open(files, WITH_TAIL)) {
            journal.append(bytes("a"));
            List<String> seen = new ArrayList<>();
            journal.addWriteListener(() -> seen.add("end=" + journal.end() + " writtenEnd=" + journal.writtenEnd()
                    + " read="
                    + journal.read(2, 100).size() + " written=" + payloads(journal.readWritten(2, 100)) + " both="
                    + payloads(journal.readWritten(1, 100))));
            journal.addListener(() -> seen.add("end=" + journal.end()));

            journal.append(List.of(new NewEntry(1, bytes("b")), new NewEntry(3, bytes("c"))));

            assertThat(seen)
                    .as("what listeners see before the sync, and after it")
                    .containsExactly("end=1 writtenEnd=5 read=0 written=[b, c] both=[a]", "end=5");
            assertThat(journal.writtenEnd()).isEqualTo(5);
            assertThat(payloads(journal.read(1, 100))).containsExactly("a", "b", "c");
            assertThat(journal.isEpochSpent()).isFalse();
        }
    }

    @Test
    void afterASyncThatFailedTheNextEpochBeginsBeforeAnythingIsAppended() {
        try (Journal journal = open(files, WITH_TAIL)) {
            journal.append(bytes("a"));
            List<Entry> copied = new ArrayList<>();
            journal.addWriteListener(() -> copied.addAll(journal.readWritten(2, 100)));

            files.failSyncs(1);
            assertThatThrownBy(() -> journal.append(bytes("lost"))).isInstanceOf(JournalException.class);
            assertThat(payloads(copied)).containsExactly("lost");
            assertThat(journal.isEpochSpent()).isTrue();
            assertThat(journal.writtenEnd()).isEqualTo(1);
            assertThat(journal.readWritten(2, 100)).isEmpty();
            assertThatThrownBy(() -> journal.append(bytes("b")))
                    .as("an append in the epoch of what was copied")
                    .isInstanceOf(JournalException.class)
                    .hasMessageContaining("appends go on in the next epoch");

            journal.raiseEpoch(3);
            assertThat(journal.append(bytes("b"))).isEqualTo(2);
            assertThat(payloads(journal.read(1, 100))).containsExactly("a", "b");
            assertThat(journal.read(2, 100).get(0).epoch())
                    .isGreaterThan(copied.get(0).epoch());
        }
    }

    @Test
    void withoutACopierTheSameEpochGoesOn() {
        try (Journal journal = open(files, WITH_TAIL)) {
            files.failSyncs(1);
            assertThatThrownBy(() -> journal.append(bytes("lost"))).isInstanceOf(JournalException.class);
            assertThat(journal.isEpochSpent()).isFalse();
            assertThat(journal.append(bytes("a"))).isEqualTo(1);
        }
    }

    private static List<String> payloads(List<Entry> entries) {
        return entries.stream()
                .map(entry -> new String(entry.payload(), java.nio.charset.StandardCharsets.UTF_8))
                .toList();
    }
}
