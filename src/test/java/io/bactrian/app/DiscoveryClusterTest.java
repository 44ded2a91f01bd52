package io.bactrian.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.bactrian.discovery.core.Content;
import io.bactrian.discovery.core.Registration;
import io.bactrian.discovery.core.RouterState;
import io.bactrian.discovery.routes.NodeClient;
import io.bactrian.testing.Ports;
import java.net.DatagramPacket;
import java.net.InetAddress;
import java.net.MulticastSocket;
import java.net.NetworkInterface;
import java.net.StandardSocketOptions;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.apache.camel.CamelContext;
import org.apache.camel.Route;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Several routers and nodes from the shipped files, over real sockets. */
@Tag("slow")
@Timeout(600)
class DiscoveryClusterTest {
    private static final Duration PATIENCE = Duration.ofSeconds(90);

    @TempDir
    Path folder;

    private static Registration service(String id, int port) {
        return new Registration(
                id, "service", "", "127.0.0.1", port, "", "", List.of(), Map.of(), id, 60_000, 0, List.of());
    }

    private static boolean knows(TestRouter router, String other, RouterState state) {
        return router.node().routers().stream().anyMatch(one -> one.id().equals(other) && one.state() == state);
    }

    @Test
    @SuppressWarnings("try") // One of them is closed before the end of the block.
    void routersShareWhatTheyKnowByEncryptedDatagramsAndSurviveEachOther() throws Exception {
        Path key = Files.writeString(folder.resolve("key"), "0123456789abcdef".repeat(4));
        int seed = Ports.free();
        String keyFile = "bactrian.discovery.gossip.keyFile=" + key;
        try (TestRouter first = new TestRouter(folder.resolve("1"), seed, keyFile);
                TestRouter second =
                        new TestRouter(folder.resolve("2"), keyFile, "bactrian.discovery.seeds=127.0.0.1:" + seed);
                TestRouter stranger =
                        new TestRouter(folder.resolve("3"), "bactrian.discovery.seeds=127.0.0.1:" + seed)) {
            await().atMost(PATIENCE).until(() -> knows(first, second.node().id(), RouterState.ALIVE));
            assertThat(NodeClient.once(first.get("register"), service("shared", 7000), false))
                    .isEqualTo("ACK");
            await().atMost(PATIENCE).until(() -> second.status("shared").equals("ACTIVE"));
            assertThat(NodeClient.once(
                            second.get("register"),
                            new Registration(
                                    "shared",
                                    "service",
                                    "",
                                    "127.0.0.1",
                                    7001,
                                    "",
                                    "",
                                    List.of(),
                                    Map.of(),
                                    "other",
                                    60_000,
                                    0,
                                    List.of()),
                            false))
                    .as("the claim holds at every router")
                    .startsWith("ERR the id is taken");
            await().atMost(PATIENCE).until(() -> first.node().figures().getOrDefault("datagramsNotOpened", 0L) > 0);
            assertThat(stranger.node().routers()).as("without the key").hasSize(1);
            String gone = first.node().id();
            first.close();
            await().atMost(PATIENCE).until(() -> knows(second, gone, RouterState.LEFT));
            assertThat(second.status("shared")).as("until its lease has ended").isEqualTo("SUSPECT");
        }
    }

    @Test
    void routersFindEachOtherByBeaconsAndHearNoStrangers() throws Exception {
        Path key = Files.writeString(folder.resolve("key"), "0123456789abcdef".repeat(4));
        String group = "239.255.83.1";
        int port = Ports.free();
        String[] beacon = {
            "bactrian.discovery.gossip.keyFile=" + key,
            "bactrian.discovery.beacon=" + group + ":" + port,
            "bactrian.discovery.beacon.intervalMs=200"
        };
        try (TestRouter first = new TestRouter(folder.resolve("1"), beacon);
                TestRouter second = new TestRouter(folder.resolve("2"), beacon);
                MulticastSocket stranger = new MulticastSocket()) {
            await().atMost(PATIENCE).until(() -> knows(first, second.node().id(), RouterState.ALIVE));
            await().atMost(PATIENCE).until(() -> knows(second, first.node().id(), RouterState.ALIVE));
            byte[] text = "bactrian-beacon/1 bactrian stranger 9".getBytes(StandardCharsets.UTF_8);
            stranger.setOption(
                    StandardSocketOptions.IP_MULTICAST_IF,
                    NetworkInterface.getByInetAddress(InetAddress.getLoopbackAddress()));
            for (byte[] wrong : List.of(text, new byte[5_000], new byte[0])) {
                stranger.send(new DatagramPacket(wrong, wrong.length, InetAddress.getByName(group), port));
            }
            await().atMost(PATIENCE).until(() -> first.node().figures().getOrDefault("beaconsRefused", 0L) >= 3);
            assertThat(first.node().routers()).hasSize(2);
        }
    }

