package io.bactrian.gateway.routes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import io.bactrian.app.TestRouter;
import io.bactrian.discovery.core.Registration;
import io.bactrian.discovery.routes.NodeClient;
import io.bactrian.gateway.core.TargetStatus;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import org.apache.camel.CamelContext;
import org.apache.camel.ProducerTemplate;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.PluginHelper;
import org.apache.camel.support.ResourceHelper;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A route of YAML whose load balancer asks a real router where a service is, and HTTP servers that offer it. */
@Timeout(600)
@Tag("system")
class RegistryTargetsTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final String ROUTES = """
            - beans:
                - name: sorters
                  type: io.bactrian.gateway.routes.RegistryTargets
                  properties: { service: SERVICE }
                - name: sort
                  type: io.bactrian.gateway.routes.PolicyLoadBalancer
                  properties: { policy: round-robin, attempts: 2, errors: 2, ejectionMs: 600000, source: "#bean:sorters" }
            - route:
                id: sort-anywhere
                # A failed attempt at one node is no error while there is another one.
                errorHandler: { noErrorHandler: {} }
                from:
                  uri: direct:sort
                  steps:
                    - loadBalance:
                        customLoadBalancer: { ref: sort }
                        steps:
                          - toD: { uri: "${exchangeProperty.bactrianTarget}/sort" }
            """;

    @TempDir
    static Path folder;

    private static TestRouter router;

    private final Map<String, HttpServer> servers = new HashMap<>();
    private final CamelContext context = new DefaultCamelContext();
    private ProducerTemplate template;

    /** One for each test, because all ask the same router. */
    private String service;

    @BeforeAll
    static void startRouter() {
        router = new TestRouter(folder.resolve("data"));
    }

    @AfterAll
    static void stopRouter() {
        router.close();
    }

    @BeforeEach
    void start(TestInfo test) throws IOException {
        service = test.getTestMethod().orElseThrow().getName();
        for (String name : List.of("one", "two", "three")) {
            HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
            server.createContext("/sort", request -> {
                byte[] answer = name.getBytes(StandardCharsets.UTF_8);
                request.sendResponseHeaders(200, answer.length);
                request.getResponseBody().write(answer);
                request.close();
            });
            server.start();
            servers.put(name, server);
        }
    }

    @AfterEach
    void stop() {
        context.stop();
        servers.values().forEach(server -> server.stop(0));
    }

    private void startRoute() throws Exception {
        Properties properties = new Properties();
        properties.setProperty("bactrian.discovery.registry.routers", router.get("register"));
        properties.setProperty("bactrian.discovery.registry.refreshMs", "50");
        context.getPropertiesComponent().setOverrideProperties(properties);
        PluginHelper.getRoutesLoader(context)
                .loadRoutes(ResourceHelper.fromString("sort.camel.yaml", ROUTES.replace("SERVICE", service)));
        context.start();
        template = context.createProducerTemplate();
    }

    private void register(String name, boolean leaves) {
        assertThat(NodeClient.once(
                        router.get("register"),
                        new Registration(
                                service + "-" + name,
                                "worker",
                                "",
                                "127.0.0.1",
                                servers.get(name).getAddress().getPort(),
                                "",
                                "",
                                List.of(service),
                                Map.of(),
                                name,
                                600_000,
                                0,
                                List.of()),
                        leaves))
                .isEqualTo("ACK");
    }

    private List<String> send(int times) {
        List<String> answers = new ArrayList<>();
        for (int i = 0; i < times; i++) {
            answers.add(template.requestBody("direct:sort", "x", String.class));
        }
        return answers;
    }

    private void awaitAnswersOf(String... names) {
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(new TreeSet<>(send(6))).isEqualTo(new TreeSet<>(Set.of(names))));
    }

    @Test
    void aRouteIsBalancedOverTheNodesThatOfferAService() throws Exception {
        register("one", false);
        register("two", false);
        startRoute();
        assertThat(send(2)).as("at once, in turn").containsExactlyInAnyOrder("one", "two");
        register("three", false);
        awaitAnswersOf("one", "two", "three");
        assertThat(send(3)).containsExactlyInAnyOrder("one", "two", "three");
        register("two", true);
        awaitAnswersOf("one", "three");
    }

    @Test
    void aNodeThatRefusesConnectionsIsEjectedAndNobodyNotices() throws Exception {
        register("one", false);
        register("two", false);
        startRoute();
        servers.get("one").stop(0);
        assertThat(send(10)).containsOnly("two");
        PolicyLoadBalancer sort = context.getRegistry().lookupByNameAndType("sort", PolicyLoadBalancer.class);
        assertThat(sort.status())
                .filteredOn(target -> target.state() == TargetStatus.State.EJECTED)
                .extracting(TargetStatus::name)
                .containsExactly(
                        "http://127.0.0.1:" + servers.get("one").getAddress().getPort());
    }

    @Test
    void aServiceThatNobodyOffersYetIsAnErrorUntilSomebodyDoes() throws Exception {
        startRoute();
        assertThatThrownBy(() -> send(1)).hasRootCauseMessage("No target of the load balancer is usable now");
        register("one", false);
        await().atMost(PATIENCE)
                .ignoreExceptions()
                .untilAsserted(() -> assertThat(send(1)).containsExactly("one"));
    }
}
