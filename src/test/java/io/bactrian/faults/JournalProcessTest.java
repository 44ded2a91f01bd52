package io.bactrian.faults;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bactrian.journal.log.Entry;
import io.bactrian.journal.log.Journal;
import io.bactrian.journal.log.JournalException;
import io.bactrian.journal.log.JournalFullException;
import io.bactrian.journal.log.JournalLockedException;
import io.bactrian.journal.log.JournalSettings;
import io.bactrian.testing.JavaCommand;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real processes and real file systems: kill -9 of a writer, a second process on the same folder, a full disk. */
@Tag("slow")
class JournalProcessTest {
    @TempDir
    Path folder;

    private static Process writer(Path folder, String name) throws IOException {
        return new ProcessBuilder(
                        JavaCommand.of(List.of("-Xmx64m"), JournalWriterProcess.class, folder.toString(), name))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    private static BufferedReader output(Process process) {
        return new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8));
    }

    @Test
    void everythingAcknowledgedIsThereAfterKills() throws Exception {
        everythingAcknowledgedIsThereAfter(10);
    }

    @Test
    @Tag("campaign")
    void everythingAcknowledgedIsThereAfterManyKills() throws Exception {
        everythingAcknowledgedIsThereAfter(100);
    }

    private void everythingAcknowledgedIsThereAfter(int kills) throws Exception {
        Map<Long, String> acknowledged = new HashMap<>();
        Random random = new Random(50);
        for (int kill = 0; kill < kills; kill++) {
            Process process = writer(folder, "w" + kill);
            BufferedReader output = output(process);
            assertThat(output.readLine()).startsWith("open ");
            int appends = random.nextInt(200);
            String line = output.readLine();
            for (int i = 0; line != null; i++) {
                if (i == appends) {
                    // SIGKILL by the handle: it leaves the pipe open, with all that was printed before.
                    assertThat(process.toHandle().destroyForcibly()).isTrue();
                }
                String[] words = line.split(" ");
                assertThat(words).hasSize(2);
                acknowledged.put(Long.parseLong(words[0]), words[1]);
                line = output.readLine();
            }
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue()).as("killed, not ended").isEqualTo(128 + 9);
        }
        assertThat(acknowledged).hasSizeGreaterThan(kills * 20);
        try (Journal journal = Journal.open(folder, JournalSettings.defaults())) {
            assertThat(journal.segments()).hasSizeGreaterThan(2);
            Map<Long, String> found = new HashMap<>();
            long next = 1;
            while (next <= journal.end()) {
                for (Entry entry : journal.read(next, 1 << 20)) {
                    assertThat(entry.position()).isEqualTo(next);
                    found.put(next, new String(entry.payload(), UTF_8).split(" ")[0]);
                    next = entry.last() + 1;
                }
            }
            assertThat(found).containsAllEntriesOf(acknowledged);
        }
    }

    @Test
    void aSecondProcessIsRefusedUntilTheFirstEnds() throws Exception {
        Journal journal = Journal.open(folder, JournalSettings.defaults());
        assertThatThrownBy(() -> Journal.open(folder, JournalSettings.defaults()))
                .isInstanceOf(JournalLockedException.class)
                .hasMessageContaining("in this process");
        Process second = writer(folder, "second");
        assertThat(output(second).readLine()).startsWith("refused ").contains("locked by another process");
        assertThat(second.waitFor(60, TimeUnit.SECONDS)).isTrue();
        journal.append(new byte[1]);
        journal.close();

        Process third = writer(folder, "third");
        try (BufferedReader output = output(third)) {
            assertThat(output.readLine()).isEqualTo("open 1");
            assertThatThrownBy(() -> Journal.open(folder, JournalSettings.defaults()))
                    .isInstanceOf(JournalLockedException.class);
            third.destroyForcibly();
            assertThat(third.waitFor(60, TimeUnit.SECONDS)).isTrue();
        }
        Journal.open(folder, JournalSettings.defaults()).close();
    }

    @Test
    void aRealFullDiskFailsAppendsUntilThereIsRoom() throws Exception {
        Assumptions.assumeTrue(
                run("mount", "-t", "tmpfs", "-o", "size=1m", "none", folder.toString()),
                "skipped: a size-limited file system cannot be mounted here (the injected one is tested anyway)");
        try {
            Path ballast = Files.write(folder.resolve("ballast"), new byte[200 * 1024]);
            try (Journal journal = Journal.open(folder.resolve("full"), JournalSettings.defaults())) {
                JournalException failure = null;
                int appended = 0;
                while (failure == null) {
                    try {
                        journal.append(("entry " + appended + "f".repeat(3000)).getBytes(UTF_8));
                        appended++;
                    } catch (JournalException e) {
                        failure = e;
                    }
                }
                assertThat(failure).isInstanceOf(JournalFullException.class);
                assertThat(journal.end()).isEqualTo(appended).isGreaterThan(200);
                Files.delete(ballast);
                assertThat(journal.append("room".getBytes(UTF_8))).isEqualTo(appended + 1L);
            }
            List<String> read = new ArrayList<>();
            try (Journal journal = Journal.open(folder.resolve("full"), JournalSettings.defaults())) {
                journal.read(1, 2 << 20).forEach(entry -> read.add(new String(entry.payload(), UTF_8)));
            }
            assertThat(read).last().isEqualTo("room");
            assertThat(read.get(7)).startsWith("entry 7f");
        } finally {
            assertThat(run("umount", folder.toString())).isTrue();
        }
    }

    private static boolean run(String... command) throws InterruptedException {
        try {
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            return process.waitFor(60, TimeUnit.SECONDS) && process.exitValue() == 0;
        } catch (IOException absent) {
            return false;
        }
    }
}
