package io.bactrian.gateway.routes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.zaxxer.hikari.HikariDataSource;
import io.bactrian.support.database.DatabaseSettings;
import io.bactrian.support.database.Databases;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A database that answers nobody: whoever needs it waits, and nobody else does. */
@Tag("system")
class BlockedDatabaseTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int THREADS = 2;

    /** More than there are threads, and enough that each event loop has some. */
    private static final int BLOCKED = 8;

    @TempDir
    Path data;

    private final HttpCalls http = new HttpCalls();

    @Test
    void redirectsReadsFromMemoryAndHeartbeatsGoOn() throws Exception {
        String threads = "bactrian.gateway.threads=" + THREADS;
        try (GatewayNode balancer = GatewayNode.balancer(data, threads);
                GatewayNode worker = GatewayNode.worker(
                        data, List.of(balancer), threads, "bactrian.gateway.worker.flush.interval=1h");
                HikariDataSource database = Databases.open(DatabaseSettings.shared(data, "gateway"));
                Connection connection = database.getConnection();
                Statement statement = connection.createStatement()) {
            await().atMost(PATIENCE)
                    .until(() -> http.answer(balancer.address() + "/register/1").startsWith("200"));
            await().atMost(PATIENCE).until(() -> isInMemoryOnly(worker, statement));
            statement.execute("set exclusive 1");
            List<CompletableFuture<HttpResponse<String>>> waiting = IntStream.range(0, BLOCKED)
                    .mapToObj(i -> ask(worker, 100 + i))
                    .toList();
            for (int number = 1; number <= 2 * BLOCKED; number++) {
                // Clients of their own: each has a new connection, which any event loop may get.
                HttpCalls other = new HttpCalls();
                assertThat(other.get(balancer.address() + "/get_data/1").statusCode())
                        .isEqualTo(302);
                assertThat(other.heartbeat(worker.address(), 1, "lab", "" + number))
                        .startsWith("200");
                assertThat(other.consume(balancer, 1)).isEqualTo("" + number);
            }
            assertThat(waiting).as("those who need the database").noneMatch(CompletableFuture::isDone);
            statement.execute("set exclusive 0");
            for (CompletableFuture<HttpResponse<String>> each : waiting) {
                assertThat(each.get().statusCode()).isEqualTo(400);
            }
        }
    }

    /** Whether a heartbeat is answered before the table has it, because the balancer has granted its producer. */
    private boolean isInMemoryOnly(GatewayNode worker, Statement statement) throws Exception {
        String number = "" + System.nanoTime();
        assertThat(http.heartbeat(worker.address(), 1, "lab", number)).startsWith("200");
        return !number.equals(written(statement));
    }

    private static String written(Statement statement) throws SQLException {
        try (ResultSet row =
                statement.executeQuery("select cast(data as varchar) from bactrian_heartbeat where producer_id = 1")) {
            return row.next() ? row.getString(1) : "";
        }
    }

    private static CompletableFuture<HttpResponse<String>> ask(GatewayNode worker, int id) {
        return HttpClient.newHttpClient()
                .sendAsync(
                        HttpRequest.newBuilder(URI.create(worker.address() + "/get_data/" + id))
                                .build(),
                        BodyHandlers.ofString());
    }
}
