package io.bactrian.pair.routes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bactrian.journal.log.Journal;
import io.bactrian.journal.log.JournalFullException;
import io.bactrian.journal.log.JournalSettings;
import io.bactrian.testing.SmallDisk;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** When a node is well, with heartbeats of a second. */
class OwnHealthTest {
    @TempDir
    Path folder;

    private static void appendUntilItFails(Journal journal) {
        while (true) {
            journal.append(new byte[3000]);
        }
    }

    @Test
    @Tag("slow")
    void aFullDiskIsFoundByAnIdleNodeAndAFailedAppendKeepsItSilentForAWhile() throws Exception {
        try (SmallDisk disk = SmallDisk.mount(folder.resolve("disk"), 4);
                Journal journal = Journal.open(folder.resolve("disk/journal"), JournalSettings.defaults())) {
            OwnHealth health = new OwnHealth(journal, 1_000);
            journal.append(new byte[1]);
            assertThat(health.problem(0)).isEmpty();
            disk.fill();
            assertThat(health.problem(1_000)).contains("journal.probe cannot be written");
            disk.clear();
            assertThat(health.problem(2_000)).isEmpty();

            disk.fill();
            assertThatThrownBy(() -> appendUntilItFails(journal)).isInstanceOf(JournalFullException.class);
            assertThat(health.problem(3_000)).isNotEmpty();
            disk.clear();
            assertThat(health.problem(6_900)).isNotEmpty();
            assertThat(health.problem(7_000)).isEmpty();
            journal.append(new byte[1]);
            assertThat(health.problem(8_000)).isEmpty();
        }
    }

    @Test
    void aProbeLeavesNothingBehind() throws Exception {
        try (Journal journal = Journal.open(folder.resolve("journal"), JournalSettings.defaults())) {
            assertThat(new OwnHealth(journal, 1_000).problem(0)).isEmpty();
            assertThat(folder.resolve("journal.probe")).doesNotExist();
            Files.createDirectory(folder.resolve("journal.probe"));
            assertThat(new OwnHealth(journal, 1_000).problem(0)).contains("journal.probe cannot be written");
        }
    }

    @Test
    void theApplicationMustBeWellToo() {
        try (Journal journal = Journal.open(folder.resolve("journal"), JournalSettings.defaults())) {
            OwnHealth health = new OwnHealth(journal, 1_000);
            AtomicBoolean well = new AtomicBoolean(true);
            health.add(() -> true);
            health.add(well::get);
            assertThat(health.problem(0)).isEmpty();
            well.set(false);
            assertThat(health.problem(1_000)).isEqualTo("the application is not well");
        }
    }
}
