package io.bactrian.pubsub.store;

import com.zaxxer.hikari.HikariDataSource;
import io.bactrian.support.database.DatabaseSettings;
import io.bactrian.support.database.Databases;
import io.bactrian.testing.Tools;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.atomic.AtomicInteger;

/** A real PostgreSQL server of the test run, with an empty database for each test. */
public final class PostgresServer {
    private static final AtomicInteger DATABASES = new AtomicInteger();

    private final EmbeddedPostgres server;

    private PostgresServer(EmbeddedPostgres server) {
        this.server = server;
    }

    /** Starts the server; the test is skipped if PostgreSQL refuses to run here. */
    public static PostgresServer start() {
        try {
            return new PostgresServer(EmbeddedPostgres.builder().start());
        } catch (IOException | IllegalStateException e) {
            // As root it is run in a user namespace of its own, because PostgreSQL refuses root.
            Tools.require(false, "util-linux (unshare) to run PostgreSQL as this user: " + e.getMessage());
            throw new IllegalStateException("unreachable", e);
        }
    }

    /** A pool on a new, empty database. */
    HikariDataSource newDatabase() throws SQLException {
        return Databases.open(newSettings());
    }

    /** The settings of a new, empty database. */
    public DatabaseSettings newSettings() throws SQLException {
        String name = "test" + DATABASES.incrementAndGet();
        try (Connection connection = server.getPostgresDatabase().getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("create database " + name);
        }
        return new DatabaseSettings(server.getJdbcUrl("postgres", name), "postgres", "", 4);
    }

    /** Whether it refuses connections to a database that it has given, as if it were down; those that are there are ended. */
    public void refuse(DatabaseSettings settings, boolean now) throws SQLException {
        String name = settings.url().replaceAll(".*/|\\?.*", "");
        try (Connection connection = server.getPostgresDatabase().getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("alter database " + name + " with allow_connections " + !now);
            if (now) {
                statement.execute(
                        "select pg_terminate_backend(pid) from pg_stat_activity where datname = '" + name + "'");
            }
        }
    }

    public void stop() throws IOException {
        server.close();
    }
}
