package io.bactrian.support.database;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Collections;
import java.util.Map;
import java.util.WeakHashMap;
import javax.sql.DataSource;
import org.springframework.jdbc.datasource.DataSourceUtils;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/**
 * Makes what is committed safe against a power cut.
 *
 * <p>PostgreSQL syncs with each commit. H2 never does: there {@code CHECKPOINT SYNC} writes and syncs everything that
 * is committed; its database user must be an administrator, as the shipped one is.
 */
public final class DatabaseSync {
    /** One for each database, whoever syncs it; it goes with its data source. */
    private static final Map<DataSource, GroupSync> GROUPS = Collections.synchronizedMap(new WeakHashMap<>());

    private final DataSource dataSource;
    private final boolean needed;
    private final GroupSync group;

    private DatabaseSync(DataSource dataSource, boolean needed) {
        this.dataSource = dataSource;
        this.needed = needed;
        this.group = GROUPS.computeIfAbsent(dataSource, same -> new GroupSync());
    }

    /**
     * Looks at which database it is, and tries a sync once, so that a missing right shows at start.
     *
     * @throws StoreException if the database cannot be reached or must not be synced by this user
     */
    public static DatabaseSync of(DataSource dataSource) {
        boolean h2;
        try (Connection connection = dataSource.getConnection()) {
            h2 = "H2".equals(connection.getMetaData().getDatabaseProductName());
        } catch (SQLException e) {
            throw new StoreException("Cannot reach the database: " + e.getMessage(), e);
        }
        DatabaseSync sync = new DatabaseSync(dataSource, h2);
        sync.run();
        return sync;
    }

    /** Whether a commit alone does not sync: it is H2. */
    public boolean needed() {
        return needed;
    }

    /**
     * Commits the transaction of a connection and returns when it is on disk. Use this and not {@link #run} where several
     * processes share an H2 file: a session that has lost its server opens the file anew by itself, unless it is in a
     * transaction, and would then sync a database that has never seen the commit.
     *
     * @param connection one without auto-commit, as it was for the whole transaction
     * @throws SQLException if the transaction may be lost; the connection is still without auto-commit
     */
    public void commit(Connection connection) throws SQLException {
        if (connection.getAutoCommit()) {
            throw new IllegalStateException(
                    "The connection commits each statement, so there is no transaction to commit");
        }
        connection.commit();
        if (needed) {
            try (Statement statement = connection.createStatement()) {
                statement.execute("CHECKPOINT SYNC");
            }
        }
    }

    /**
     * Returns when everything committed before the call is on disk. Any thread; with an H2 that is not opened by
     * {@link DatabaseSettings#file} not one that may be interrupted, because that closes H2's file.
     *
     * @throws StoreException if it could not be synced
     */
    public void run() {
        if (needed && TransactionSynchronizationManager.hasResource(dataSource)) {
            // Whoever has a connection must not wait for one who needs one: a pool of one connection must do.
            syncAlone();
        } else if (needed) {
            group.run(this::syncAlone);
        }
    }

    private void syncAlone() {
        Connection connection = DataSourceUtils.getConnection(dataSource);
        try (Statement statement = connection.createStatement()) {
            statement.execute("CHECKPOINT SYNC");
        } catch (SQLException e) {
            throw new StoreException("Cannot sync the database to disk: " + e.getMessage(), e);
        } finally {
            DataSourceUtils.releaseConnection(connection, dataSource);
        }
    }
}
