package io.bactrian.journal.log;

import static io.bactrian.journal.log.TestJournals.all;
import static io.bactrian.journal.log.TestJournals.bytes;
import static io.bactrian.journal.log.TestJournals.open;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The disk fills up at any byte: that append fails, all before is good, and appends go on when there is room. */
class DiskFullTest {

    @Test
    void failsClearlyAndGoesOnWhenThereIsRoom() {
        for (int room = 0; room < 6000; room += 37) {
            MemoryFiles files = new MemoryFiles();
            Journal journal = open(files);
            List<String> expected = new ArrayList<>();
            files.room(room);
            JournalException failure = appendUntilItFails(journal, expected);
            assertThat(failure)
                    .isInstanceOf(JournalFullException.class)
                    .hasMessageContaining("No space left on device")
                    .hasMessageContaining("appends go on when there is room");
            assertThat(journal.problem()).isInstanceOf(JournalFullException.class);
            assertThat(all(journal)).isEqualTo(expected);
            try (Journal afterKill = open(files.afterKill())) {
                assertThat(all(afterKill).subList(0, expected.size())).isEqualTo(expected);
            }

            files.room(Long.MAX_VALUE);
            assertThat(journal.append(bytes("room again"))).isEqualTo(expected.size() + 1L);
            expected.add("room again");
            assertThat(journal.problem()).isNull();
            assertThat(all(journal)).isEqualTo(expected);
            journal.close();
            try (Journal afterClose = open(files)) {
                assertThat(all(afterClose)).isEqualTo(expected);
            }
        }
    }

    private static JournalException appendUntilItFails(Journal journal, List<String> appended) {
        while (true) {
            String text = appended.size() + " " + "d".repeat(200);
            try {
                journal.append(bytes(text));
                appended.add(text);
            } catch (JournalException e) {
                return e;
            }
        }
    }

    @Test
    void aFailedWriteIsNotCalledAFullDisk() {
        MemoryFiles files = new MemoryFiles();
        Journal journal = open(files);
        files.failWrites(true);
        assertThatThrownBy(() -> journal.append(bytes("x")))
                .isExactlyInstanceOf(JournalException.class)
                .hasMessageContaining("Input/output error");
        files.failWrites(false);
        assertThat(journal.append(bytes("x"))).isEqualTo(1);
    }
}
