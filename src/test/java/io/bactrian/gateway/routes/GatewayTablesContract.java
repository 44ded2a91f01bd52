package io.bactrian.gateway.routes;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import io.bactrian.gateway.core.Heartbeat;
import io.bactrian.gateway.core.Mapping;
import io.bactrian.support.database.DatabaseSettings;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the gateway's tables keep, whatever the database. */
abstract class GatewayTablesContract {
    private static final int THREADS = 4;
    private static final int ROUNDS = 10;

    private HikariDataSource dataSource;
    private HeartbeatTable heartbeats;

    /** A database without tables. */
    abstract DatabaseSettings settings() throws SQLException;

    @BeforeEach
    void open() throws SQLException {
        dataSource = GatewayDatabase.open(new DefaultCamelContext(), settings());
        heartbeats = new HeartbeatTable(dataSource);
    }

    @AfterEach
    void close() {
        heartbeats.close();
        dataSource.close();
    }

    private static Heartbeat heartbeat(long id, String location, long receivedMs, String data) {
        return new Heartbeat(id, location, "10.0.0.1", receivedMs, data);
    }

    @Test
    void aHeartbeatIsFoundByProducerAndByLocation() throws SQLException {
        Heartbeat one = heartbeat(1, "lab", 1_000, "{\"t\": 20.5, \"text\": \"ü'\"}");
        heartbeats.write(List.of(one));
        assertThat(heartbeats.find(1)).contains(one);
        assertThat(heartbeats.findAt("lab")).contains(one);
        assertThat(heartbeats.find(2)).isEmpty();
        assertThat(heartbeats.findAt("roof")).isEmpty();
    }

    @Test
    void everyColumnIsReplacedByALaterHeartbeatAndNoneByAnEarlierOne() throws SQLException {
        Heartbeat first = heartbeat(1, "lab", 1_000, "1");
        Heartbeat second = new Heartbeat(1, "roof", "10.0.0.2", 2_000, "2");
        heartbeats.write(List.of(first));
        heartbeats.write(List.of(second));
        assertThat(heartbeats.find(1)).contains(second);
        assertThat(heartbeats.findAt("lab")).isEmpty();
        heartbeats.write(List.of(first));
        assertThat(heartbeats.find(1)).contains(second);
        Heartbeat sameTime = heartbeat(1, "roof", 2_000, "3");
        heartbeats.write(List.of(sameTime));
        assertThat(heartbeats.find(1)).contains(sameTime);
    }

    @Test
    void ofSeveralInOneBatchTheLatestCounts() throws SQLException {
        Heartbeat late = heartbeat(1, "lab", 3_000, "3");
        heartbeats.write(List.of(heartbeat(1, "lab", 1_000, "1"), late, heartbeat(1, "lab", 2_000, "2")));
        assertThat(heartbeats.find(1)).contains(late);
        assertThat(heartbeats.findAt("lab")).contains(late);
    }

    /** As several workers do that share the database: batches of the same producers, in any order. */
    @Test
    void writersAtTheSameTimeDoNotDisturbEachOther() throws Exception {
        ExecutorService writers = Executors.newFixedThreadPool(THREADS);
        try {
            List<Callable<Void>> tasks = new ArrayList<>();
            for (int thread = 0; thread < THREADS; thread++) {
                int of = thread;
                tasks.add(() -> {
                    try (HeartbeatTable mine = new HeartbeatTable(dataSource)) {
                        for (int round = 0; round < ROUNDS; round++) {
                            List<Heartbeat> batch = new ArrayList<>();
                            for (int i = 0; i < 10; i++) {
                                long id = of % 2 == 0 ? i : 9 - i;
                                batch.add(heartbeat(id, "lab", round * THREADS + of, of + "/" + round));
                            }
                            mine.write(batch);
                        }
                    }
                    return null;
                });
            }
            for (Future<Void> done : writers.invokeAll(tasks)) {
                done.get();
            }
        } finally {
            writers.shutdownNow();
        }
        for (long id = 0; id < 10; id++) {
            assertThat(heartbeats.find(id))
                    .hasValueSatisfying(
                            newest -> assertThat(newest.data()).isEqualTo(THREADS - 1 + "/" + (ROUNDS - 1)));
        }
    }

    @Test
    void aBalancerFindsItsOwnWorkersAndMappings() throws SQLException {
        BalancerTable here = new BalancerTable(dataSource, "balancer-5000");
        BalancerTable other = new BalancerTable(dataSource, "balancer-5001");
        here.save(
                Map.of("http://a", Presence.HERE, "http://b", Presence.HERE),
                List.of(new Mapping(1, "http://a", 1, false)));
        here.save(
                Map.of("http://b", Presence.GONE, "http://a", Presence.DRAINING),
                List.of(new Mapping(1, "http://c", 2, false)));
        assertThat(here.workers()).isEqualTo(Map.of("http://a", Presence.DRAINING));
        assertThat(here.mappings()).containsExactly(new Mapping(1, "http://c", 2, true));
        assertThat(other.workers()).isEmpty();
        assertThat(other.mappings()).isEmpty();
    }
}
