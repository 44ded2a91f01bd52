package io.bactrian.faults;

import com.zaxxer.hikari.HikariDataSource;
import io.bactrian.support.database.DatabaseSettings;
import io.bactrian.support.database.DatabaseSync;
import io.bactrian.support.database.Databases;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;

/**
 * Writes numbers that count up to a shared H2 file that another process has made. It says {@code wrote NUMBER} when one is on disk,
 * {@code failed TIMES} when one could not be written and is tried again, and ends when it is killed.
 */
final class SharedDatabaseWriter {
    private SharedDatabaseWriter() {}

    public static void main(String[] args) {
        try (HikariDataSource pool = Databases.open(DatabaseSettings.shared(Path.of(args[0]), "shared"))) {
            DatabaseSync sync = DatabaseSync.of(pool);
            long failed = 0;
            for (long number = Long.parseLong(args[1]) + 1; ; number++) {
                while (!isWritten(pool, sync, number)) {
                    System.out.println("failed " + ++failed);
                }
                System.out.println("wrote " + number);
            }
        }
    }

    private static boolean isWritten(HikariDataSource pool, DatabaseSync sync, long number) {
        try (Connection connection = pool.getConnection();
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            statement.execute("merge into numbers values (" + number + ")");
            sync.commit(connection);
            return true;
        } catch (SQLException e) {
            System.err.println(e);
            return false;
        }
    }
}
