package io.bactrian.gateway.routes;

import io.bactrian.gateway.core.Heartbeat;
import io.bactrian.support.database.DatabaseSync;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.sql.DataSource;

/**
 * The newest heartbeat of each producer, in a table that several workers share. A row is only ever replaced by one that was
 * received at the same time or later, so a worker that writes late does no harm. Any thread.
 */
final class HeartbeatTable {
    private static final String COLUMNS = "producer_id, location, address, received_ms, data";
    private static final String UPDATE =
            "update bactrian_heartbeat set location = ?, address = ?, received_ms = ?, data = ?"
                    + " where producer_id = ? and received_ms <= ?";
    private static final String INSERT_H2 = "insert into bactrian_heartbeat (" + COLUMNS + ") select ?, ?, ?, ?, ?"
            + " where not exists (select 1 from bactrian_heartbeat where producer_id = ?)";
    private static final String UPSERT_POSTGRES =
            "insert into bactrian_heartbeat (" + COLUMNS + ") values (?, ?, ?, ?, ?)"
                    + " on conflict (producer_id) do update set location = excluded.location, address = excluded.address,"
                    + " received_ms = excluded.received_ms, data = excluded.data"
                    + " where bactrian_heartbeat.received_ms <= excluded.received_ms";
    private static final String FIND = "select " + COLUMNS + " from bactrian_heartbeat where producer_id = ?";
    private static final String FIND_AT = "select " + COLUMNS
            + " from bactrian_heartbeat where location = ? order by received_ms desc fetch first 1 row only";
    private static final int ATTEMPTS = 3;

    private final DataSource dataSource;
    private final DatabaseSync sync;

    /** The table in a database that has it. */
    HeartbeatTable(DataSource dataSource) {
        this.dataSource = dataSource;
        this.sync = DatabaseSync.of(dataSource);
    }

    /** Writes heartbeats in one transaction. Of a producer with several only the last is written. They are on disk then. */
    void write(List<Heartbeat> all) throws SQLException {
        Map<Long, Heartbeat> newest = new LinkedHashMap<>();
        all.forEach(heartbeat -> newest.merge(
                heartbeat.id(), heartbeat, (old, next) -> next.receivedMs() >= old.receivedMs() ? next : old));
        Collection<Heartbeat> heartbeats = newest.values();
        for (int attempt = 1; ; attempt++) {
            try {
                writeOnce(heartbeats);
                return;
            } catch (SQLException e) {
                // Another worker has inserted the same producer, or two batches hold rows crosswise.
                boolean again = e.getSQLState() != null && e.getSQLState().matches("23505|40001|40P01");
                if (!again || attempt == ATTEMPTS) {
                    throw e;
                }
            }
        }
    }

    private void writeOnce(Collection<Heartbeat> heartbeats) throws SQLException {
        try (Connection connection = dataSource.getConnection()) {
            connection.setAutoCommit(false);
            try {
                if (sync.needed()) {
                    updateThenInsert(connection, heartbeats);
                } else {
                    upsert(connection, heartbeats);
                }
                sync.commit(connection);
            } catch (SQLException e) {
                connection.rollback();
                throw e;
            } finally {
                connection.setAutoCommit(true);
            }
        }
    }

    private static void updateThenInsert(Connection connection, Collection<Heartbeat> heartbeats) throws SQLException {
        int[] updated;
        try (PreparedStatement update = connection.prepareStatement(UPDATE)) {
            for (Heartbeat heartbeat : heartbeats) {
                update.setString(1, heartbeat.location());
                update.setString(2, heartbeat.address());
                update.setLong(3, heartbeat.receivedMs());
                update.setString(4, heartbeat.data());
                update.setLong(5, heartbeat.id());
                update.setLong(6, heartbeat.receivedMs());
                update.addBatch();
            }
            updated = update.executeBatch();
        }
        boolean missing = false;
        try (PreparedStatement insert = connection.prepareStatement(INSERT_H2)) {
            int row = 0;
            for (Heartbeat heartbeat : heartbeats) {
                if (updated[row++] == 0) {
                    missing = true;
                    fill(insert, heartbeat);
                    insert.setLong(6, heartbeat.id());
                    insert.addBatch();
                }
            }
            if (missing) {
                insert.executeBatch();
            }
        }
    }

    private static void upsert(Connection connection, Collection<Heartbeat> heartbeats) throws SQLException {
        try (PreparedStatement upsert = connection.prepareStatement(UPSERT_POSTGRES)) {
            for (Heartbeat heartbeat : heartbeats) {
                fill(upsert, heartbeat);
                upsert.addBatch();
            }
            upsert.executeBatch();
        }
    }

    private static void fill(PreparedStatement statement, Heartbeat heartbeat) throws SQLException {
        statement.setLong(1, heartbeat.id());
        statement.setString(2, heartbeat.location());
        statement.setString(3, heartbeat.address());
        statement.setLong(4, heartbeat.receivedMs());
        statement.setString(5, heartbeat.data());
    }

    /** The newest heartbeat of a producer that is written. */
    Optional<Heartbeat> find(long id) throws SQLException {
        try (Connection connection = dataSource.getConnection();
                PreparedStatement select = connection.prepareStatement(FIND)) {
            select.setLong(1, id);
            return first(select);
        }
    }

    /** The newest heartbeat of a location that is written. */
    Optional<Heartbeat> findAt(String location) throws SQLException {
        try (Connection connection = dataSource.getConnection();
                PreparedStatement select = connection.prepareStatement(FIND_AT)) {
            select.setString(1, location);
            return first(select);
        }
    }

    private static Optional<Heartbeat> first(PreparedStatement select) throws SQLException {
        try (ResultSet row = select.executeQuery()) {
            return row.next()
                    ? Optional.of(new Heartbeat(
                            row.getLong(1), row.getString(2), row.getString(3), row.getLong(4), row.getString(5)))
                    : Optional.empty();
        }
    }
}
