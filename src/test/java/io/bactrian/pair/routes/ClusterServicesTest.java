package io.bactrian.pair.routes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.bactrian.testing.Ports;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.atomic.LongAdder;
import org.apache.camel.console.DevConsole;
import org.apache.camel.main.Main;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A route for one node at a time runs on the leader of a pair, of a lock or of Raft; only properties differ. */
@Tag("system")
class ClusterServicesTest {
    private static final Duration PATIENCE = Duration.ofMinutes(1);
    private static final String ROUTE = "classpath:cluster/of-the-leader.camel.yaml";

    @TempDir
    Path folder;

    private final Map<String, Integer> ports = new HashMap<>();
    private final Map<String, Main> nodes = new LinkedHashMap<>();
    private final Map<String, LongAdder> led = new LinkedHashMap<>();

    @AfterEach
    void stop() {
        nodes.values().forEach(Main::stop);
    }

    private void start(String name, Map<String, String> cluster) throws Exception {
        Properties properties = new Properties();
        properties.setProperty("camel.main.name", "cluster-" + name);
        properties.setProperty("camel.main.routesIncludePattern", ROUTE);
        properties.setProperty("camel.main.shutdownTimeout", "5");
        properties.setProperty("camel.server.enabled", "false");
        properties.setProperty("camel.management.enabled", "false");
        properties.putAll(cluster);
        Main main = new Main();
        main.setDefaultPropertyPlaceholderLocation("false");
        main.setOverrideProperties(properties);
        LongAdder count = led.computeIfAbsent(name, key -> new LongAdder());
        main.bind("led", new Led(count));
        nodes.put(name, main);
        main.start();
    }

    /** What the route calls. */
    public static final class Led {
        private final LongAdder count;

        Led(LongAdder count) {
            this.count = count;
        }

        public void add() {
            count.increment();
        }
    }

    private String leader() {
        List<String> leaders = new ArrayList<>();
        Map<String, Long> before = new LinkedHashMap<>();
        led.forEach((name, count) -> before.put(name, count.sum()));
        await().atMost(PATIENCE).until(() -> {
            leaders.clear();
            led.forEach((name, count) -> {
                if (nodes.containsKey(name) && count.sum() > before.get(name) + 5) {
                    leaders.add(name);
                }
            });
            return !leaders.isEmpty();
        });
        assertThat(leaders).as("one at a time").hasSize(1);
        return leaders.get(0);
    }

    private void end(String name) {
        Main gone = nodes.remove(name);
        assertThat(gone).isNotNull();
        gone.stop();
    }

    private Map<String, String> lock() {
        return Map.of(
                "camel.beans.cluster", "#class:org.apache.camel.component.file.cluster.FileLockClusterService",
                "camel.beans.cluster.root", folder.toString(),
                "camel.beans.cluster.acquireLockDelay", "100",
                "camel.beans.cluster.acquireLockDelayUnit", "MILLISECONDS",
                "camel.beans.cluster.acquireLockInterval", "200",
                "camel.beans.cluster.acquireLockIntervalUnit", "MILLISECONDS");
    }

    private static Map<String, String> raft(String name) {
        return Map.of(
                "camel.beans.cluster",
                        "#class:org.apache.camel.component.jgroups.raft.cluster.JGroupsRaftClusterService",
                "camel.beans.cluster.id", name,
                "camel.beans.cluster.raftId", name,
                "camel.beans.cluster.jgroupsConfig", "cluster/raft.xml",
                "camel.beans.cluster.jgroupsClusterName", "orders");
    }

    private Map<String, String> pair(String side) {
        Map<String, String> pair = new HashMap<>(Map.of(
                "camel.main.routesIncludePattern",
                "file:routes/pair/*.camel.yaml," + ROUTE,
                "camel.main.routesExcludePattern",
                "**/answer-witness*",
                "bactrian.data",
                folder.resolve(side).toString(),
                "bactrian.pair.side",
                side,
                "bactrian.pair.heartbeatMs",
                "500",
                "bactrian.pair.witness.use",
                "true",
                "bactrian.pair.witness",
                witness()));
        for (String port : List.of("primary.beats", "primary.copies", "backup.beats", "backup.copies")) {
            pair.put("bactrian.pair." + port, String.valueOf(ports.computeIfAbsent(port, key -> Ports.free())));
        }
        return pair;
    }

    @Test
    void theRouteRunsWhereTheLockOfAFileIsHeld() throws Exception {
        start("a", lock());
        start("b", lock());
        String first = leader();
        end(first);
        assertThat(leader()).isNotEqualTo(first);
    }

    private String witness() {
        return "tcp://127.0.0.1:" + ports.computeIfAbsent("witness", key -> Ports.free());
    }

    @Test
    void theRouteRunsOnTheActiveNodeOfAPair() throws Exception {
        start(
                "witness",
                Map.of(
                        "camel.main.routesIncludePattern", "file:routes/pair/answer-witness.camel.yaml",
                        "bactrian.data", folder.toString(),
                        "bactrian.witness.listen", witness()));
        start("primary", pair("primary"));
        start("backup", pair("backup"));
        String first = leader();
        Pair pair =
                nodes.get(first).getCamelContext().getCamelContextExtension().getContextPlugin(Pair.class);
        await().atMost(PATIENCE).until(() -> "IN".equals(pair.figures().get("peerStanding")));
        end(first);
        String second = leader();
        assertThat(second).isNotEqualTo(first);
        WitnessDevConsole console = new WitnessDevConsole();
        console.setCamelContext(nodes.get("witness").getCamelContext());
        assertThat(String.valueOf(console.call(DevConsole.MediaType.JSON)))
                .as("the witness tells who may take over")
                .contains("pair=", "active=" + second.toUpperCase(Locale.ROOT), "answered");
    }

    @Test
    void theRouteRunsOnTheLeaderOfRaft() throws Exception {
        for (String name : List.of("a", "b", "c")) {
            start(name, raft(name));
        }
        String first = leader();
        end(first);
        assertThat(leader()).isNotEqualTo(first);
    }
}
