package io.bactrian.gateway.routes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import io.bactrian.testing.Ports;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What others that reach a balancer must not do to it. */
@Tag("system")
class StrangersTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final HttpCalls HTTP = new HttpCalls();

    @TempDir
    Path data;

    @Test
    void aBalancerThatIsAloneTakesNothingFromOneThatSaysItIsAnother() throws Exception {
        try (GatewayNode balancer = GatewayNode.balancer(data)) {
            String lines = "worker http://192.0.2.1:80\nmap 7 http://192.0.2.1:80 9 0\n";
            assertThat(HTTP.post(balancer.address() + "/replicate", lines).statusCode())
                    .isEqualTo(403);
            assertThat(HTTP.answer(balancer.address() + "/snapshot"))
                    .isEqualTo("403 This balancer has no other ones (bactrian.gateway.balancer.peers)");
            assertThat(HTTP.answer(balancer.address() + "/get_data/7")).isEqualTo("400 Producer does not exist");
            assertThat(HTTP.answer(balancer.address() + "/register/7"))
                    .isEqualTo("400 No workers are online right now");
        }
    }

    @Test
    void aPageOfAnotherSiteThatABrowserShowsCannotAct() throws Exception {
        try (GatewayNode balancer = GatewayNode.balancer(data);
                GatewayNode worker = GatewayNode.worker(data, List.of(balancer))) {
            String register = balancer.address() + "/register/7";
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(HTTP.answer(register)).startsWith("200"));
            String refused = "403 Pages of other sites may not act here.";
            for (String site : List.of("cross-site", "same-site")) {
                String[] page = {"Sec-Fetch-Site", site};
                assertThat(HTTP.answer(register, page)).isEqualTo(refused);
                assertThat(HTTP.answer(balancer.address() + "/worker/quit/" + worker.port(), page))
                        .isEqualTo(refused);
                assertThat(HTTP.answer(balancer.address() + "/balancer/1", page))
                        .isEqualTo(refused);
                assertThat(HTTP.post(worker.address() + "/release", "7", page).statusCode())
                        .isEqualTo(403);
                assertThat(HTTP.answer(balancer.address() + "/try", page)).startsWith("200");
                assertThat(HTTP.get(balancer.address() + "/get_data/7", page).statusCode())
                        .isEqualTo(302);
            }
            String heartbeat = "{\"id\":7,\"location\":\"lab\",\"data\":1}";
            assertThat(HTTP.post(worker.address() + "/heartbeat", heartbeat, "Origin", "http://evil.example")
                            .body())
                    .isEqualTo("Pages of other sites may not act here.");
            assertThat(HTTP.post(worker.address() + "/heartbeat", heartbeat, "Origin", "null")
                            .statusCode())
                    .isEqualTo(403);
            assertThat(HTTP.answer(worker.address() + "/get_data/7")).startsWith("400");
            // The page /try of the worker itself, and an address that somebody types.
            assertThat(HTTP.post(worker.address() + "/heartbeat", heartbeat, "Origin", worker.address())
                            .statusCode())
                    .isEqualTo(200);
            assertThat(HTTP.answer(register, "Sec-Fetch-Site", "same-origin")).startsWith("200");
            assertThat(HTTP.answer(register, "Sec-Fetch-Site", "none")).startsWith("200");
        }
    }

    @Test
    void aNameThatSomebodyHasResolveToLoopbackIsNoNameOfThisServer() throws Exception {
        try (GatewayNode balancer = GatewayNode.balancer(data, "bactrian.gateway.hosts=gateway.example")) {
            assertThat(statusFor(balancer, "evil.example:" + balancer.port())).isEqualTo("403");
            assertThat(statusFor(balancer, "127.0.0.1.evil.example")).isEqualTo("403");
            for (String host : List.of("127.0.0.1", "[::1]:5000", "localhost:1", "balancer", "Gateway.Example:80")) {
                assertThat(statusFor(balancer, host)).as(host).isEqualTo("400");
            }
        }
    }

    private static String statusFor(GatewayNode balancer, String host) throws Exception {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), balancer.port())) {
            socket.getOutputStream()
                    .write(("GET /register/7 HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n")
                            .getBytes(StandardCharsets.US_ASCII));
            String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return answer.substring("HTTP/1.1 ".length(), "HTTP/1.1 ".length() + 3);
        }
    }

    @Test
    void workersThatAreGoneDoNotKeepOthersOut() throws Exception {
        try (GatewayNode balancer = GatewayNode.balancer(data, "bactrian.gateway.balancer.workersMax=2")) {
            int first = Ports.free(3);
            for (int port = first; port < first + 2; port++) {
                assertThat(HTTP.answer(balancer.address() + "/balancer/" + port))
                        .isEqualTo("200 Successful registration");
            }
            awaitNoWorker(balancer);
            try (GatewayNode worker = GatewayNode.worker(data, first + 2, List.of(balancer))) {
                await().atMost(PATIENCE)
                        .ignoreExceptions()
                        .untilAsserted(
                                () -> assertThat(HTTP.register(balancer, 1)).isEqualTo(worker.address()));
            }
        }
    }

    @Test
    void aWorkerThatRegistersAgainAndAgainAndCannotBeReachedGetsNobody() throws Exception {
        try (GatewayNode balancer = GatewayNode.balancer(data)) {
            String register = balancer.address() + "/balancer/" + Ports.free();
            assertThat(HTTP.answer(register)).isEqualTo("200 Successful registration");
            awaitNoWorker(balancer);
            for (int i = 0; i < 20; i++) {
                assertThat(HTTP.answer(register + "?lease=1&renew=" + i % 2)).isEqualTo("200 Successful registration");
                assertThat(HTTP.answer(balancer.address() + "/register/1"))
                        .isEqualTo("400 No workers are online right now");
            }
        }
    }

    /** It begins an answer to each probe, and does not end it. */
    @Test
    void aWorkerWhoseAnswersDoNotEndIsOut() throws Exception {
        AtomicBoolean ends = new AtomicBoolean(true);
        HttpServer worker = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        worker.createContext("/", request -> {
            request.sendResponseHeaders(200, 5);
            request.getResponseBody().write((ends.get() ? "Ready" : "R").getBytes(StandardCharsets.US_ASCII));
            request.getResponseBody().flush();
            if (ends.get()) {
                request.close();
            }
        });
        worker.start();
        try (GatewayNode balancer =
                GatewayNode.balancer(data, Ports.free(), "bactrian.gateway.balancer.probe.timeout=1s")) {
            HTTP.get(balancer.address() + "/balancer/" + worker.getAddress().getPort());
            assertThat(HTTP.register(balancer, 1))
                    .isEqualTo("http://127.0.0.1:" + worker.getAddress().getPort());
            ends.set(false);
            awaitNoWorker(balancer);
            ends.set(true);
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(HTTP.answer(balancer.address() + "/register/1"))
                            .startsWith("200"));
        } finally {
            worker.stop(0);
        }
    }

    private static void awaitNoWorker(GatewayNode balancer) {
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(HTTP.answer(balancer.address() + "/register/1"))
                        .isEqualTo("400 No workers are online right now"));
    }
}
