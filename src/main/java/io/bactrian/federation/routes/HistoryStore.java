package io.bactrian.federation.routes;

import com.zaxxer.hikari.HikariDataSource;
import io.bactrian.federation.core.HistoryEntry;
import io.bactrian.federation.core.HistoryRecord;
import io.bactrian.journal.log.Entry;
import io.bactrian.support.context.ContextLife;
import io.bactrian.support.database.DatabaseSettings;
import io.bactrian.support.database.Databases;
import io.bactrian.support.database.Migrations;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.StringJoiner;
import org.apache.camel.Body;
import org.apache.camel.Header;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * The history as a table, for questions: {@code federation_history(origin, number, at_ms, name, amount, text)}. It is filled
 * from the journal; how far it is lies in the same database, so each record is in it once. Any thread.
 */
public final class HistoryStore extends ContextLife {
    private static final int ROWS_MAX = 100_000;

    private final HikariDataSource dataSource;
    private final JdbcTemplate jdbc;
    private final TransactionTemplate transaction;

    HistoryStore(Path folder) {
        dataSource = Databases.open(DatabaseSettings.file(folder, "history"));
        Migrations.migrate(dataSource, "federation");
        jdbc = new JdbcTemplate(dataSource);
        transaction = new TransactionTemplate(new DataSourceTransactionManager(dataSource));
    }

    /** The database, for {@code sql:} endpoints. */
    public HikariDataSource dataSource() {
        return dataSource;
    }

    /** Puts entries of the journal in. */
    public void keep(@Body List<Entry> entries) {
        transaction.executeWithoutResult(status -> {
            Long known = jdbc.queryForObject("SELECT journal_position FROM federation_history_position", Long.class);
            long position = known == null ? 0 : known;
            List<Object[]> rows = new ArrayList<>();
            for (Entry entry : entries) {
                if (entry.position() > position) {
                    position = entry.last();
                    HistoryEntry.read(entry.payload()).records().forEach(item -> rows.add(row(item)));
                }
            }
            jdbc.batchUpdate(
                    "INSERT INTO federation_history (origin, number, at_ms, name, amount, text)"
                            + " VALUES (?, ?, ?, ?, ?, ?)",
                    rows);
            jdbc.update("UPDATE federation_history_position SET journal_position = ?", position);
        });
    }

    private static Object[] row(HistoryRecord item) {
        Double amount = Double.isNaN(item.value()) ? null : item.value();
        return new Object[] {item.origin(), item.number(), item.atMs(), item.name(), amount, item.text()};
    }

    /** The records of one name within a span of time, the oldest first, as CSV. */
    public String csv(
            @Header("name") String name,
            @Header("from") @Nullable Long fromMs,
            @Header("to") @Nullable Long toMs,
            @Header("limit") @Nullable Integer limit) {
        StringJoiner lines = new StringJoiner("\n", "at_ms,origin,number,name,amount,text\n", "\n");
        lines.setEmptyValue("at_ms,origin,number,name,amount,text\n");
        for (Map<String, Object> row : rows(name, fromMs, toMs, limit)) {
            lines.add(String.format(
                    Locale.ROOT,
                    "%s,%s,%s,%s,%s,%s",
                    row.get("at_ms"),
                    quoted(row.get("origin")),
                    row.get("number"),
                    quoted(row.get("name")),
                    row.get("amount") == null ? "" : row.get("amount"),
                    quoted(row.get("text"))));
        }
        return lines.toString();
    }

    private static String quoted(@Nullable Object value) {
        String text = value == null ? "" : value.toString();
        return text.matches("[^\",\\n\\r]*") ? text : "\"" + text.replace("\"", "\"\"") + "\"";
    }

    /**
     * A place between the records of a series.
     *
     * @param atMs the time of the record before it
     * @param origin the process that recorded it
     * @param number its number there
     */
    public record Place(long atMs, String origin, long number) {
        /** The place after a record, or before it on the way back. */
        public static Place of(HistoryRecord item) {
            return new Place(item.atMs(), item.origin(), item.number());
        }
    }

    /**
     * Records of one name, in the order of time.
     *
     * @param from where to begin, not counted
     * @param untilMs the time where to end, not counted
     * @param back whether to go back in time
     * @param limit the most records
     */
    public List<HistoryRecord> series(String name, Place from, long untilMs, boolean back, int limit) {
        String order = back ? "DESC" : "ASC";
        return jdbc.query(
                "SELECT origin, number, at_ms, name, amount, text FROM federation_history WHERE name = ?"
                        + (back
                                ? " AND at_ms <= ? AND at_ms > ? AND (at_ms, origin, number) < (?, ?, ?)"
                                : " AND at_ms >= ? AND at_ms < ? AND (at_ms, origin, number) > (?, ?, ?)")
                        + " ORDER BY at_ms " + order + ", origin " + order + ", number " + order + " LIMIT ?",
                (row, number) -> {
                    double amount = row.getDouble("amount");
                    return new HistoryRecord(
                            row.getString("origin"),
                            row.getLong("number"),
                            row.getLong("at_ms"),
                            row.getString("name"),
                            row.wasNull() ? Double.NaN : amount,
                            row.getString("text"));
                },
                name,
                from.atMs(),
                untilMs,
                from.atMs(),
                from.origin(),
                from.number(),
                Math.max(1, Math.min(limit, ROWS_MAX)));
    }

    /** A series as an SVG or PNG drawing: the last part of the path says which. */
    public byte[] chart(
            @Header("name") String name,
            @Header("from") @Nullable Long fromMs,
            @Header("to") @Nullable Long toMs,
            @Header("CamelHttpPath") String path) {
        return HistoryChart.draw(name, rows(name, fromMs, toMs, null), path.endsWith(".png"));
    }

    private List<Map<String, Object>> rows(
            String name, @Nullable Long fromMs, @Nullable Long toMs, @Nullable Integer limit) {
        return jdbc.queryForList(
                "SELECT at_ms, origin, number, name, amount, text FROM federation_history"
                        + " WHERE name = ? AND at_ms >= ? AND at_ms < ? ORDER BY at_ms, origin, number LIMIT ?",
                name,
                fromMs == null ? 0L : fromMs,
                toMs == null ? Long.MAX_VALUE : toMs,
                limit == null ? ROWS_MAX : Math.max(1, Math.min(limit, ROWS_MAX)));
    }

    @Override
    protected void lifeEnds() {
        dataSource.close();
    }
}
