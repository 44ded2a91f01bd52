package io.bactrian.backup.routes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.bactrian.backup.core.BackupException;
import io.bactrian.backup.core.BackupFolder;
import io.bactrian.journal.log.JournalFolder;
import io.bactrian.pubsub.client.Bactrian;
import io.bactrian.pubsub.client.Start;
import io.bactrian.pubsub.routes.RestoreMark;
import io.bactrian.support.database.DatabaseSettings;
import io.bactrian.testing.JavaCommand;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A restore is killed with SIGKILL: no hub starts on what there is then, and the same command makes it whole. */
@Tag("slow")
class RestoreKilledTest {
    private static final int MESSAGES = 100;
    private static final int SIGKILL = 137;

    /** The clock is asked so often, each time between two things that change the target. */
    private static final int LAST_STEPS = 3;

    @TempDir
    Path folder;

    private Path backups;
    private String id;

    @Test
    void whereverItIsKilledTheSameCommandGoesOn() throws Exception {
        assumeThat(File.separatorChar).isEqualTo('/');
        backUp();
        try (BackedUpHub whole = new BackedUpHub(folder.resolve("whole"))) {
            long steps = restore(whole, 0, false);
            assertThat(steps).isGreaterThan(LAST_STEPS + 2);
            assertThat(RestoreMark.in(whole.log()).isSet()).isFalse();
            // While it copies, when all is copied, when the log is emptied, when it is there, and before the database.
            long[] kills = {steps / 2, steps - 2, steps - 1, steps};
            for (long step : kills) {
                Path own = folder.resolve("step" + step);
                try (BackedUpHub cut = new BackedUpHub(own)) {
                    assertThat(restore(cut, step, false)).as("step " + step).isZero();
                    assertThat(RestoreMark.in(cut.log()).isSet())
                            .as("killed at step %d of %d", step, steps)
                            .isTrue();
                    if (step == kills[0]) {
                        assertThatThrownBy(cut::start).hasMessageContaining("bactrian restore again");
                        cut.stop();
                    }
                    assertGoesOn(cut, own);
                }
            }
            assertAlsoWhileTheDatabaseIsWritten(steps);
        }
    }

    /** It goes on with the database while it is being killed, and may be faster. */
    private void assertAlsoWhileTheDatabaseIsWritten(long steps) throws Exception {
        Path own = folder.resolve("database");
        try (BackedUpHub cut = new BackedUpHub(own)) {
            restore(cut, steps, true);
            if (RestoreMark.in(cut.log()).isSet()) {
                assertGoesOn(cut, own);
            }
            cut.start();
            try (Bactrian reader = cut.client("new")) {
                reader.subscribe("t", Start.OLDEST);
                assertThat(BackedUpHub.take(reader, MESSAGES)).isEqualTo(BackedUpHub.numbers(0, MESSAGES));
            }
        }
    }

    private void backUp() throws Exception {
        try (BackedUpHub hub = new BackedUpHub(folder).set("bactrian.hub.segment.bytes", "4k")) {
            hub.start();
            try (Bactrian publisher = hub.client("p")) {
                BackedUpHub.putAll(publisher, 0, MESSAGES);
            }
            id = hub.backUp().id();
            backups = hub.backups();
        }
    }

    private void assertGoesOn(BackedUpHub cut, Path own) throws IOException {
        BackupFolder there = BackupFolder.of(backups);
        assertThat(there.verify(id, octets -> {})).isEmpty();
        HubRestore again = new HubRestore(there, cut.log(), database(own), Clock.systemUTC(), note -> {});
        BackedUpHub.assertHolds(again.restore(id, false, 0, octets -> {}).end(), MESSAGES);
        assertThat(RestoreMark.in(cut.log()).isSet()).isFalse();
        assertThat(cut.log().resolve("restoring")).doesNotExist();
        BackedUpHub.assertHolds(JournalFolder.look(cut.log()).end(), MESSAGES);
        // Not empty any more, so refused by now.
        assertThatThrownBy(() -> again.restore(id, false, 0, octets -> {}))
                .isInstanceOf(BackupException.class)
                .hasMessageContaining("--force");
    }

    private static DatabaseSettings database(Path own) {
        return DatabaseSettings.file(own.resolve("hub"), "hub");
    }

    /** Returns 0 if it was killed, or how many steps there were. */
    private long restore(BackedUpHub hub, long killBefore, boolean goesOn) throws IOException, InterruptedException {
        Process node = new ProcessBuilder(JavaCommand.of(
                        List.of("-Xmx128m"),
                        RestoreNode.class,
                        backups.toString(),
                        id,
                        hub.log().toString(),
                        hub.log().getParent().getParent().toString(),
                        String.valueOf(killBefore),
                        String.valueOf(goesOn)))
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        String said = new String(node.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(node.waitFor(60, TimeUnit.SECONDS)).isTrue();
        if (node.exitValue() == SIGKILL) {
            return 0;
        }
        assertThat(node.exitValue()).as(said).isZero();
        return said.lines()
                .filter(line -> line.startsWith("steps "))
                .mapToLong(line -> Long.parseLong(line.substring("steps ".length())))
                .sum();
    }
}
