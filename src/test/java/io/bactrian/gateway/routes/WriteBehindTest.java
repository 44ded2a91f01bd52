package io.bactrian.gateway.routes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.zaxxer.hikari.HikariDataSource;
import io.bactrian.support.database.DatabaseSettings;
import io.bactrian.support.database.Databases;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Properties;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** When a running worker writes what it has in memory only. */
@Tag("system")
class WriteBehindTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final String NEVER_BY_TIME = "bactrian.gateway.worker.flush.interval=1h";
    private static final String NEVER_BY_NUMBER = "bactrian.gateway.worker.flush.count=100000";

    private static final int COUNT = 15;

    @TempDir
    Path data;

    private final HttpCalls http = new HttpCalls();

    /** Posts until a heartbeat is answered before the table has it; its number. */
    private String postToMemory(GatewayNode worker, HikariDataSource table, long id) {
        String[] number = new String[1];
        await().atMost(PATIENCE).until(() -> {
            number[0] = "" + System.nanoTime();
            assertThat(http.heartbeat(worker.address(), id, "lab", number[0])).startsWith("200");
            return !number[0].equals(written(table, id));
        });
        return number[0];
    }

    private static String written(HikariDataSource table, long id) throws SQLException {
        try (Connection connection = table.getConnection();
                PreparedStatement select = connection.prepareStatement(
                        "select cast(data as varchar) from bactrian_heartbeat where producer_id = ?")) {
            select.setLong(1, id);
            try (ResultSet row = select.executeQuery()) {
                return row.next() ? row.getString(1) : "";
            }
        }
    }

    private void register(GatewayNode balancer, GatewayNode worker, long id) {
        await().atMost(PATIENCE)
                .ignoreExceptions()
                .until(() -> http.register(balancer, id).equals(worker.address()));
    }

    @Test
    void itWritesByTime() throws Exception {
        try (GatewayNode balancer = GatewayNode.balancer(data);
                GatewayNode worker = GatewayNode.worker(
                        data, List.of(balancer), "bactrian.gateway.worker.flush.interval=300ms", NEVER_BY_NUMBER);
                HikariDataSource table = Databases.open(DatabaseSettings.shared(data, "gateway"))) {
            register(balancer, worker, 1);
            String number = postToMemory(worker, table, 1);
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(written(table, 1)).isEqualTo(number));
        }
    }

    @Test
    void byDefaultItWritesEach20SecondsOrAtAHundred() throws IOException {
        Properties shipped = new Properties();
        try (Reader file = Files.newBufferedReader(Path.of("config/application.properties"))) {
            shipped.load(file);
        }
        assertThat(shipped)
                .containsEntry("bactrian.gateway.worker.flush.interval", "20s")
                .containsEntry("bactrian.gateway.worker.flush.count", "100");
    }

    @Test
    void itWritesWhenSoManyProducersHaveChanged() throws Exception {
        try (GatewayNode balancer = GatewayNode.balancer(data);
                GatewayNode worker = GatewayNode.worker(
                        data, List.of(balancer), NEVER_BY_TIME, "bactrian.gateway.worker.flush.count=" + COUNT);
                HikariDataSource table = Databases.open(DatabaseSettings.shared(data, "gateway"))) {
            register(balancer, worker, 1);
            String number = postToMemory(worker, table, 1);
            for (long id = 2; id <= COUNT; id++) {
                register(balancer, worker, id);
            }
            for (long id = 2; id <= COUNT; id++) {
                String posted = postToMemoryOrSee(worker, table, id, number);
                if (posted.isEmpty()) {
                    break;
                }
            }
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(written(table, 1)).isEqualTo(number));
        }
    }

    /** Posts until a heartbeat of a further producer is in memory only, or the first one's is written. */
    private String postToMemoryOrSee(GatewayNode worker, HikariDataSource table, long id, String first) {
        String[] number = {""};
        await().atMost(PATIENCE).until(() -> {
            number[0] = "" + System.nanoTime();
            assertThat(http.heartbeat(worker.address(), id, "lab", number[0])).startsWith("200");
            if (first.equals(written(table, 1))) {
                number[0] = "";
                return true;
            }
            return !number[0].equals(written(table, id));
        });
        return number[0];
    }
}
