package io.bactrian.gateway.routes;

import io.bactrian.gateway.core.Mapping;
import io.bactrian.support.database.DatabaseSync;
import io.bactrian.support.database.Upsert;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.sql.DataSource;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.SingleConnectionDataSource;

/** Workers and mappings of a balancer, so that it goes on where it was after a restart. Any thread. */
final class BalancerTable {
    /** All rows in one statement: H2 that another process serves takes a round trip for each row of a JDBC batch. */
    private static final String MERGE_H2 = "merge into bactrian_balancer_producer t using (select cast(? as varchar) as"
            + " balancer, r.* from unnest(cast(? as bigint array), cast(? as varchar array), cast(? as bigint array))"
            + " as r(producer_id, worker, version)) s on t.balancer = s.balancer and t.producer_id = s.producer_id"
            + " when matched then update set worker = s.worker, version = s.version"
            + " when not matched then insert (balancer, producer_id, worker, version)"
            + " values (s.balancer, s.producer_id, s.worker, s.version)";

    private final DataSource dataSource;
    private final DatabaseSync sync;
    private final JdbcTemplate jdbc;
    private final String balancer;

    BalancerTable(DataSource dataSource, String balancer) {
        this.dataSource = dataSource;
        this.sync = DatabaseSync.of(dataSource);
        this.jdbc = new JdbcTemplate(dataSource);
        this.balancer = balancer;
    }

    /** The workers that have not left. */
    Map<String, Presence> workers() {
        Map<String, Presence> workers = new LinkedHashMap<>();
        jdbc.query(
                "select worker, draining from bactrian_balancer_worker where balancer = ? order by worker",
                row -> {
                    workers.put(row.getString(1), row.getBoolean(2) ? Presence.DRAINING : Presence.HERE);
                },
                balancer);
        return workers;
    }

    /** Mappings as they were, all of them taken for granted: nobody knows any more what the balancer had said. */
    List<Mapping> mappings() {
        return jdbc.query(
                "select producer_id, worker, version from bactrian_balancer_producer where balancer = ?",
                (row, number) -> new Mapping(row.getLong(1), row.getString(2), row.getLong(3), true),
                balancer);
    }

    /**
     * Adds and removes workers, and changes mappings, in one transaction. It is on disk then.
     *
     * @throws SQLException or an exception of Spring if it may be lost
     */
    void save(Map<String, Presence> workers, List<Mapping> mappings) throws SQLException {
        try (Connection connection = dataSource.getConnection()) {
            connection.setAutoCommit(false);
            try {
                JdbcTemplate all = new JdbcTemplate(new SingleConnectionDataSource(connection, true));
                saveWorkers(all, workers);
                saveMappings(all, mappings);
                sync.commit(connection);
            } catch (SQLException | RuntimeException e) {
                connection.rollback();
                throw e;
            } finally {
                connection.setAutoCommit(true);
            }
        }
    }

    private void saveWorkers(JdbcTemplate all, Map<String, Presence> workers) {
        workers.forEach((worker, presence) -> {
            all.update("delete from bactrian_balancer_worker where balancer = ? and worker = ?", balancer, worker);
            if (presence != Presence.GONE) {
                all.update(
                        "insert into bactrian_balancer_worker (balancer, worker, draining) values (?, ?, ?)",
                        balancer,
                        worker,
                        presence == Presence.DRAINING);
            }
        });
    }

    private void saveMappings(JdbcTemplate all, List<Mapping> mappings) {
        if (mappings.isEmpty()) {
            return;
        }
        if (sync.needed()) {
            all.update(
                    MERGE_H2,
                    balancer,
                    mappings.stream().map(Mapping::id).toArray(),
                    mappings.stream().map(Mapping::worker).toArray(),
                    mappings.stream().map(Mapping::version).toArray());
            return;
        }
        Upsert.run(
                all,
                mappings,
                "update bactrian_balancer_producer set worker = ?, version = ? where balancer = ? and producer_id = ?",
                mapping -> new Object[] {mapping.worker(), mapping.version(), balancer, mapping.id()},
                "insert into bactrian_balancer_producer (worker, version, balancer, producer_id) values (?, ?, ?, ?)",
                mapping -> new Object[] {mapping.worker(), mapping.version(), balancer, mapping.id()});
    }
}
