package io.bactrian.gateway.routes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import com.sun.net.httpserver.HttpServer;
import io.bactrian.testing.Ports;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.camel.CamelContext;
import org.apache.camel.ProducerTemplate;
import org.apache.camel.support.PluginHelper;
import org.apache.camel.support.ResourceHelper;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

/** What a person is told when a role of the gateway cannot start, and what a restart keeps. */
@Tag("system")
class GatewayStartTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir
    Path folder;

    private final HttpCalls http = new HttpCalls();

    @Test
    void aPortInUseIsTold() {
        try (GatewayNode first = GatewayNode.balancer(folder.resolve("one"))) {
            assertThatThrownBy(() -> GatewayNode.balancer(folder.resolve("two"), first.port()))
                    .hasMessageContaining("The balancer cannot listen on 127.0.0.1:" + first.port());
        }
    }

    /** A balancer would wait for it for ever, and nobody would know why. */
    @ParameterizedTest
    @ValueSource(strings = {"localhost:5001", "http://", "http://localhost:5001/path", "ftp://localhost:5001"})
    void anotherBalancerThatIsNoAddressIsTold(String peer) {
        assertThatThrownBy(() -> GatewayNode.balancer(folder, "bactrian.gateway.balancer.peers=" + peer))
                .hasStackTraceContaining("bactrian.gateway.balancer.peers=" + peer + " must be an address such as");
    }

    @Test
    void aDatabaseThatCannotBeOpenedIsToldAtTheFirstAttempt() throws Exception {
        Path data = Files.createDirectories(folder.resolve("data"));
        Files.writeString(data.resolve("gateway.mv.db"), "no database");
        ListAppender<ILoggingEvent> log = new ListAppender<>();
        log.start();
        Logger logger = (Logger) LoggerFactory.getLogger("io.bactrian.gateway.routes.GatewayDatabase");
        logger.addAppender(log);
        logger.setLevel(Level.INFO);
        try {
            assertThatThrownBy(() -> GatewayNode.balancer(data))
                    .hasMessageContaining("Cannot open the database")
                    .hasMessageContaining("the file is damaged, or it is no database");
        } finally {
            logger.detachAppender(log);
            logger.setLevel(null);
        }
        assertThat(log.list).as("attempts after which others are made").isEmpty();
    }

    @Test
    void aBalancerThatIsStartedAgainKnowsItsWorkersAndProducers() throws Exception {
        int port;
        String worker;
        try (GatewayNode balancer = GatewayNode.balancer(folder)) {
            port = balancer.port();
            // It plays the worker, too: it answers probes, and it is there again after the restart.
            assertThat(http.answer(balancer.address() + "/balancer/" + port)).startsWith("200");
            worker = http.register(balancer, 7);
        }
        try (GatewayNode balancer = GatewayNode.balancer(folder, port)) {
            assertThat(http.get(balancer.address() + "/get_data/7").headers().firstValue("Location"))
                    .contains(worker + "/get_data/7");
        }
    }

    @Test
    void aWorkerRegistersWhenItAnswers() throws Exception {
        List<String> seen = new CopyOnWriteArrayList<>();
        HttpServer balancer = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        int port = Ports.free();
        balancer.createContext("/balancer/" + port, request -> {
            try {
                seen.add(http.answer("http://127.0.0.1:" + port + "/index"));
            } catch (IOException | InterruptedException e) {
                seen.add(e.toString());
            }
            request.sendResponseHeaders(200, -1);
            request.close();
        });
        balancer.start();
        try (GatewayNode worker = GatewayNode.start(
                "worker",
                folder,
                port,
                List.of(
                        "bactrian.gateway.worker.port=" + port,
                        "bactrian.gateway.balancers=http://127.0.0.1:"
                                + balancer.getAddress().getPort()))) {
            await().atMost(PATIENCE).until(() -> !seen.isEmpty());
            assertThat(seen.get(0)).isEqualTo("200 Hello world, I am a worker.");
            // Bound to 127.0.0.1, and to no other address of this machine.
            assertThatThrownBy(() -> new Socket("127.0.0.2", worker.port()).close())
                    .isInstanceOf(ConnectException.class);
        } finally {
            balancer.stop(0);
        }
    }

    /** As the docs show it: the targets of a load balancer in another route are the workers that have registered. */
    @Test
    void aRouteIsBalancedOverTheWorkersOfABalancer() throws Exception {
        try (GatewayNode balancer = GatewayNode.balancer(folder)) {
            CamelContext context = balancer.application().context();
            PluginHelper.getRoutesLoader(context).loadRoutes(ResourceHelper.fromString("any.camel.yaml", """
                    - beans:
                        - name: sensors
                          type: io.bactrian.gateway.routes.PolicyLoadBalancer
                          properties: { policy: least-requests, source: "#bean:bactrianBalancer" }
                    - route:
                        id: over-workers
                        from:
                          uri: direct:over-workers
                          steps:
                            - loadBalance:
                                customLoadBalancer: { ref: sensors }
                                steps:
                                  - setBody: { expression: { simple: { expression: "${exchangeProperty.bactrianTarget}" } } }
                    """));
            try (ProducerTemplate template = context.createProducerTemplate()) {
                assertThatThrownBy(() -> template.requestBody("direct:over-workers", "x", String.class))
                        .hasRootCauseMessage("No target of the load balancer is usable now");
                assertThat(http.answer(balancer.address() + "/balancer/" + balancer.port()))
                        .startsWith("200");
                assertThat(template.requestBody("direct:over-workers", "x", String.class))
                        .isEqualTo(balancer.address());
            }
        }
    }
}
