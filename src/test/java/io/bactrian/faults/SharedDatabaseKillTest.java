package io.bactrian.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.zaxxer.hikari.HikariDataSource;
import io.bactrian.support.database.DatabaseSettings;
import io.bactrian.support.database.DatabaseSync;
import io.bactrian.support.database.Databases;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The process that serves a shared H2 file is killed between a commit and its sync. */
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
                // The file is opened here now, and a sync of all that is committed has nothing against it.
                sync.run();
                try (Connection connection = pool.getConnection();
                        Statement statement = connection.createStatement();
                        ResultSet row = statement.executeQuery("select count(*) from numbers where number = 1")) {
                    assertThat(row.next()).isTrue();
                    assertThat(row.getInt(1)).as("what was confirmed").isEqualTo(1);
                }
            }
        }
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
