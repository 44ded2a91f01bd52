package io.bactrian.gateway.routes;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import io.bactrian.gateway.core.Heartbeat;
import io.bactrian.gateway.core.Leases;
import io.bactrian.support.database.DatabaseSettings;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A worker's memory and table. */
@Timeout(600)
class WorkerStoreTest {
    private static final long LEASE_MS = 600_000;
    private static final int PORT = 6000;

    @TempDir
    Path folder;

    @Test
    void whatIsInMemoryOnlyOfALocationIsFoundOnceItIsWritten() throws Exception {
        try (HikariDataSource opened =
                GatewayDatabase.open(new DefaultCamelContext(), DatabaseSettings.file(folder, "gateway"))) {
            HeartbeatTable table = new HeartbeatTable(opened);
            GroupWriter<Heartbeat> queue = new GroupWriter<>(table::write);
            Thread writing = new Thread(queue::run);
            writing.start();
            Leases leases = new Leases(List.of("balancer"), new ConcurrentHashMap<>(), 10, 0);
            boolean unused = leases.renewed("balancer", 0, LEASE_MS, 0);
            WorkerStore store = new WorkerStore(
                    new WorkerSettings(
                            10, false, LEASE_MS, 100, List.of("balancer"), List.of(PORT), "http", 1, 10, 1_000, ""),
                    table,
                    queue,
                    leases,
                    () -> 1);
            store.put(heartbeat(1, "1"), PORT).join();
            assertThat(leases.claim(PORT, 10)).containsExactly(7L);
            store.grant(List.of(7L));
            store.put(heartbeat(2, "2"), PORT).join();
            assertThat(store.unwritten()).isEqualTo(1);

            assertThat(store.findAt("lab")).map(Heartbeat::data).contains("1");

            store.flushAt(Set.of("hall")).join();
            assertThat(store.unwritten()).isEqualTo(1);
            store.flushAt(Set.of("hall", "lab")).join();
            assertThat(store.findAt("lab")).map(Heartbeat::data).contains("2");
            assertThat(store.unwritten()).isZero();
            assertThat(store.look(7).found()).as("still in memory").isNotNull();

            queue.stop();
            writing.join();
            table.close();
        }
    }

    private static Heartbeat heartbeat(long receivedMs, String data) {
        return new Heartbeat(7, "lab", "10.0.0.1", receivedMs, data);
    }
}
