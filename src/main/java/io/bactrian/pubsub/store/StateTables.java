package io.bactrian.pubsub.store;

import io.bactrian.support.database.StoreException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.TransactionException;
import org.springframework.transaction.support.TransactionTemplate;

/** All rows of the hub's tables, read and written as plain values. */
final class StateTables {
    private static final int FETCH_ROWS = 1000;

    /** Each table with its columns and their order, those that others refer to first. The id of an event is its own. */
    private static final Map<String, String> TABLES = tables();

    private static final String EVENTS = "bactrian_event";

    private final JdbcTemplate jdbc;
    private final TransactionTemplate oneView;

    StateTables(JdbcTemplate jdbc, DataSourceTransactionManager manager, boolean h2) {
        this.jdbc = jdbc;
        oneView = new TransactionTemplate(manager);
        oneView.setPropagationBehavior(TransactionDefinition.PROPAGATION_REQUIRES_NEW);
        oneView.setReadOnly(true);
        // The level at which each engine shows all tables as they were at one moment, and makes no writer wait.
        oneView.setIsolationLevel(h2 ? Connection.TRANSACTION_SERIALIZABLE : Connection.TRANSACTION_REPEATABLE_READ);
    }

    private static Map<String, String> tables() {
        Map<String, String> tables = new LinkedHashMap<>();
        tables.put("bactrian_counter", "name, last_value");
        tables.put("bactrian_publisher", "id, granted_epoch, open_epoch, created_ms, last_seen_ms");
        tables.put("bactrian_grant", "publisher, instance, epoch");
        tables.put("bactrian_sequence", "publisher, topic, last_sequence");
        tables.put("bactrian_subscriber", "id, generation, log_epoch, last_position, last_seen_ms, passed_to, had_to");
        tables.put("bactrian_subscription", "subscriber, kind, pattern, start_position, done_to, ended");
        tables.put("bactrian_checkpoint", "id, log_epoch, last_position, saved_ms");
        tables.put("bactrian_segment_topic", "segment_position, topic, byte_count, message_count, last_timestamp_ms");
        tables.put(EVENTS, "at_ms, what, publisher, subscriber, topic, first_number, last_number, cause");
        return Collections.unmodifiableMap(tables);
    }

    private static List<String> columns(String table) {
        return List.of(TABLES.getOrDefault(table, "").split(", ", -1));
    }

    /** Gives all rows as they were at one moment. */
    void export(StateTaker taker) {
        try {
            oneView.executeWithoutResult(status -> TABLES.forEach((table, columns) -> export(table, columns, taker)));
        } catch (DataAccessException | TransactionException e) {
            throw new StoreException("The database could not be read: " + e.getMessage(), e);
        }
    }

    private void export(String table, String columns, StateTaker taker) {
        taker.table(table, columns(table));
        int count = columns(table).size();
        String order = table.equals(EVENTS) ? "id" : columns;
        jdbc.query(
                connection -> {
                    var statement =
                            connection.prepareStatement("select " + columns + " from " + table + " order by " + order);
                    statement.setFetchSize(FETCH_ROWS);
                    return statement;
                },
                row -> {
                    taker.row(values(row, count));
                });
    }

    private static List<@Nullable Object> values(ResultSet row, int count) throws SQLException {
        List<@Nullable Object> values = new ArrayList<>(count);
        for (int i = 1; i <= count; i++) {
            Object value = row.getObject(i);
            values.add(value instanceof Number number ? (Object) number.longValue() : value);
        }
        return values;
    }

    /** Whether nothing was ever written to the tables. */
    boolean empty() {
        return count("bactrian_publisher") + count("bactrian_subscriber") + count(EVENTS) == 0
                && sum("select last_position from bactrian_checkpoint") == 0
                && sum("select last_value from bactrian_counter where name like 'publisher-epoch%'") == 0;
    }

    private long count(String table) {
        return sum("select count(*) from " + table);
    }

    private long sum(String query) {
        return jdbc.queryForList(query, Long.class).stream()
                .mapToLong(Long::longValue)
                .sum();
    }

    /** Makes the rows of a table these; in the caller's transaction, in the order in which they were exported. */
    int replace(StateRows rows) {
        // Columns that came later have a default.
        if (!TABLES.containsKey(rows.table()) || !columns(rows.table()).containsAll(rows.columns())) {
            throw new IllegalArgumentException("this version has no table " + rows.table() + " with the columns "
                    + rows.columns() + ": take the version that they come from, or a later one");
        }
        String places = rows.columns().stream().map(column -> "?").collect(Collectors.joining(", "));
        String insert =
                "insert into " + rows.table() + " (" + String.join(", ", rows.columns()) + ") values (" + places + ")";
        int written = 0;
        List<Object[]> batch = new ArrayList<>();
        while (rows.rows().hasNext()) {
            batch.add(rows.rows().next().toArray());
            if (batch.size() == FETCH_ROWS || !rows.rows().hasNext()) {
                jdbc.batchUpdate(insert, batch);
                written += batch.size();
                batch.clear();
            }
        }
        return written;
    }

    /** Removes every row; in the caller's transaction. */
    void clear() {
        clearButEventsBefore(Long.MIN_VALUE);
    }

    /** Removes every row, but for the events before a time in ms since 1970; in the caller's transaction. */
    void clearButEventsBefore(long atMs) {
        List<String> tables = new ArrayList<>(TABLES.keySet());
        Collections.reverse(tables);
        tables.remove(EVENTS);
        jdbc.update("delete from " + EVENTS + " where at_ms >= ?", atMs);
        tables.forEach(table -> jdbc.update("delete from " + table));
    }

    /** Puts all epochs that are granted from now on far above those that were, and remembers where that is. */
    void raisePublisherEpochs(long by, long atLeast) {
        jdbc.update(
                "update bactrian_counter set last_value = case when last_value + ? < ? then ? else last_value + ? end"
                        + " where name = 'publisher-epoch'",
                by,
                atLeast,
                atLeast,
                by);
        jdbc.update("delete from bactrian_counter where name = ?", PublisherTables.FORMER_EPOCHS);
        jdbc.update(
                "insert into bactrian_counter (name, last_value)"
                        + " select ?, last_value from bactrian_counter where name = 'publisher-epoch'",
                PublisherTables.FORMER_EPOCHS);
    }

    static List<String> names() {
        return List.copyOf(TABLES.keySet());
    }
}
