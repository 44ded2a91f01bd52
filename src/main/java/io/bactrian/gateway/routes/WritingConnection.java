package io.bactrian.gateway.routes;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A connection of a pool that one writer keeps, without auto-commit and with its statement prepared. To take one from the pool for
 * each transaction would cost three trips to the database more: auto-commit off, auto-commit on, and the statement. A connection
 * that has failed goes back to the pool, and the next transaction has a new one. One thread at a time.
 */
final class WritingConnection implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(WritingConnection.class);

    private final DataSource dataSource;
    private final String sql;
    private @Nullable CachedStatement kept;

    WritingConnection(DataSource dataSource, String sql) {
        this.dataSource = dataSource;
        this.sql = sql;
    }

    private record CachedStatement(Connection connection, PreparedStatement statement) {}

    /** What is done in a transaction; it commits at its end. */
    interface Transaction {
        void run(Connection connection, PreparedStatement statement) throws SQLException;
    }

    /** Runs a transaction. If it fails, the database may have taken it all the same. */
    void run(Transaction transaction) throws SQLException {
        CachedStatement here = kept;
        if (here == null) {
            here = open();
            kept = here;
        }
        boolean done = false;
        try {
            transaction.run(here.connection(), here.statement());
            // It does not keep the rows until the next ones come.
            here.statement().clearParameters();
            done = true;
        } finally {
            if (!done) {
                close();
            }
        }
    }

    private CachedStatement open() throws SQLException {
        Connection connection = dataSource.getConnection();
        try {
            connection.setAutoCommit(false);
            return new CachedStatement(connection, connection.prepareStatement(sql));
        } catch (SQLException e) {
            connection.close();
            throw e;
        }
    }

    /** Gives the connection back. */
    @Override
    public void close() {
        CachedStatement former = kept;
        if (former != null) {
            kept = null;
            try (Connection connection = former.connection();
                    PreparedStatement statement = former.statement()) {
                LOG.debug("a writer gives its connection back: {}", statement);
                connection.rollback();
                connection.setAutoCommit(true);
            } catch (SQLException e) {
                LOG.debug("a connection that has failed is not given back in order", e);
            }
        }
    }
}
