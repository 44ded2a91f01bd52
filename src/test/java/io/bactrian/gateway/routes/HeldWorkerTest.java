package io.bactrian.gateway.routes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.bactrian.testing.Ports;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A worker as a process that is held (SIGSTOP) for longer than its lease: its connections stay open, but it answers nobody. */
@Tag("slow")
class HeldWorkerTest {
    private static final Duration PATIENCE = Duration.ofSeconds(90);

    @TempDir
    Path folder;

    private final HttpCalls http = new HttpCalls();

    @Test
    void itsProducersGoOnElsewhereAndItAnswersWithNothingOldWhenItGoesOn() throws Exception {
        try (GatewayNode balancer = GatewayNode.balancer(
                        folder.resolve("data"),
                        "bactrian.gateway.balancer.probe.timeout=1500ms",
                        "bactrian.gateway.balancer.lease=2500ms");
                GatewayProcess held = GatewayProcess.start(
                        folder,
                        "worker",
                        Ports.free(),
                        "localhost",
                        Integer.toString(balancer.port()),
                        "--flush",
                        "always")) {
            held.awaitListening();
            awaitWorker(balancer, held.address());
            assertThat(http.heartbeat(held.address(), 1, "lab", "1")).startsWith("200");
            try (GatewayNode other = GatewayNode.worker(folder.resolve("data"), List.of(balancer))) {
                held.signal("STOP");
                awaitRedirect(balancer, other.address());
                assertThat(http.consume(balancer, 1))
                        .as("what the held one has written")
                        .isEqualTo("1");
                assertThat(http.heartbeat(other.address(), 1, "lab", "2")).startsWith("200");
                held.signal("CONT");
                assertThat(http.get(held.address() + "/get_data/1").body())
                        .as("the held one asks the table, because its lease is over")
                        .endsWith("\"data\":2}");
                assertThat(http.consume(balancer, 1)).isEqualTo("2");
                awaitWorker(balancer, held.address());
                assertThat(http.heartbeat(held.address(), 1, "lab", "3")).startsWith("200");
                assertThat(http.consume(balancer, 1)).isEqualTo("3");
            }
        }
    }

    /** Waits until the producer is given a worker. */
    private void awaitWorker(GatewayNode balancer, String worker) {
        await().atMost(PATIENCE)
                .ignoreExceptions()
                .until(() -> http.register(balancer, 1).equals(worker));
    }

    private void awaitRedirect(GatewayNode balancer, String worker) {
        await().atMost(PATIENCE)
                .until(() -> http.get(balancer.address() + "/get_data/1")
                        .headers()
                        .firstValue("Location")
                        .orElse("")
                        .startsWith(worker));
    }
}
