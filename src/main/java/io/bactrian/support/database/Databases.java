package io.bactrian.support.database;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.pool.HikariPool;
import io.bactrian.support.text.Secrets;
import java.sql.SQLException;
import java.util.Locale;
import java.util.Map;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.jspecify.annotations.Nullable;

/** Opens databases and brings the tables of a capability to their newest version. */
public final class Databases {
    /** The hub's history is from before other capabilities had tables, so its name names none. */
    private static final Map<String, String> OLDER_HISTORIES = Map.of("pubsub", "bactrian_schema_history");

    private static final long CONNECTION_TIMEOUT_MS = 10_000;

    /** H2 serves a shared file on every interface of the machine unless this says otherwise before H2 is loaded. */
    private static final String H2_BIND_ADDRESS = "h2.bindAddress";

    static {
        if (System.getProperty(H2_BIND_ADDRESS) == null) {
            System.setProperty(H2_BIND_ADDRESS, "127.0.0.1");
        }
    }

    private Databases() {}

    /**
     * Opens a pool of connections; the caller closes it.
     *
     * @throws StoreException if the database cannot be opened: in use by another process, wrong password, not reachable
     */
    public static HikariDataSource open(DatabaseSettings settings) {
        HikariConfig config = new HikariConfig();
        config.setPoolName("bactrian-store");
        config.setJdbcUrl(settings.url());
        config.setUsername(settings.user());
        config.setPassword(settings.password());
        config.setMaximumPoolSize(settings.connectionsMax());
        config.setMinimumIdle(1);
        config.setConnectionTimeout(CONNECTION_TIMEOUT_MS);
        if (settings.isH2()) {
            // An embedded database closes with its last connection, and a pool that renews its connections would
            // close and open it every half hour.
            config.setMaxLifetime(0);
            config.setExceptionOverride(new ClosedDatabase());
        }
        try {
            return new HikariDataSource(config);
        } catch (HikariPool.PoolInitializationException e) {
            throw cannotOpen(settings, e);
        } catch (RuntimeException e) {
            // Hikari says so when no driver on the class path takes the URL.
            throw new StoreException(
                    "Cannot open the database " + settings.shownUrl() + ": "
                            + Secrets.hide(String.valueOf(e.getMessage())),
                    e);
        }
    }

    /**
     * Creates the tables of a capability, or brings them to their newest version. Its migrations are the resources
     * {@code io/bactrian/db/<capability>/V*.sql}. Each capability has a history of its own, so it has tables without those
     * of the others. Tables of others in the same schema are left alone.
     *
     * @throws StoreException if a migration fails, or the tables are of a newer Bactrian
     */
    public static void migrate(DataSource dataSource, String capability) {
        try {
            Flyway.configure(Databases.class.getClassLoader())
                    .dataSource(dataSource)
                    .table(historyTable(capability))
                    .locations("classpath:io/bactrian/db/" + capability)
                    // A schema that already holds a host application's tables is welcome.
                    .baselineOnMigrate(true)
                    .baselineVersion("0")
                    .load()
                    .migrate();
        } catch (FlywayException e) {
            throw new StoreException(
                    "Cannot bring the tables of " + capability + " to the newest version: " + e.getMessage(), e);
        }
    }

    /** Flyway's table for the migrations of a capability, named so that it never meets that of a host application. */
    public static String historyTable(String capability) {
        return OLDER_HISTORIES.getOrDefault(capability, "bactrian_" + capability + "_history");
    }

    private static StoreException cannotOpen(DatabaseSettings settings, HikariPool.PoolInitializationException e) {
        SQLException cause = sqlCause(e);
        String reason = Secrets.hide(cause == null ? String.valueOf(e.getMessage()) : explain(cause));
        return new StoreException(
                "Cannot open the database " + settings.shownUrl() + " as user '" + settings.user() + "': " + reason, e);
    }

    private static @Nullable SQLException sqlCause(Throwable e) {
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof SQLException sql) {
                return sql;
            }
        }
        return null;
    }

    private static String explain(SQLException e) {
        String state = e.getSQLState() == null ? "" : e.getSQLState().toUpperCase(Locale.ROOT);
        return switch (state) {
            case "90020" -> "it is in use by another process";
            case "28000", "28P01" -> "wrong user or password";
            case "3D000" -> "there is no such database on the server; create it first";
            case "08001", "08004", "08006" -> "the server does not answer (" + e.getMessage() + ")";
            default -> e.getMessage() + " (SQL state " + state + ")";
        };
    }
}
