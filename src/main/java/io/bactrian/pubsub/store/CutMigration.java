package io.bactrian.pubsub.store;

import io.bactrian.support.database.Migrations;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.sql.DataSource;

/**
 * Mends what a process that was killed in a migration has left in H2, which has no transactions for changes of tables: each
 * statement counts at once, and one that adds a column makes a copy of the table first, with foreign keys of its own.
 */
final class CutMigration {
    private static final Pattern COPY = Pattern.compile("(BACTRIAN_\\w+)_COPY_\\d+_\\d+");
    private static final String HISTORY = Migrations.historyTable(HubStore.CAPABILITY);

    /** Which rows are not those that the first migration itself puts there. */
    private static final Map<String, String> FIRST =
            Map.of("bactrian_counter", " where last_value <> 0", "bactrian_checkpoint", " where last_position <> 0");

    private CutMigration() {}

    /** Makes it so that the migrations that are not done yet can be done; nothing in other databases. */
    static void clear(DataSource dataSource) throws SQLException {
        try (Connection connection = dataSource.getConnection();
                Statement statement = connection.createStatement()) {
            if (!"H2".equals(connection.getMetaData().getDatabaseProductName())) {
                return;
            }
            String tables = "select table_name from information_schema.tables where table_schema = current_schema";
            Set<String> names = strings(statement, tables);
            for (String name : names) {
                Matcher copy = COPY.matcher(name);
                if (copy.matches()) {
                    // The table itself goes only when its copy is whole.
                    statement.execute(
                            names.contains(copy.group(1))
                                    ? "drop table " + name + " cascade"
                                    : "alter table " + name + " rename to " + copy.group(1));
                }
            }
            Set<String> done = names.contains(HISTORY)
                    ? strings(statement, "select \"version\" from \"" + HISTORY + "\" where \"success\"")
                    : Set.of();
            if (!done.contains("1")) {
                dropUnused(statement, names);
            } else if (!done.contains("2")) {
                statement.execute("alter table bactrian_subscriber drop column if exists passed_to");
                statement.execute("alter table bactrian_subscriber drop column if exists had_to");
            }
        }
    }

    /** Nothing is dropped if anything was written: then it was not the first migration that was cut. */
    private static void dropUnused(Statement statement, Set<String> names) throws SQLException {
        List<String> ours = HubStore.exported().stream()
                .filter(table -> names.contains(table.toUpperCase(Locale.ROOT)))
                .toList();
        for (String table : ours) {
            String first = FIRST.getOrDefault(table, "");
            if (!strings(statement, "select 1 from " + table + first).isEmpty()) {
                return;
            }
        }
        for (String table : ours) {
            statement.execute("drop table " + table + " cascade");
        }
    }

    private static Set<String> strings(Statement statement, String query) throws SQLException {
        Set<String> strings = new HashSet<>();
        try (ResultSet rows = statement.executeQuery(query)) {
            while (rows.next()) {
                strings.add(String.valueOf(rows.getString(1)));
            }
        }
        return strings;
    }
}
