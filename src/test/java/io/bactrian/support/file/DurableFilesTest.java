package io.bactrian.support.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

class DurableFilesTest {
    @TempDir
    Path folder;

    private static byte[] octets(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private List<String> names() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> String.valueOf(file.getFileName()))
                    .sorted()
                    .toList();
        }
    }

    @Test
    void aFileIsReplacedAsAWholeAndNothingElseStays() throws IOException {
        Path file = folder.resolve("file");
        Files.writeString(folder.resolve(".file.aside"), "of a process that was killed, and longer");
        DurableFiles.replace(file, octets("first"));
        DurableFiles.replace(file, octets("2nd"));
        assertThat(file).hasContent("2nd");
        assertThat(names()).containsExactly("file");
    }

    @Test
    void whatIsThereStaysIfTheNewOneCannotBeWritten() throws IOException {
        Path file = folder.resolve("file");
        DurableFiles.replace(file, octets("first"));
        Files.createDirectories(folder.resolve(".file.aside/in the way"));
        assertThatThrownBy(() -> DurableFiles.replace(file, octets("2nd"))).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> DurableFiles.replace(file, octets("2nd"), DurableFiles.PRIVATE))
                .isInstanceOf(IOException.class);
        assertThat(file).hasContent("first");
    }

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void aFileHasItsModeWhateverHadTheNameBefore() throws IOException {
        Path file = folder.resolve("file");
        DurableFiles.replace(file, octets("open"), "rw-rw-rw-");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-rw-rw-");
        DurableFiles.replace(file, octets("secret"), DurableFiles.PRIVATE);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
        assertThat(file).hasContent("secret");
    }

    @Test
    void aThreadThatIsInterruptedForcesAndStaysInterrupted() throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "x");
        Thread.currentThread().interrupt();
        try {
            DurableFiles.forceFile(file);
            assertThat(Thread.currentThread().isInterrupted()).isTrue();
            DurableFiles.forceFolder(folder);
        } finally {
            assertThat(Thread.interrupted()).isTrue();
        }
    }

    @Test
    void aFolderThatIsGoneCannotBeForced() {
        assertThatThrownBy(() -> DurableFiles.forceFile(folder.resolve("gone"))).isInstanceOf(IOException.class);
    }

    @Test
    void aMarkIsSetAndClearedAnyNumberOfTimes() throws IOException {
        MarkFile mark = new MarkFile(folder.resolve("mark"));
        assertThat(mark.isSet()).isFalse();
        mark.set();
        mark.set();
        assertThat(mark.isSet()).isTrue();
        assertThat(names()).containsExactly("mark");
        mark.clear();
        mark.clear();
        assertThat(mark.isSet()).isFalse();
    }
}
