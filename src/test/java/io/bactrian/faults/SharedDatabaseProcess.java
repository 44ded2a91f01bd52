package io.bactrian.faults;

import com.zaxxer.hikari.HikariDataSource;
import io.bactrian.support.database.DatabaseSettings;
import io.bactrian.support.database.Databases;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;

/** Opens a shared H2 file first, so that it serves others, and says {@code ready}. It ends when it is killed. */
final class SharedDatabaseProcess {
    private SharedDatabaseProcess() {}

    public static void main(String[] args) throws SQLException, InterruptedException {
        try (HikariDataSource opened = Databases.open(DatabaseSettings.shared(Path.of(args[0]), "shared"));
                Connection connection = opened.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("create table numbers (number int primary key)");
            statement.execute("checkpoint sync");
            System.out.println("ready 1");
            Thread.currentThread().join();
        }
    }
}
