package io.bactrian.pair.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import io.bactrian.journal.log.JournalException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A rehearsal costs a start nothing but time, whatever becomes of it. */
class TakeoverRehearsalTest {
    @TempDir
    Path folder;

    private Path log = Path.of("");

    @BeforeEach
    void aLog() throws Exception {
        log = Files.createDirectories(folder.resolve("hub"));
        Files.writeString(log.resolve("segment"), "entries");
    }

    @Test
    void aLogBesideThatOfTheHubIsUsedAndDeleted() throws Exception {
        List<Path> used = new ArrayList<>();
        new TakeoverRehearsal(log, scratch -> used.add(scratch.folder())).run();
        assertThat(used).isNotEmpty().doesNotContain(log);
        assertThat(folder).isDirectoryContaining(path -> path.equals(log));
        try (Stream<Path> left = Files.list(folder)) {
            assertThat(left).containsExactly(log);
        }
        assertThat(log.resolve("segment")).hasContent("entries");
    }

    static Stream<RuntimeException> failures() {
        return Stream.of(
                new JournalException("the disk is full"),
                new IllegalStateException("an epoch went back"),
                new IllegalArgumentException("a setting"),
                new UncheckedIOException(new java.io.IOException("a folder cannot be listed")),
                new NoSuchElementException("a field"),
                new ArithmeticException("a number"));
    }

    @ParameterizedTest
    @MethodSource("failures")
    void afterAFailureTheHubStarts(RuntimeException failure) {
        assertThatCode(new TakeoverRehearsal(log, scratch -> {
                    throw failure;
                })::run)
                .doesNotThrowAnyException();
        assertThat(log.resolve("segment")).hasContent("entries");
    }

    @Test
    void aFileInPlaceOfItsFolderIsNoReasonNotToStart() throws Exception {
        Files.writeString(folder.resolve("hub.rehearsal"), "left by somebody");
        List<Path> used = new ArrayList<>();
        new TakeoverRehearsal(log, scratch -> used.add(scratch.folder())).run();
        assertThat(used).isNotEmpty();
    }
}
