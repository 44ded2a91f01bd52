package io.bactrian.gateway.routes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Outlier ejection and slow start of a running balancer, over HTTP servers that stand for workers. */
@Tag("system")
class WorkerOutliersTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final String EJECTIONS = "balancer_worker_ejections_total";

    @TempDir
    Path data;

    private final HttpCalls http = new HttpCalls();
    private final List<Worker> workers = new ArrayList<>();

    /** A worker that answers each probe with a status that the test chooses. */
    private static final class Worker {
        private final HttpServer server;
        private final AtomicInteger status = new AtomicInteger(200);

        private Worker() throws IOException {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
            server.createContext("/", request -> {
                request.sendResponseHeaders(status.get(), -1);
                request.close();
            });
            server.start();
        }

        private int port() {
            return server.getAddress().getPort();
        }

        private String address() {
            return "http://127.0.0.1:" + port();
        }
    }

    @AfterEach
    void stop() {
        workers.forEach(worker -> worker.server.stop(0));
    }

    private Worker registered(GatewayNode balancer) throws Exception {
        Worker worker = new Worker();
        workers.add(worker);
        assertThat(http.answer(balancer.address() + "/balancer/" + worker.port()))
                .isEqualTo("200 Successful registration");
        return worker;
    }

    /** The workers that so many producers get. */
    private List<String> given(GatewayNode balancer, int producers) throws Exception {
        List<String> given = new ArrayList<>();
        for (int id = 0; id < producers; id++) {
            given.add(http.register(balancer, id));
        }
        return given;
    }

    private void awaitGiven(GatewayNode balancer, Worker... only) {
        Set<String> addresses = new HashSet<>();
        for (Worker worker : only) {
            addresses.add(worker.address());
        }
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(new HashSet<>(given(balancer, 2 * workers.size())))
                        .isEqualTo(addresses));
    }

    @Test
    void aWorkerWhoseProbesFailIsEjectedForAWhileAndNeverMoreThanHalfAreOut() throws Exception {
        try (GatewayNode balancer = GatewayNode.balancer(
                data,
                "bactrian.gateway.balancer.probe.interval=50ms",
                "bactrian.gateway.balancer.outlier.ejection=400ms",
                "bactrian.gateway.balancer.outlier.ejectionMax=400ms")) {
            Worker one = registered(balancer);
            Worker two = registered(balancer);
            awaitGiven(balancer, one, two);
            String before = metric(balancer);
            one.status.set(503);
            awaitGiven(balancer, two);
            assertThat(metric(balancer)).as("counted").isNotEqualTo(before);
            two.status.set(500);
            one.status.set(200);
            awaitGiven(balancer, one);
            one.status.set(503);
            // Both fail: half of them are out at most, so producers still get a worker.
            for (int i = 0; i < 50; i++) {
                assertThat(http.answer(balancer.address() + "/register/1")).startsWith("200 http");
            }
            one.status.set(200);
            two.status.set(200);
            awaitGiven(balancer, one, two);
        }
    }

    private String metric(GatewayNode balancer) throws Exception {
        String port = balancer.application().context().resolvePropertyPlaceholders("{{bactrian.management.port}}");
        return http.get("http://127.0.0.1:" + port + "/observe/metrics")
                .body()
                .lines()
                .filter(line -> line.contains(EJECTIONS) && !line.startsWith("#"))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void aWorkerThatComesLaterGetsASmallShareAtFirst() throws Exception {
        int producers = 200;
        try (GatewayNode balancer = GatewayNode.balancer(data, "bactrian.gateway.balancer.slowStart=1h")) {
            Worker first = registered(balancer);
            assertThat(given(balancer, 10)).containsOnly(first.address());
            Worker later = registered(balancer);
            List<String> given = given(balancer, producers);
            // A tenth of its turns, which are half of all.
            assertThat(Collections.frequency(given, later.address())).isBetween(1, producers / 4);
            assertThat(Collections.frequency(given, first.address())).isGreaterThan(producers / 2);
        }
    }
}
