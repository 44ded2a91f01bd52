package io.bactrian.support.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.ReadOnlyFileSystemException;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileErrorsTest {
    @TempDir
    Path folder;

    private static String said(ThrowingCallable refused) {
        return FileErrors.say(catchThrowable(refused));
    }

    @Test
    void whatTheFileSystemRefusesIsSaidInWordsThatNameTheFile() throws Exception {
        Path file = Files.writeString(folder.resolve("file"), "x");
        Path none = folder.resolve("none");
        assertThat(said(() -> Files.readString(none))).isEqualTo(none + ": there is no such file or folder");
        assertThat(said(() -> Files.createDirectories(file)))
                .isEqualTo(file + ": it is there already; move it away, or name another place");
        assertThat(said(() -> Files.createDirectories(file.resolve("below"))))
                .isEqualTo(file.resolve("below") + ": Not a directory");
        assertThat(said(() -> Files.newDirectoryStream(file).close())).isEqualTo(file + ": it is no folder");
        assertThat(said(() -> Files.delete(folder))).isEqualTo(folder + ": the folder is not empty");
        assertThat(said(() -> Files.move(file, file.resolve("other"))))
                .isEqualTo(file + " to " + file.resolve("other") + ": Not a directory");
        assertThat(said(() -> Files.readString(folder))).isEqualTo("Is a directory");
        Files.write(file, new byte[] {(byte) 0xFF});
        assertThat(said(() -> Files.readString(file, StandardCharsets.UTF_8))).isEqualTo("it is no text in UTF-8");
    }

    /** The tests may run as a user to whom nothing is denied. */
    @Test
    void whatIsDeniedNamesTheUser() {
        assertThat(FileErrors.say(new UncheckedIOException(new AccessDeniedException("/x"))))
                .isEqualTo("/x: permission denied to user " + System.getProperty("user.name")
                        + "; give it the right, or name another place");
        assertThat(FileErrors.why(new AccessDeniedException("/x"))).startsWith("permission denied to user ");
    }

    @Test
    void whatHasNoMessageIsNotNull() {
        assertThat(FileErrors.say(new IOException())).isEqualTo("IOException");
        assertThat(FileErrors.say(new ReadOnlyFileSystemException())).isEqualTo("ReadOnlyFileSystemException");
        assertThat(FileErrors.say(new IOException("No space left on device"))).isEqualTo("No space left on device");
    }
}
