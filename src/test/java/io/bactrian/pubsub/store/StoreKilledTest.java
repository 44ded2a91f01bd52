package io.bactrian.pubsub.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What a store has acknowledged, and what it has committed, is there after kill -9 of its process, with the settings that are shipped. Two
 * databases are killed side by side, each again and again, because starting a process is what takes the time.
 */
@Tag("slow")
class StoreKilledTest {
    private static final int KILLS_EACH = 25;
    private static final int ROUNDS_MAX = 8;
    private static final long SEED = 20_261_121;

    @TempDir
    Path folder;

    @Test
    void everythingSavedIsThereAfterEachOfFiftyKills() throws Exception {
        kill(List.of("one", "two"), "", KILLS_EACH);
    }

    /** H2 begins to use space again after its retention time of 45 s, which the test above does not reach. */
    @Test
    @Tag("campaign")
    void everythingSavedIsThereAlsoWhenSpaceIsUsedAgainAtOnce() throws Exception {
        kill(List.of("one", "two"), ";RETENTION_TIME=2000", KILLS_EACH * 4);
    }

    private void kill(List<String> databases, String setting, int kills) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(databases.size());
        try {
            List<Future<Long>> chains = new ArrayList<>();
            for (String name : databases) {
                long seed = SEED + chains.size();
                chains.add(threads.submit(() -> killAgainAndAgain(folder.resolve(name), setting, kills, seed)));
            }
            for (Future<Long> saved : chains) {
                assertThat(saved.get()).isGreaterThanOrEqualTo(kills);
            }
        } finally {
            threads.shutdownNow();
        }
    }

    /** Returns the last round that a writer has acknowledged, after having looked whether it is there. */
    private static long killAgainAndAgain(Path database, String setting, int kills, long seed) throws Exception {
        Random random = new Random(seed);
        long saved = 0;
        for (int kill = 0; kill <= kills; kill++) {
            Process writer = ChildProcess.start(StoreWriter.class, database.toString(), "write", setting);
            try {
                BufferedReader lines = writer.inputReader();
                assertNothingLost(line(lines, "found"), saved, kill, seed);
                if (kill < kills) {
                    int rounds = 1 + random.nextInt(ROUNDS_MAX);
                    for (int round = 0; round < rounds; round++) {
                        saved = Long.parseLong(line(lines, "saved")[1]);
                    }
                }
            } finally {
                writer.destroyForcibly().waitFor();
            }
        }
        return saved;
    }

    private static void assertNothingLost(String[] found, long saved, int kill, long seed) {
        assertThat(Arrays.stream(found).skip(1).map(Long::valueOf).toList())
                .as(
                        "after kill %d (seed %d), saved %d: epoch, position, generation, cursor, committed",
                        kill, seed, saved)
                .hasSize(5)
                .allMatch(number -> number >= saved);
    }

    private static String[] line(BufferedReader lines, String word) throws Exception {
        String line = lines.readLine();
        assertThat(line).as("what the writer says").isNotNull().startsWith(word);
        return line.split(" ");
    }
}
