package io.bactrian.support.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.bactrian.testing.Ports;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What is told of a database that cannot be opened, and whether another attempt can help. */
@Tag("slow")
class DatabaseFailuresTest {
    @TempDir
    Path folder;

    private enum Damage {
        TEXT,
        CUT,
        ZEROS,
        OTHER_OCTETS
    }

    private static byte[] damaged(Damage damage, byte[] file) {
        return switch (damage) {
            case TEXT -> "no database".getBytes();
            case CUT -> Arrays.copyOf(file, 100);
            case ZEROS -> new byte[file.length];
            case OTHER_OCTETS -> {
                byte[] other = file.clone();
                Arrays.fill(other, 0, 8192, (byte) 'x');
                yield other;
            }
        };
    }

    private static StoreException failure(DatabaseSettings settings) {
        return catchThrowableOfType(
                StoreException.class, () -> Databases.open(settings).close());
    }

    @ParameterizedTest
    @EnumSource
    void aDamagedFileIsToldAndNoAttemptHelps(Damage damage) throws Exception {
        for (DatabaseSettings settings :
                new DatabaseSettings[] {DatabaseSettings.file(folder, "x"), DatabaseSettings.shared(folder, "y")}) {
            Databases.open(settings).close();
            Path file = settings.dataFile().orElseThrow();
            Files.write(file, damaged(damage, Files.readAllBytes(file)));
            StoreException failure = failure(settings);
            assertThat(failure)
                    .hasMessageContaining(
                            file + ": the file is damaged, or it is no database; restore it from a backup")
                    .satisfies(e -> assertThat(e.getMessage()).hasLineCount(1));
            assertThat(Databases.isLasting(failure)).isTrue();
        }
    }

    @Test
    void aWrongPasswordIsToldAndNoAttemptHelps() {
        DatabaseSettings settings = DatabaseSettings.file(folder, "x");
        Databases.open(settings).close();
        StoreException failure = failure(new DatabaseSettings(settings.url(), "sa", "wrong", 1));
        assertThat(failure).hasMessageContaining("wrong user or password");
        assertThat(Databases.isLasting(failure)).isTrue();
    }

    @Test
    void aFolderThatCannotBeIsToldAndNoAttemptHelps() throws Exception {
        Path file = Files.writeString(folder.resolve("file"), "x");
        StoreException failure = failure(DatabaseSettings.file(file.resolve("data"), "x"));
        assertThat(failure).hasMessageStartingWith("Cannot open the database " + file.resolve("data/x.mv.db"));
        assertThat(Databases.isLasting(failure)).isTrue();
    }

    @Test
    void aServerThatDoesNotAnswerMayAnswerLater() {
        StoreException failure =
                failure(new DatabaseSettings("jdbc:h2:tcp://127.0.0.1:" + Ports.free() + "/x", "sa", "", 1));
        assertThat(Databases.isLasting(failure)).isFalse();
    }
}
