package io.bactrian.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What a store has acknowledged is there after kill -9 of its process, with the settings that are shipped. Two
 * databases are killed side by side, each again and again, because starting a process is what takes the time.
 */
class StoreKilledTest {
    private static final int DATABASES = 2;
    private static final int KILLS_EACH = 25;
    private static final int ROUNDS_MAX = 8;
    private static final long SEED = 20_261_121;

    @TempDir
    Path folder;

    @Test
    void everythingSyncedIsThereAfterEachOfFiftyKills() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(DATABASES);
        try {
            List<Callable<Long>> chains = List.of(
                    () -> killAgainAndAgain(folder.resolve("one"), SEED),
                    () -> killAgainAndAgain(folder.resolve("two"), SEED + 1));
            assertThat(chains).hasSize(DATABASES);
            for (Future<Long> saved : threads.invokeAll(chains)) {
                assertThat(saved.get()).isGreaterThanOrEqualTo(KILLS_EACH);
            }
        } finally {
            threads.shutdownNow();
        }
    }

    /** Returns the last round that a writer has acknowledged, after having looked whether it is there. */
    private static long killAgainAndAgain(Path database, long seed) throws Exception {
        Random random = new Random(seed);
        long saved = 0;
        for (int kill = 0; kill <= KILLS_EACH; kill++) {
            Process writer = ChildProcess.start(StoreWriter.class, database.toString(), "write");
            try {
                BufferedReader lines = writer.inputReader();
                assertNothingLost(line(lines, "found"), saved, kill, seed);
                if (kill < KILLS_EACH) {
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
                .as("after kill %d (seed %d): epoch, position, generation, cursor", kill, seed)
                .hasSize(4)
                .allMatch(number -> number >= saved);
    }

    private static String[] line(BufferedReader lines, String word) throws Exception {
        String line = lines.readLine();
        assertThat(line).as("what the writer says").isNotNull().startsWith(word);
        return line.split(" ");
    }
}
