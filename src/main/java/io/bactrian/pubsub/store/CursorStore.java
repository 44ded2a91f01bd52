package io.bactrian.pubsub.store;

import io.bactrian.pubsub.core.ConfirmedPattern;
import io.bactrian.pubsub.core.CursorChanges;
import io.bactrian.pubsub.core.LastProcessed;
import io.bactrian.pubsub.core.SubscriberCursor;
import io.bactrian.support.database.DatabaseSettings;
import io.bactrian.support.database.DatabaseSync;
import io.bactrian.support.database.StoreException;
import io.bactrian.support.database.Upsert;
import java.lang.ref.WeakReference;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.WeakHashMap;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.transaction.TransactionException;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Cursors in the subscriber's own database, which may be the user's: the table {@code bactrian_cursor}, and {@code
 * bactrian_processed} and {@code bactrian_pattern}, by which a subscriber goes on at a restored hub; nothing else. Any
 * thread; one subscriber's cursor is written by one thread at a time.
 *
 * <p>{@link #save} takes part in the current Spring transaction of the same data source (or of JTA), such as that of
 * a Camel route with {@code transacted}: then the cursor and what the route has written are committed together or not
 * at all. Without one it is a transaction of its own.
 */
public final class CursorStore {
    /** One for each data source while somebody uses it. */
    private static final Map<DataSource, WeakReference<CursorStore>> SHARED = new WeakHashMap<>();

    private final JdbcTemplate jdbc;
    private final TransactionTemplate transactions;
    private final @Nullable DatabaseSync sync;

    private CursorStore(DataSource dataSource, @Nullable DatabaseSync sync) {
        jdbc = new JdbcTemplate(dataSource);
        transactions = new TransactionTemplate(new DataSourceTransactionManager(dataSource));
        this.sync = sync;
    }

    /**
     * Makes sure that the tables are there, outside any transaction, and returns the store over them. A user without the
     * right to create tables creates them beforehand, as {@link #createStatements} says.
     *
     * @param dataSource stays the caller's, who closes it after the last call
     * @param synced whether a saved cursor must outlive a power cut and not only a crash of the process; it matters
     *     for H2, where it costs a sync of the disk each time. An H2 that is not opened by
     *     {@link DatabaseSettings#file} needs {@code WRITE_DELAY=0} to outlive even a crash without it
     * @throws StoreException if a table is not there and cannot be created, or is of an older version and cannot be changed
     */
    public static CursorStore open(DataSource dataSource, boolean synced) {
        CursorStore store = new CursorStore(dataSource, synced ? DatabaseSync.of(dataSource) : null);
        new CursorTables(store.jdbc, store.transactions).create();
        return store;
    }

    /**
     * As {@link #open} with a sync, but subscribers that share a data source share the store too: the tables are looked at
     * once and not by each of them.
     */
    public static CursorStore shared(DataSource dataSource) {
        synchronized (SHARED) {
            WeakReference<CursorStore> former = SHARED.get(dataSource);
            CursorStore store = former == null ? null : former.get();
            if (store == null) {
                store = open(dataSource, true);
                SHARED.put(dataSource, new WeakReference<>(store));
            }
            return store;
        }
    }

    /** The SQL statements that create the tables. */
    public static List<String> createStatements() {
        return CursorTables.createStatements();
    }

    /**
     * The subscriber's cursor, empty if none was ever saved.
     *
     * @throws StoreException if the database fails
     */
    public Optional<StoredCursor> load(String subscriber) {
        try {
            List<StoredCursor> cursors = jdbc.query(
                    "select generation, log_epoch, position, output_length from bactrian_cursor where subscriber = ?",
                    (row, n) -> new StoredCursor(
                            new SubscriberCursor(row.getInt(1), row.getInt(2), row.getLong(3)), outputLength(row)),
                    subscriber);
            return cursors.stream().findFirst();
        } catch (DataAccessException e) {
            throw new StoreException(
                    "The database could not read the cursor of " + subscriber + ": " + e.getMessage(), e);
        }
    }

    private static OptionalLong outputLength(ResultSet row) throws SQLException {
        long length = row.getLong(4);
        return row.wasNull() ? OptionalLong.empty() : OptionalLong.of(length);
    }

    /**
     * Returns the last sequence that the subscriber has processed of each publisher epoch and topic, as far as it was
     * saved; the one that was
     * quiet longest first.
     *
     * @throws StoreException if the database fails
     */
    public List<LastProcessed> last(String subscriber) {
        try {
            return jdbc.query(
                    "select publisher, topic, epoch, last_sequence, log_epoch, position from bactrian_processed"
                            + " where subscriber = ? order by log_epoch, position",
                    (row, n) -> new LastProcessed(
                            new LastProcessed.MessageSource(row.getString(1), row.getString(2)),
                            row.getLong(3),
                            row.getLong(4),
                            row.getInt(5),
                            row.getLong(6)),
                    subscriber);
        } catch (DataAccessException e) {
            throw new StoreException(
                    "The database could not read what " + subscriber + " has processed: " + e.getMessage(), e);
        }
    }

    /**
     * The subscriber's patterns, as far as they were saved.
     *
     * @throws StoreException if the database fails
     */
    public List<ConfirmedPattern> patterns(String subscriber) {
        try {
            return jdbc.query(
                    "select kind, pattern, log_epoch, start_position from bactrian_pattern where subscriber = ?"
                            + " order by kind, pattern",
                    (row, n) -> new ConfirmedPattern(
                            SubscriberTables.kind(row.getInt(1)), row.getString(2), row.getInt(3), row.getLong(4)),
                    subscriber);
        } catch (DataAccessException e) {
            throw new StoreException(
                    "The database could not read the patterns of " + subscriber + ": " + e.getMessage(), e);
        }
    }

    /** Saves the subscriber's cursor alone; see {@link #save(String, StoredCursor, CursorChanges)}. */
    public void save(String subscriber, StoredCursor cursor) {
        save(subscriber, cursor, CursorChanges.NONE);
    }

    /**
     * Saves the subscriber's cursor, whatever it was before, and what has changed with it.
     *
     * @throws StoreException if the database fails; all is what it was then
     */
    public void save(String subscriber, StoredCursor cursor, CursorChanges changes) {
        change("save", subscriber, () -> {
            write(subscriber, cursor);
            writeLast(subscriber, changes);
            writePatterns(subscriber, changes);
        });
    }

    /**
     * Removes the subscriber's cursor and what goes with it, in the current transaction as {@link #save}.
     *
     * @throws StoreException if the database fails
     */
    public void remove(String subscriber) {
        change("remove", subscriber, () -> {
            jdbc.update("delete from bactrian_cursor where subscriber = ?", subscriber);
            jdbc.update("delete from bactrian_processed where subscriber = ?", subscriber);
            jdbc.update("delete from bactrian_pattern where subscriber = ?", subscriber);
        });
    }

    private void change(String what, String subscriber, Runnable statement) {
        try {
            if (TransactionSynchronizationManager.isActualTransactionActive()) {
                statement.run();
                syncAfterCommit();
            } else {
                transactions.executeWithoutResult(status -> statement.run());
                syncNow();
            }
        } catch (DataAccessException | TransactionException e) {
            throw new StoreException(
                    "The database could not " + what + " the cursor of " + subscriber + ": " + e.getMessage(), e);
        }
    }

    private void write(String subscriber, StoredCursor stored) {
        SubscriberCursor cursor = stored.cursor();
        Long outputLength =
                stored.outputLength().isPresent() ? stored.outputLength().getAsLong() : null;
        int updated = jdbc.update(
                "update bactrian_cursor set generation = ?, log_epoch = ?, position = ?, output_length = ?,"
                        + " updated = current_timestamp where subscriber = ?",
                cursor.generation(),
                cursor.logEpoch(),
                cursor.position(),
                outputLength,
                subscriber);
        if (updated == 0) {
            jdbc.update(
                    "insert into bactrian_cursor (subscriber, generation, log_epoch, position, output_length, updated)"
                            + " values (?, ?, ?, ?, ?, current_timestamp)",
                    subscriber,
                    cursor.generation(),
                    cursor.logEpoch(),
                    cursor.position(),
                    outputLength);
        }
    }

    private void writeLast(String subscriber, CursorChanges changes) {
        Upsert.run(
                jdbc,
                changes.last(),
                "update bactrian_processed set last_sequence = ?, log_epoch = ?, position = ?"
                        + " where subscriber = ? and publisher = ? and topic = ? and epoch = ?",
                l -> columns(subscriber, l),
                "insert into bactrian_processed"
                        + " (last_sequence, log_epoch, position, subscriber, publisher, topic, epoch)"
                        + " values (?, ?, ?, ?, ?, ?, ?)",
                l -> columns(subscriber, l));
        if (!changes.forgotten().isEmpty()) {
            jdbc.batchUpdate(
                    "delete from bactrian_processed where subscriber = ? and publisher = ? and topic = ? and epoch = ?",
                    changes.forgotten().stream()
                            .map(key -> new Object[] {
                                subscriber,
                                key.source().publisher(),
                                key.source().topic(),
                                key.epoch()
                            })
                            .toList());
        }
    }

    private static Object[] columns(String subscriber, LastProcessed last) {
        return new Object[] {
            last.sequence(),
            last.logEpoch(),
            last.position(),
            subscriber,
            last.source().publisher(),
            last.source().topic(),
            last.epoch()
        };
    }

    private void writePatterns(String subscriber, CursorChanges changes) {
        Upsert.run(
                jdbc,
                changes.patterns(),
                "update bactrian_pattern set log_epoch = ?, start_position = ?"
                        + " where subscriber = ? and kind = ? and pattern = ?",
                p -> columns(subscriber, p),
                "insert into bactrian_pattern (log_epoch, start_position, subscriber, kind, pattern)"
                        + " values (?, ?, ?, ?, ?)",
                p -> columns(subscriber, p));
        if (!changes.givenUp().isEmpty()) {
            jdbc.batchUpdate(
                    "delete from bactrian_pattern where subscriber = ? and kind = ? and pattern = ?",
                    changes.givenUp().stream()
                            .map(p -> new Object[] {subscriber, p.kind().number(), p.pattern()})
                            .toList());
        }
    }

    private static Object[] columns(String subscriber, ConfirmedPattern p) {
        return new Object[] {p.logEpoch(), p.start(), subscriber, p.kind().number(), p.pattern()};
    }

    private void syncNow() {
        if (sync != null) {
            sync.run();
        }
    }

    private void syncAfterCommit() {
        if (sync == null || !TransactionSynchronizationManager.isSynchronizationActive()) {
            return;
        }
        TransactionSynchronizationManager.registerSynchronization(new TransactionSynchronization() {
            @Override
            public void afterCommit() {
                syncNow();
            }
        });
    }
}
