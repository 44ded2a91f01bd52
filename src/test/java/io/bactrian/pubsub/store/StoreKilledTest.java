package io.bactrian.pubsub.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What a store has acknowledged, and what it has committed, is there after kill -9 of its process, with the settings that are shipped. One process
 * writes to many databases at once, so that each kill finds them in as many different states: starting a process is what takes the time.
 */
@Tag("slow")
class StoreKilledTest {
    private static final int DATABASES = 8;
    private static final int KILLS = 6;
    private static final int ROUNDS_MAX = 8;
    private static final long SEED = 20_261_121;

    @TempDir
    Path folder;

    @Test
    void everythingSavedIsThereAfterEachKillOfEightDatabases() throws Exception {
        killAgainAndAgain("", KILLS);
    }

    /** H2 begins to use space again after its retention time of 45 s, which the test above does not reach. */
    @Test
    @Tag("campaign")
    void everythingSavedIsThereAlsoWhenSpaceIsUsedAgainAtOnce() throws Exception {
        killAgainAndAgain(";RETENTION_TIME=2000", KILLS * 10);
    }

    private void killAgainAndAgain(String setting, int kills) throws Exception {
        Random random = new Random(SEED);
        long[] saved = new long[DATABASES];
        for (int kill = 0; kill <= kills; kill++) {
            Process writer = ChildProcess.start(
                    StoreWriter.class, folder.toString(), "write", setting, String.valueOf(DATABASES));
            try {
                // The last process is only asked what it finds.
                int lines = kill == kills ? 0 : DATABASES * (1 + random.nextInt(ROUNDS_MAX));
                check(writer.inputReader(), lines, saved, "after kill " + kill + " (seed " + SEED + ")");
            } finally {
                writer.destroyForcibly().waitFor();
            }
        }
        assertThat(Arrays.stream(saved).min().orElseThrow())
                .as("rounds of each database")
                .isPositive();
    }

    /** Reads until every database has said what it found, and at least so many rounds of any of them are acknowledged. */
    private static void check(BufferedReader lines, int rounds, long[] saved, String when) throws IOException {
        long[] before = saved.clone();
        int found = 0;
        for (int acknowledged = 0; found < DATABASES || acknowledged < rounds; ) {
            String line = lines.readLine();
            assertThat(line).as("what the writer says " + when).isNotNull();
            String[] words = line.split(" ");
            int database = Integer.parseInt(words[1]);
            if (words[0].equals("found")) {
                found++;
                assertNothingLost(words, before[database], when);
            } else {
                assertThat(words[0]).isEqualTo("saved");
                acknowledged++;
                saved[database] = Long.parseLong(words[2]);
            }
        }
    }

    private static void assertNothingLost(String[] found, long saved, String when) {
        assertThat(Arrays.stream(found).skip(2).map(Long::valueOf).toList())
                .as("%s, database %s, saved %d: epoch, position, generation, cursor, committed", when, found[1], saved)
                .hasSize(5)
                .allMatch(number -> number >= saved);
    }
}
