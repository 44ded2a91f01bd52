package io.bactrian.gateway.routes;

import io.bactrian.gateway.core.Heartbeat;
import io.bactrian.support.database.DatabaseSync;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import javax.sql.DataSource;

/**
 * The newest heartbeat of each producer, in a table that several workers share. A row is only ever replaced by one that was
 * received at the same time or later, so a worker that writes late does no harm. Any thread.
 */
final class HeartbeatTable implements AutoCloseable {
    private static final String COLUMNS = "producer_id, location, address, received_ms, data";

    /**
     * All rows, the commit and the sync in one trip: H2 that another process serves would take one for each row of a JDBC batch, and
     * where the processor is busy, a trip takes longer than what is done at its end. A session that loses its server does not open
     * the file anew by itself while it is without auto-commit, so the sync is that of this commit.
     */
    private static final String MERGE_H2 = "merge into bactrian_heartbeat t using (select * from unnest("
            + "cast(? as bigint array), cast(? as varchar array), cast(? as varchar array), cast(? as bigint array),"
            + " cast(? as clob array)) as r(" + COLUMNS + ")) s on t.producer_id = s.producer_id"
            + " when matched and t.received_ms <= s.received_ms then update set location = s.location,"
            + " address = s.address, received_ms = s.received_ms, data = s.data"
            + " when not matched then insert (" + COLUMNS + ")"
            + " values (s.producer_id, s.location, s.address, s.received_ms, s.data);"
            + " commit; checkpoint sync";

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
    private final WritingConnection writing;

    /** The table in a database that has it. */
    HeartbeatTable(DataSource dataSource) {
        this.dataSource = dataSource;
        this.sync = DatabaseSync.of(dataSource);
        this.writing = new WritingConnection(dataSource, sync.needed() ? MERGE_H2 : UPSERT_POSTGRES);
    }

    /** Writes heartbeats in one transaction. Of a producer with several only the last is written. They are on disk then. */
    synchronized void write(List<Heartbeat> all) throws SQLException {
        // In the order of ids: two writers that lock rows in different orders would wait for each other.
        Map<Long, Heartbeat> newest = new TreeMap<>();
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
        if (sync.needed()) {
            writing.run((connection, merge) -> {
                array(merge, 1, heartbeats, Heartbeat::id);
                array(merge, 2, heartbeats, Heartbeat::location);
                array(merge, 3, heartbeats, Heartbeat::address);
                array(merge, 4, heartbeats, Heartbeat::receivedMs);
                array(merge, 5, heartbeats, Heartbeat::data);
                merge.executeUpdate();
            });
        } else {
            writing.run((connection, upsert) -> {
                for (Heartbeat heartbeat : heartbeats) {
                    fill(upsert, heartbeat);
                    upsert.addBatch();
                }
                upsert.executeBatch();
                sync.commit(connection);
            });
        }
    }

    private static void array(
            PreparedStatement statement, int index, Collection<Heartbeat> rows, Function<Heartbeat, Object> column)
            throws SQLException {
        statement.setObject(index, rows.stream().map(column).toArray());
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

    /** Gives the connection of the writer back. */
    @Override
    public synchronized void close() {
        writing.close();
    }
}
