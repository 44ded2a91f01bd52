package io.bactrian.support.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bactrian.testing.JavaCommand;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProcessLockTest {
    @TempDir
    Path folder;

    @Test
    void oneHasItUntilItLetsGo() throws IOException {
        Path file = folder.resolve("lock");
        ProcessLock lock = ProcessLock.take(file);
        assertThatThrownBy(() -> ProcessLock.take(folder.resolve("./lock")))
                .isInstanceOfSatisfying(
                        ProcessLock.LockedException.class,
                        e -> assertThat(e.isByThisProcess()).isTrue());
        lock.close();
        try (ProcessLock next = ProcessLock.take(file)) {
            // A second close of the former one does not take it from the next.
            lock.close();
            assertThatThrownBy(() -> ProcessLock.take(file)).isInstanceOf(ProcessLock.LockedException.class);
            assertThat(next).isNotNull();
        }
    }

    @Test
    void aLockThatCannotBeMadeIsNotHeld() throws IOException {
        Path file = Files.createDirectory(folder.resolve("lock"));
        assertThatThrownBy(() -> ProcessLock.take(file))
                .isInstanceOf(IOException.class)
                .isNotInstanceOf(ProcessLock.LockedException.class);
        Files.delete(file);
        ProcessLock.take(file).close();
    }

    /** On Unix a process loses its lock when it closes any handle of the file. */
    @Test
    @Tag("slow")
    void anotherProcessDoesNotGetItAfterASecondAttemptOfThisOne() throws Exception {
        Path file = folder.resolve("lock");
        try (ProcessLock lock = ProcessLock.take(file)) {
            assertThatThrownBy(() -> ProcessLock.take(file)).isInstanceOf(ProcessLock.LockedException.class);
            assertThat(takenElsewhere(file)).as("while %s is held", lock).isEqualTo(Elsewhere.LOCKED);
        }
        assertThat(takenElsewhere(file)).isEqualTo(Elsewhere.FREE);
    }

    private static int takenElsewhere(Path file) throws Exception {
        return new ProcessBuilder(JavaCommand.of(List.of(), Elsewhere.class, file.toString()))
                .inheritIO()
                .start()
                .waitFor();
    }

    /** Exits with what it found. */
    static final class Elsewhere {
        static final int FREE = 7;
        static final int LOCKED = 8;

        private Elsewhere() {}

        public static void main(String[] args) throws IOException {
            try (ProcessLock lock = ProcessLock.take(Path.of(args[0]))) {
                System.exit(lock == null ? 1 : FREE);
            } catch (ProcessLock.LockedException e) {
                System.exit(e.isByThisProcess() ? 1 : LOCKED);
            }
        }
    }
}
