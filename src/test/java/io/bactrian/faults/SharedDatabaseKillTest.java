package io.bactrian.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.zaxxer.hikari.HikariDataSource;
import io.bactrian.support.database.DatabaseSettings;
import io.bactrian.support.database.DatabaseSync;
import io.bactrian.support.database.Databases;
import io.bactrian.support.database.StoreException;
import io.bactrian.testing.Ports;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The process that serves a shared H2 file to others is killed. */
@Tag("slow")
class SharedDatabaseKillTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir
    Path folder;

    @Test
    void aCommitWhoseServerDiesBeforeTheSyncIsNotConfirmed() throws Exception {
        try (Child server = new Child(folder.resolve("log"), SharedDatabaseProcess.class, folder.toString())) {
            await().atMost(PATIENCE).until(() -> server.said("ready") == 1);
            try (HikariDataSource pool = Databases.open(DatabaseSettings.shared(folder, "shared"))) {
                DatabaseSync sync = DatabaseSync.of(pool);
                assertThat(sync.needed()).isTrue();
                insert(pool, 1, sync::commit);
                assertThatThrownBy(
                                () -> insert(pool, 2, connection -> sync.commit(killedAfterCommit(connection, server))))
                        .isInstanceOf(SQLException.class);
                // The file is opened here, once the pool has no connection to the dead server any more, and a sync of
                // all that
                // is committed has nothing against it.
                await().atMost(PATIENCE)
                        .ignoreExceptionsInstanceOf(StoreException.class)
                        .untilAsserted(sync::run);
                assertThat(count(pool, "number = 1")).as("what was confirmed").isEqualTo(1);
            }
        }
    }

    @Test
    void twoSurvivorsGoOnAndNothingThatWasConfirmedIsLost() throws Exception {
        String path = folder.toString();
        try (Child server = new Child(folder.resolve("log"), SharedDatabaseProcess.class, path)) {
            await().atMost(PATIENCE).until(() -> server.said("ready") == 1);
            try (Child one = new Child(folder.resolve("one"), SharedDatabaseWriter.class, path, "1000000");
                    Child two = new Child(folder.resolve("two"), SharedDatabaseWriter.class, path, "2000000")) {
                awaitRows(one, two);
                server.kill();
                long lastOfOne = one.said("wrote");
                long lastOfTwo = two.said("wrote");
                awaitRows(one, two);
                assertThat(one.said("failed") + two.said("failed"))
                        .as("the kill was felt")
                        .isPositive();
                one.kill();
                two.kill();
                try (HikariDataSource pool = Databases.open(DatabaseSettings.shared(folder, "shared"))) {
                    assertThat(rows(pool, 1_000_000, one.said("wrote"))).isEqualTo(one.said("wrote") - 1_000_000);
                    assertThat(rows(pool, 2_000_000, two.said("wrote"))).isEqualTo(two.said("wrote") - 2_000_000);
                }
                assertThat(one.said("wrote")).isGreaterThan(lastOfOne);
                assertThat(two.said("wrote")).isGreaterThan(lastOfTwo);
            }
        }
    }

    /** Waits until both have written some more rows. */
    private static void awaitRows(Child one, Child two) {
        long fromOne = one.said("wrote");
        long fromTwo = two.said("wrote");
        await().atMost(PATIENCE).until(() -> one.said("wrote") > fromOne + 5 && two.said("wrote") > fromTwo + 5);
    }

    /** How many rows there are above a number, up to another one. */
    private static long rows(HikariDataSource pool, long above, long upTo) throws SQLException {
        return count(pool, "number > " + above + " and number <= " + upTo);
    }

    private static long count(HikariDataSource pool, String condition) throws SQLException {
        try (Connection connection = pool.getConnection();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("select count(*) from numbers where " + condition)) {
            assertThat(row.next()).isTrue();
            return row.getLong(1);
        }
    }

    @Test
    void aLockFileThatNamesADeadServerDoesNotOpenAFileThatSomebodyHasOpen() throws Exception {
        Path lockFile = folder.resolve("shared.lock.db");
        try (Child server = new Child(folder.resolve("log"), SharedDatabaseProcess.class, folder.toString())) {
            await().atMost(PATIENCE).until(() -> server.said("ready") == 1);
            // Held, it does not renew its lock file.
            signal(server, "STOP");
            Files.writeString(lockFile, "server=localhost:" + Ports.free() + "\nmethod=file\nid=1234\n");
            assertThatThrownBy(() -> Databases.open(DatabaseSettings.shared(folder, "shared"))
                            .close())
                    .isInstanceOf(StoreException.class)
                    .hasMessageContaining("in use by another process");
            signal(server, "CONT");
            await().atMost(PATIENCE).ignoreExceptions().untilAsserted(() -> {
                try (HikariDataSource pool = Databases.open(DatabaseSettings.shared(folder, "shared"))) {
                    assertThat(count(pool, "number = 1")).isZero();
                }
            });
            assertThat(server.alive()).isTrue();
        }
    }

    private static void signal(Child child, String name) throws Exception {
        assertThat(new ProcessBuilder("kill", "-" + name, Long.toString(child.pid()))
                        .start()
                        .waitFor())
                .isZero();
    }

    /** How a transaction is committed. */
    private interface Commit {
        void run(Connection connection) throws SQLException;
    }

    private static void insert(HikariDataSource pool, int number, Commit commit) throws SQLException {
        try (Connection connection = pool.getConnection();
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            statement.execute("insert into numbers values (" + number + ")");
            commit.run(connection);
        }
    }

    /** A connection whose server dies as soon as it has confirmed a commit. */
    private static Connection killedAfterCommit(Connection connection, Child server) {
        return (Connection) Proxy.newProxyInstance(
                Connection.class.getClassLoader(), new Class<?>[] {Connection.class}, (proxy, method, args) -> {
                    Object result = invoke(connection, method, args);
                    if (method.getName().equals("commit")) {
                        server.kill();
                    }
                    return result;
                });
    }

    private static Object invoke(Connection connection, Method method, Object[] args) throws Throwable {
        try {
            return method.invoke(connection, args);
        } catch (java.lang.reflect.InvocationTargetException e) {
            throw e.getCause();
        }
    }
}
