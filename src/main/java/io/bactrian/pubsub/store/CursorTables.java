package io.bactrian.pubsub.store;

import io.bactrian.support.database.StoreException;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.transaction.support.TransactionTemplate;

/** The tables of {@link CursorStore}: how they are made, and how those of older versions are brought to this one. */
final class CursorTables {
    /**
     * A table.
     *
     * @param probe statements that work if it is as it must be; what they write is taken back
     * @param changes what makes it of one of an older version: each is tried until the probe works, as databases differ
     */
    private record Table(String name, List<String> probe, String create, List<List<String>> changes) {
        List<List<String>> attempts() {
            return Stream.concat(Stream.of(List.of(create)), changes.stream()).toList();
        }
    }

    private static final Table CURSORS = new Table(
            "bactrian_cursor",
            List.of("select subscriber, generation, log_epoch, position, output_length, updated"
                    + " from bactrian_cursor where 1 = 0"),
            """
            create table if not exists bactrian_cursor (
                subscriber varchar(255) primary key,
                generation bigint not null,
                log_epoch bigint not null,
                position bigint not null,
                output_length bigint,
                updated timestamp with time zone not null
            )""",
            List.of());

    private static final String INSERT_PROCESSED =
            "insert into bactrian_processed (subscriber, publisher, topic, epoch, last_sequence, log_epoch, position) values ";

    private static final String NEW_KEY =
            "alter table bactrian_processed add primary key (subscriber, publisher, topic, epoch)";

    /** An older version kept one epoch of each publisher and topic, so its key had none. */
    private static final Table PROCESSED = new Table(
            "bactrian_processed",
            List.of(
                    "delete from bactrian_processed where subscriber = ''",
                    INSERT_PROCESSED + "('', '', '', 1, 1, 1, 1)",
                    INSERT_PROCESSED + "('', '', '', 2, 1, 1, 1)"),
            """
            create table if not exists bactrian_processed (
                subscriber varchar(255) not null,
                publisher varchar(255) not null,
                topic varchar(255) not null,
                epoch bigint not null,
                last_sequence bigint not null,
                log_epoch bigint not null,
                position bigint not null,
                primary key (subscriber, publisher, topic, epoch)
            )""",
            List.of(
                    List.of("alter table bactrian_processed drop primary key", NEW_KEY),
                    List.of("alter table bactrian_processed drop constraint bactrian_processed_pkey", NEW_KEY)));

    private static final Table PATTERNS = new Table(
            "bactrian_pattern",
            List.of("select subscriber, kind, pattern, log_epoch, start_position from bactrian_pattern where 1 = 0"),
            """
            create table if not exists bactrian_pattern (
                subscriber varchar(255) not null,
                kind integer not null,
                pattern varchar(255) not null,
                log_epoch bigint not null,
                start_position bigint default 0 not null,
                primary key (subscriber, kind, pattern)
            )""",
            List.of(List.of("alter table bactrian_pattern add column start_position bigint default 0 not null")));

    private static final List<Table> ALL = List.of(CURSORS, PROCESSED, PATTERNS);

    private final JdbcTemplate jdbc;
    private final TransactionTemplate transactions;

    CursorTables(JdbcTemplate jdbc, TransactionTemplate transactions) {
        this.jdbc = jdbc;
        this.transactions = transactions;
    }

    static List<String> createStatements() {
        return ALL.stream().map(Table::create).toList();
    }

    /**
     * Makes sure that all are there, as they must be.
     *
     * @throws StoreException if one is not, and cannot be made so
     */
    void create() {
        ALL.forEach(this::create);
    }

    private void create(Table table) {
        DataAccessException still = probe(table);
        DataAccessException refused = null;
        for (List<String> attempt : table.attempts()) {
            if (still == null) {
                return;
            }
            try {
                transactions.executeWithoutResult(status -> attempt.forEach(jdbc::execute));
            } catch (DataAccessException e) {
                // Another process may have done it in the same moment; the next look decides.
                refused = e;
            }
            still = probe(table);
        }
        if (still != null) {
            throw new StoreException(
                    "The table " + table.name()
                            + " for cursors is missing, or lacks a column or has an older key, and could not be made: "
                            + (refused == null ? still : refused).getMessage(),
                    refused == null ? still : refused);
        }
    }

    private @Nullable DataAccessException probe(Table table) {
        try {
            transactions.executeWithoutResult(status -> {
                status.setRollbackOnly();
                table.probe().forEach(jdbc::execute);
            });
            return null;
        } catch (DataAccessException e) {
            return e;
        }
    }
}
