package io.bactrian.pubsub.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariDataSource;
import io.bactrian.pubsub.core.SubscriberCursor;
import io.bactrian.support.database.DatabaseSettings;
import io.bactrian.support.database.Databases;
import io.bactrian.support.database.StoreException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.jdbc.core.JdbcTemplate;

@Tag("slow")
class DatabasesTest {
    @TempDir
    Path folder;

    @Test
    void aFolderWithSpacesIsTakenAsItIs() {
        Path odd = folder.resolve("a b #1 %20");
        try (HikariDataSource database = H2Databases.open(odd)) {
            HubStore.open(database);
        }
        assertThat(odd.resolve("hub.mv.db")).exists();
    }

    @Test
    void aFolderThatH2CannotNameIsRefusedInsteadOfCut() {
        assertThatThrownBy(() -> DatabaseSettings.file(folder.resolve("a;b"), "hub"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("semicolon");
    }

    @Test
    void aDatabaseInUseByAnotherProcessIsReportedAsSuch() throws Exception {
        Process other = ChildProcess.start(StoreWriter.class, folder.toString(), "hold");
        try {
            assertThat(other.inputReader().readLine()).startsWith("ready");
            assertThatThrownBy(() -> H2Databases.open(folder))
                    .isInstanceOf(StoreException.class)
                    .hasMessageContaining("hub")
                    .hasMessageContaining("in use by another process");
        } finally {
            other.destroyForcibly().waitFor();
        }
        H2Databases.open(folder).close();
    }

    @Test
    void aMigrationThatWasCutIsDoneAgain() {
        try (HikariDataSource database = H2Databases.open(folder)) {
            HubStore.migrate(database);
            JdbcTemplate jdbc = new JdbcTemplate(database);
            // As H2 leaves it that is killed while it copies a table to add a column.
            String second = "delete from \"bactrian_schema_history\" where \"version\" = '2'";
            jdbc.execute(second);
            jdbc.execute("alter table bactrian_subscriber drop column had_to");
            jdbc.execute("create table bactrian_subscriber_copy_4_0 (id varchar primary key)");
            jdbc.execute("alter table bactrian_subscription add foreign key (subscriber)"
                    + " references bactrian_subscriber_copy_4_0 (id)");
            HubStore.migrate(database);
            assertThat(foreignKeys(jdbc)).as("that of the copy is gone").isEqualTo(1);
            assertThat(jdbc.queryForList("select passed_to, had_to from bactrian_subscriber"))
                    .isEmpty();
            // Killed when the table is deleted and its copy is not yet named as it.
            jdbc.execute(second);
            jdbc.execute("alter table bactrian_subscriber rename to bactrian_subscriber_copy_5_1");
            HubStore.migrate(database);
            assertThat(foreignKeys(jdbc)).isEqualTo(1);
            // Killed in the middle of the first.
            jdbc.execute("delete from \"bactrian_schema_history\"");
            jdbc.execute("drop table bactrian_event");
            HubStore.migrate(database);
            assertThat(HubStore.open(database).isEmpty()).isTrue();
        }
    }

    private static long foreignKeys(JdbcTemplate jdbc) {
        return jdbc.queryForList("select constraint_name from information_schema.table_constraints where table_name ="
                        + " 'BACTRIAN_SUBSCRIPTION' and constraint_type = 'FOREIGN KEY'")
                .size();
    }

    @Test
    void aWrongPasswordIsReportedWithoutShowingIt() {
        H2Databases.open(folder).close();
        DatabaseSettings good = DatabaseSettings.file(folder, "hub");
        DatabaseSettings wrong = new DatabaseSettings(good.url(), "sa", "geheim", 1);
        assertThatThrownBy(() -> Databases.open(wrong))
                .isInstanceOf(StoreException.class)
                .hasMessageContaining("wrong user or password")
                .hasMessageNotContaining("geheim");
        assertThat(wrong.toString()).doesNotContain("geheim");
    }

    @Test
    void aPasswordInTheUrlIsNotShown() {
        DatabaseSettings settings =
                new DatabaseSettings("jdbc:postgresql://localhost:1/x?password=geheim&ssl=false", "u", "", 1);
        assertThat(settings.shown()).doesNotContain("geheim").contains("ssl=false");
        assertThatThrownBy(() -> Databases.open(settings))
                .isInstanceOf(StoreException.class)
                .hasMessageContaining("does not answer")
                .hasMessageNotContaining("geheim");
    }

    @Test
    void aUrlThatNoDriverTakesIsReported() {
        assertThatThrownBy(() -> Databases.open(new DatabaseSettings("jdbc:nonsense:x", "u", "", 1)))
                .isInstanceOf(StoreException.class)
                .hasMessageContaining("jdbc:nonsense:x");
        assertThatThrownBy(() -> new DatabaseSettings("hub.db", "u", "", 1))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void tablesOfANewerVersionStopTheStart() {
        try (HikariDataSource database = H2Databases.open(folder)) {
            HubStore.migrate(database);
            new JdbcTemplate(database)
                    .update("update \"bactrian_schema_history\" set \"checksum\" = 1" + " where \"version\" = '1'");
            assertThatThrownBy(() -> HubStore.migrate(database))
                    .isInstanceOf(StoreException.class)
                    .hasMessageContaining("newest version");
        }
    }

    @Test
    void anInterruptedThreadDoesNotCloseTheDatabaseForTheOthers() throws Exception {
        try (HikariDataSource database = H2Databases.open(folder)) {
            CursorStore cursors = CursorStore.open(database, true);
            for (int round = 1; round <= 20; round++) {
                AtomicReference<Throwable> failure = new AtomicReference<>();
                Thread writer = new Thread(() -> {
                    Thread.currentThread().interrupt();
                    for (int n = 0; n < 10; n++) {
                        cursors.save("interrupted", cursor(n));
                    }
                });
                writer.setUncaughtExceptionHandler((thread, e) -> failure.set(e));
                writer.start();
                writer.join();
                assertThat(failure.get()).isNull();
                cursors.save("other", cursor(round));
                assertThat(cursors.load("other")).contains(cursor(round));
            }
        }
    }

    @Test
    void aFileThatIsNotADatabaseIsReported() throws Exception {
        Files.writeString(folder.resolve("hub.mv.db"), "not a database".repeat(1000));
        assertThatThrownBy(() -> H2Databases.open(folder))
                .isInstanceOf(StoreException.class)
                .hasMessageContaining("hub");
    }

    private static StoredCursor cursor(long position) {
        return new StoredCursor(new SubscriberCursor(0, 1, position), OptionalLong.empty());
    }
}
