package io.bactrian.support.database;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who can read the folder of a database. */
class PrivateFolderTest {
    @TempDir
    Path folder;

    private static String permissions(Path path) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
    }

    @Test
    void aFolderThatADatabaseMakesIsClosedToOthers() throws Exception {
        Path data = folder.resolve("above/data");
        try (HikariDataSource shared = Databases.open(DatabaseSettings.shared(data, "shared"));
                HikariDataSource own = Databases.open(DatabaseSettings.file(data.resolve("hub"), "own"))) {
            assertThat(shared.isRunning() && own.isRunning()).isTrue();
            assertThat(permissions(data)).isEqualTo("rwx------");
            assertThat(permissions(data.getParent())).isEqualTo("rwx------");
            assertThat(permissions(data.resolve("hub"))).isEqualTo("rwx------");
            assertThat(data.resolve("shared.mv.db")).exists();
        }
    }

    @Test
    void aFolderThatIsThereStaysAsItIs() throws Exception {
        Path data = Files.createDirectory(folder.resolve("data"));
        Files.setPosixFilePermissions(data, PosixFilePermissions.fromString("rwxr-x---"));
        PrivateFolder.create(data);
        assertThat(permissions(data)).isEqualTo("rwxr-x---");
    }
}
