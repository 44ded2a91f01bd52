package io.bactrian.gateway.routes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import io.bactrian.testing.Ports;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code /worker/quit}: a worker gets no new producers, and keeps those that it has. */
@Tag("system")
class QuitTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    /** A worker registers three times in it. */
    private static final Duration A_WHILE = Duration.ofSeconds(1);

    private static final HttpCalls HTTP = new HttpCalls();

    @TempDir
    Path data;

    @Test
    void aWorkerThatHasQuitKeepsItsProducersAndGetsNoNewOnesUntilItIsStartedAgain() throws Exception {
        GatewayNode balancer = GatewayNode.balancer(data);
        int port = Ports.free();
        try (GatewayNode staying = GatewayNode.worker(data, List.of(balancer))) {
            try (GatewayNode quitting = GatewayNode.worker(data, port, List.of(balancer))) {
                awaitWorkers(balancer, staying.address(), quitting.address());
                long producer = producerAt(balancer, quitting);
                assertThat(HTTP.answer(balancer.address() + "/worker/quit/" + port))
                        .isEqualTo("200 Acknowledged quit");
                assertStays(balancer, staying);
                assertThat(HTTP.answer(balancer.address() + "/worker/quit/" + port))
                        .isEqualTo("200 Acknowledged quit");
                assertHas(quitting, balancer, producer, "1");

                // A restart of the balancer changes nothing.
                int at = balancer.port();
                balancer.close();
                balancer = GatewayNode.balancer(data, at);
                awaitWorkers(balancer, staying.address());
                assertStays(balancer, staying);
                assertHas(quitting, balancer, producer, "2");
            }
            // It has stopped: whoever asks for its producers is sent to the other one.
            assertThat(HTTP.answer(balancer.address() + "/worker/quit/" + port)).isEqualTo("400 Quit not accepted");
            try (GatewayNode again = GatewayNode.worker(data, port, List.of(balancer))) {
                awaitWorkers(balancer, staying.address(), again.address());
            }
        } finally {
            balancer.close();
        }
    }

    @Test
    void bothBalancersOfAPairKnowIt() throws Exception {
        int one = Ports.free();
        int two = Ports.free();
        try (GatewayNode first = GatewayNode.balancer(data, one, peer(two));
                GatewayNode second = GatewayNode.balancer(data, two, peer(one));
                GatewayNode staying = GatewayNode.worker(data, List.of(first, second));
                GatewayNode quitting = GatewayNode.worker(data, List.of(first, second))) {
            awaitWorkers(first, staying.address(), quitting.address());
            awaitWorkers(second, staying.address(), quitting.address());
            assertThat(HTTP.answer(first.address() + "/worker/quit/" + quitting.port()))
                    .isEqualTo("200 Acknowledged quit");
            awaitWorkers(second, staying.address());
            assertStays(second, staying);
            // Whoever registers it by hand has it work again.
            assertThat(HTTP.answer(second.address() + "/balancer/" + quitting.port()))
                    .isEqualTo("200 Successful registration");
            awaitWorkers(second, staying.address(), quitting.address());
            awaitWorkers(first, staying.address(), quitting.address());
        }
    }

    private static String peer(int port) {
        return "bactrian.gateway.balancer.peers=http://127.0.0.1:" + port;
    }

    @Test
    void aWorkerThatHasQuitIsForgottenWhenItsProcessEnds() throws Exception {
        HttpServer worker = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        worker.createContext("/", request -> {
            request.sendResponseHeaders(200, -1);
            request.close();
        });
        worker.start();
        int port = worker.getAddress().getPort();
        try (GatewayNode balancer = GatewayNode.balancer(data)) {
            assertThat(HTTP.answer(balancer.address() + "/balancer/" + port)).startsWith("200");
            assertThat(HTTP.answer(balancer.address() + "/worker/quit/" + port)).isEqualTo("200 Acknowledged quit");
            assertThat(HTTP.answer(balancer.address() + "/register/1"))
                    .isEqualTo("400 No workers are online right now");
            worker.stop(0);
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(HTTP.answer(balancer.address() + "/worker/quit/" + port))
                            .isEqualTo("400 Quit not accepted"));
        }
    }

    private static void assertHas(GatewayNode worker, GatewayNode balancer, long producer, String value)
            throws Exception {
        assertThat(HTTP.heartbeat(worker.address(), producer, "lab", value)).startsWith("200");
        assertThat(HTTP.get(balancer.address() + "/get_data/" + producer)
                        .headers()
                        .firstValue("Location"))
                .contains(worker.address() + "/get_data/" + producer);
        assertThat(HTTP.consume(balancer, producer)).isEqualTo(value);
    }

    /** A producer that the worker has been given. */
    private static long producerAt(GatewayNode balancer, GatewayNode worker) throws Exception {
        long id = 1;
        while (!HTTP.register(balancer, id).equals(worker.address())) {
            id++;
        }
        return id;
    }

    private static void assertStays(GatewayNode balancer, GatewayNode only) {
        await().during(A_WHILE)
                .atMost(PATIENCE)
                .untilAsserted(() -> assertThat(workers(balancer)).containsOnly(only.address()));
    }

    private static void awaitWorkers(GatewayNode balancer, String... workers) {
        await().atMost(PATIENCE)
                .ignoreExceptions()
                .untilAsserted(() -> assertThat(workers(balancer)).containsOnly(workers));
    }

    private static Set<String> workers(GatewayNode balancer) throws Exception {
        Set<String> workers = new HashSet<>();
        for (int i = 0; i < 4; i++) {
            workers.add(HTTP.register(balancer, 900 + i));
        }
        return workers;
    }
}