    @Test
    void aSecondNodeWithTheIdOfAnotherIsToldAndTheFirstKeepsIt() throws Exception {
        try (TestRouter router = new TestRouter(folder.resolve("router"));
                Application first = node(1, router.get("register"), router.get("publications"))) {
            assertThat(first.context().isStarted()).isTrue();
            await().atMost(PATIENCE).until(() -> router.status("node-1").equals("ACTIVE"));
            int pingPort = router.node().nodes().get(0).node().pingPort();
            try (Application second = node(1, router.get("register"), router.get("publications"))) {
                assertThat(second.context().isStarted()).isTrue();
                await().atMost(PATIENCE)
                        .until(() -> router.node().figures().getOrDefault("registrationsRefused", 0L) > 0);
            }
            assertThat(router.node().nodes().get(0).node().pingPort()).isEqualTo(pingPort);
            assertThat(router.status("node-1"))
                    .as("the second one took itself out only")
                    .isEqualTo("ACTIVE");
        }
    }

    private Application node(int index, String routers, String publications) {
        Map<String, String> settings = new HashMap<>();
        settings.put("bactrian.data", folder.resolve("node" + index).toString());
        settings.put("bactrian.discovery.node.id", "node-" + index);
        settings.put("bactrian.discovery.node.ping", "tcp://127.0.0.1:" + Ports.free());
        settings.put("bactrian.discovery.node.routers", routers);
        settings.put("bactrian.discovery.node.publications", publications);
        settings.put("bactrian.discovery.node.refreshMs", "500");
        settings.put("camel.management.enabled", "false");
        return Application.start(Configuration.load(
                new Installation(Optional.of(Path.of("").toAbsolutePath())),
                List.of("share-sensors"),
                settings,
                Map.of(),
                new Properties()));
    }

    private static Set<String> running(Application node) {
        CamelContext context = node.context();
        return context.getRoutes().stream()
                .map(Route::getRouteId)
                .filter(id -> id.startsWith("sensor-"))
                .filter(id -> context.getRouteController().getRouteStatus(id).isStarted())
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /** True if each of ten sensors is read by exactly one, and nobody reads more than one more than another. */
    private static boolean shared(List<Application> nodes) {
        List<String> all = new ArrayList<>();
        Map<Integer, Integer> sizes = new TreeMap<>();
        for (Application node : nodes) {
            Set<String> routes = running(node);
            all.addAll(routes);
            sizes.merge(routes.size(), 1, Integer::sum);
        }
        List<Integer> counts = new ArrayList<>(sizes.keySet());
        return all.size() == 10 && Set.copyOf(all).size() == 10 && counts.get(counts.size() - 1) - counts.get(0) <= 1;
    }

    @Test
    void threeNodesShareTenSensorsAndTakeOverFromOneThatIsGone() {
        try (TestRouter router = new TestRouter(folder.resolve("router"), "bactrian.discovery.ping.attempts=40")) {
            List<Application> nodes = new ArrayList<>();
            try {
                for (int i = 1; i <= 3; i++) {
                    nodes.add(node(i, router.get("register"), router.get("publications")));
                }
                await().atMost(PATIENCE).until(() -> shared(nodes));
                assertThat(router.node().assignments())
                        .extracting(Content.Assignment::holder)
                        .contains("node-1", "node-2", "node-3");
                nodes.remove(1).close();
                assertThat(router.status("node-2"))
                        .as("deregistered at its stop")
                        .isEqualTo("LEFT");
                await().atMost(PATIENCE).until(() -> shared(nodes));
                nodes.add(node(2, router.get("register"), router.get("publications")));
                await().atMost(PATIENCE).until(() -> shared(nodes));
            } finally {
                nodes.forEach(Application::close);
            }
        }
    }
}
