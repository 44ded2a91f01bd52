package io.bactrian.discovery.routes;

import com.zaxxer.hikari.HikariDataSource;
import io.bactrian.discovery.core.NodeStatus;
import io.bactrian.discovery.core.Registration;
import io.bactrian.discovery.core.RequestRefusedException;
import io.bactrian.support.database.DatabaseSettings;
import io.bactrian.support.database.Databases;
import io.bactrian.support.database.Migrations;
import io.bactrian.support.database.StoreException;
import io.bactrian.support.database.Upsert;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.JdbcTemplate;

/** The registry in the database, so that a router that starts again knows what it had in its care. Thread-safe. */
final class NodeStore implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(NodeStore.class);
    private static final String COLUMNS =
            "kind, name, host, port, node_group, channel, capabilities, metadata, instance,"
                    + " lease_ms, ping_port, covers, status, in_care, first_seen_ms, last_seen_ms";

    private final HikariDataSource dataSource;
    private final JdbcTemplate jdbc;

    /** A node as it is kept. */
    record StoredNode(Registration node, NodeStatus status, boolean inCare, long firstSeenMs, long lastSeenMs) {}

    private NodeStore(HikariDataSource dataSource) {
        this.dataSource = dataSource;
        jdbc = new JdbcTemplate(dataSource);
    }

    /** Opens it and brings its tables up to date. @throws StoreException if it cannot be opened */
    static NodeStore open(DatabaseSettings settings) {
        HikariDataSource dataSource = Databases.open(settings);
        try {
            Migrations.migrate(dataSource, "discovery");
            return new NodeStore(dataSource);
        } catch (RuntimeException e) {
            dataSource.close();
            throw e;
        }
    }

    /** Who this router is: the id that is wanted, or one that is made once. The incarnation is higher each time. */
    record Identity(String id, long incarnation) {}

    Identity begin(String wantedId) {
        List<Identity> stored = jdbc.query(
                "select id, incarnation from bactrian_router where one = 1",
                (row, n) -> new Identity(row.getString(1), row.getLong(2)));
        String id = wantedId;
        if (id.isEmpty()) {
            id = stored.isEmpty()
                    ? "router-" + UUID.randomUUID().toString().substring(0, 8)
                    : stored.get(0).id();
        }
        long incarnation = stored.isEmpty() ? 1 : stored.get(0).incarnation() + 1;
        if (stored.isEmpty()) {
            jdbc.update("insert into bactrian_router (one, id, incarnation) values (1, ?, ?)", id, incarnation);
        } else {
            if (!id.equals(stored.get(0).id())) {
                LOG.warn(
                        "the database is that of router id={} so far, and its nodes are those of id={} now; two routers that run"
                                + " need a database each",
                        stored.get(0).id(),
                        id);
            }
            jdbc.update("update bactrian_router set id = ?, incarnation = ? where one = 1", id, incarnation);
        }
        return new Identity(id, incarnation);
    }

    /** All nodes; a row that does not fit any more is left out and logged. */
    List<StoredNode> load() {
        List<StoredNode> all = new ArrayList<>();
        jdbc.query("select id, " + COLUMNS + " from bactrian_node order by id", row -> {
            read(row).ifPresent(all::add);
        });
        return all;
    }

    private static Optional<StoredNode> read(ResultSet row) throws SQLException {
        try {
            Registration node = new Registration(
                    row.getString("id"),
                    row.getString("kind"),
                    row.getString("name"),
                    row.getString("host"),
                    row.getInt("port"),
                    row.getString("node_group"),
                    row.getString("channel"),
                    RegistrationJson.list(row.getString("capabilities")),
                    RegistrationJson.map(row.getString("metadata")),
                    row.getString("instance"),
                    row.getLong("lease_ms"),
                    row.getInt("ping_port"),
                    RegistrationJson.list(row.getString("covers")));
            return Optional.of(new StoredNode(
                    node,
                    NodeStatus.valueOf(row.getString("status")),
                    row.getBoolean("in_care"),
                    row.getLong("first_seen_ms"),
                    row.getLong("last_seen_ms")));
        } catch (RequestRefusedException | IllegalArgumentException e) {
            LOG.warn(
                    "a node is left out that cannot be read from the database: id={} reason={}",
                    row.getString("id"),
                    e.getMessage());
            return Optional.empty();
        }
    }

    /** Writes nodes that have changed and removes others. @throws StoreException if it cannot be written */
    void save(Collection<StoredNode> changed, Collection<String> gone) {
        try {
            Upsert.run(
                    jdbc,
                    List.copyOf(changed),
                    "update bactrian_node set kind = ?, name = ?, host = ?, port = ?, node_group = ?, channel = ?,"
                            + " capabilities = ?, metadata = ?, instance = ?, lease_ms = ?, ping_port = ?, covers = ?,"
                            + " status = ?, in_care = ?, first_seen_ms = ?, last_seen_ms = ? where id = ?",
                    NodeStore::columns,
                    "insert into bactrian_node (" + COLUMNS
                            + ", id) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    NodeStore::columns);
            if (!gone.isEmpty()) {
                jdbc.batchUpdate(
                        "delete from bactrian_node where id = ?",
                        gone.stream().map(id -> new Object[] {id}).toList());
            }
        } catch (DataAccessException e) {
            throw new StoreException("Cannot write the registry to the database: " + e.getMessage(), e);
        }
    }

    private static Object[] columns(StoredNode stored) {
        Registration node = stored.node();
        return new Object[] {
            node.kind(),
            node.name(),
            node.host(),
            node.port(),
            node.group(),
            node.channel(),
            RegistrationJson.text(node.capabilities()),
            RegistrationJson.text(node.sortedMetadata()),
            node.instance(),
            node.leaseMs(),
            node.pingPort(),
            RegistrationJson.text(node.covers()),
            stored.status().name(),
            stored.inCare(),
            stored.firstSeenMs(),
            stored.lastSeenMs(),
            node.id()
        };
    }

    @Override
    public void close() {
        dataSource.close();
    }
}
