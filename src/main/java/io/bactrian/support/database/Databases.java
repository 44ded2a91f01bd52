package io.bactrian.support.database;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.pool.HikariPool;
import io.bactrian.support.text.FileErrors;
import io.bactrian.support.text.Secrets;
import java.io.EOFException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Opens databases. */
public final class Databases {
    private static final long CONNECTION_TIMEOUT_MS = 10_000;
    private static final long SHARED_TIMEOUT_MS = 2_000;

    /** The SQL state of H2 for a file that another process has open. */
    private static final String IN_USE = "90020";

    /** The SQL state of H2 for a file that is damaged, FILE_CORRUPTED_1. */
    private static final String DAMAGED = "90030";

    private static final String DAMAGE =
            "the file is damaged, or it is no database; restore it from a backup, or move it away to begin with an empty one";

    /** SQL states of what time does not mend: damage, a wrong user or password, and a database that was never created. */
    private static final Set<String> LASTING = Set.of(DAMAGED, "28000", "28P01", "3D000");

    /**
     * How the SQL states begin of a server that is not there, is shutting down or starting, has no connection left, or was told to take
     * none.
     */
    private static final List<String> AWAY = List.of("08", "57P", "53300", "55000");

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
     * @throws DatabaseInUseException if another process has its file open
     * @throws StoreException if it cannot be opened for another reason: wrong password, not reachable, not to be written
     */
    public static HikariDataSource open(DatabaseSettings settings) {
        settings.dataFile().ifPresent(file -> checkWritable(settings, file));
        HikariConfig config = new HikariConfig();
        config.setPoolName("bactrian-store");
        Optional<Path> shared = settings.sharedFile();
        if (shared.isPresent()) {
            config.setDataSource(new SharedFile(settings.url(), shared.get(), settings.user(), settings.password()));
        } else {
            config.setJdbcUrl(settings.url());
            config.setUsername(settings.user());
            config.setPassword(settings.password());
        }
        config.setMaximumPoolSize(settings.connectionsMax());
        config.setMinimumIdle(1);
        // The pool pauses for up to this time after attempts that failed, and a shared file is soon to be had again.
        config.setConnectionTimeout(shared.isPresent() ? SHARED_TIMEOUT_MS : CONNECTION_TIMEOUT_MS);
        if (settings.isH2()) {
            // An embedded database closes with its last connection, and a pool that renews its connections would
            // close and open it every half hour.
            config.setMaxLifetime(0);
            config.setExceptionOverride(new ClosedDatabase());
        }
        try {
            HikariDataSource pool = new HikariDataSource(config);
            if (settings.isH2()) {
                tellVersion(settings, pool);
            }
            return pool;
        } catch (HikariPool.PoolInitializationException e) {
            throw cannotOpen(settings, e);
        } catch (RuntimeException e) {
            // Hikari says so when no driver on the class path takes the URL.
            throw new StoreException(
                    "Cannot open the database " + settings.shown() + ": "
                            + Secrets.hide(String.valueOf(e.getMessage())),
                    e);
        }
    }

    /**
     * Whether a database that could not be opened cannot be opened later either, unless somebody changes something: its file is damaged or may
     * not be written, the user or the password is wrong, there is no such database, or no driver for it.
     */
    public static boolean isLasting(StoreException e) {
        SQLException cause = sqlCause(e);
        return cause == null
                ? e.getCause() instanceof IOException
                : isTooShort(cause) || isWithoutDriver(cause) || LASTING.contains(state(cause));
    }

    /** {@link DriverManager} gives it the SQL state of a server that does not answer. */
    private static boolean isWithoutDriver(SQLException e) {
        return "No suitable driver".equals(e.getMessage());
    }

    /** Whether a database server did not answer or took no connection, which may be over in a moment. */
    public static boolean isAway(StoreException e) {
        SQLException cause = sqlCause(e);
        if (cause == null || isLasting(e)) {
            return false;
        }
        String state = state(cause);
        // What the pool itself says of a connection that was lost has no state.
        return state.isEmpty()
                || cause instanceof SQLTransientConnectionException
                || AWAY.stream().anyMatch(state::startsWith);
    }

    /** H2 says of a file that ends within its header only that it could not be read. */
    private static boolean isTooShort(SQLException e) {
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof EOFException) {
                return true;
            }
        }
        return false;
    }

    private static String state(SQLException e) {
        return e.getSQLState() == null ? "" : e.getSQLState().toUpperCase(Locale.ROOT);
    }

    private static void tellVersion(DatabaseSettings settings, HikariDataSource pool) {
        try {
            H2Version.tell(pool);
        } catch (SQLException e) {
            pool.close();
            throw new StoreException(
                    "Cannot open the database " + settings.shown() + ": " + Secrets.hide(explain(e)), e);
        }
    }

    /** H2 says nothing of use of a folder that it may not write, and opens a file that it may not write for reading. */
    private static void checkWritable(DatabaseSettings settings, Path file) {
        Path folder = Objects.requireNonNull(file.getParent());
        try {
            PrivateFolder.create(folder);
            for (Path written : List.of(folder, file)) {
                if (Files.exists(written) && !Files.isWritable(written)) {
                    throw new AccessDeniedException(written.toString());
                }
            }
        } catch (IOException e) {
            throw new StoreException("Cannot open the database " + settings.shown() + ": " + FileErrors.say(e), e);
        }
    }

    private static StoreException cannotOpen(DatabaseSettings settings, HikariPool.PoolInitializationException e) {
        SQLException cause = sqlCause(e);
        String reason = Secrets.hide(cause == null ? String.valueOf(e.getMessage()) : explain(cause));
        String user = settings.dataFile().isPresent() ? "" : " as user '" + settings.user() + "'";
        String message = "Cannot open the database " + settings.shown() + user + ": " + reason;
        return cause != null && IN_USE.equals(cause.getSQLState())
                ? new DatabaseInUseException(message, e)
                : new StoreException(message, e);
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
        if (isTooShort(e)) {
            return DAMAGE;
        }
        String state = state(e);
        return switch (state) {
            case DAMAGED -> DAMAGE;
            case IN_USE -> "it is in use by another process";
            case "28000", "28P01" -> "wrong user or password";
            case "3D000" -> "there is no such database on the server; create it first";
            case "08001", "08004", "08006" -> "the server does not answer (" + e.getMessage() + ")";
            default -> e.getMessage() + " (SQL state " + state + ")";
        };
    }
}
