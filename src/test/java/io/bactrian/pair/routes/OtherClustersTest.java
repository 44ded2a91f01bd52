package io.bactrian.pair.routes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.apache.camel.cluster.CamelClusterService;
import org.apache.camel.component.file.cluster.FileLockClusterService;
import org.apache.camel.component.jgroups.raft.cluster.JGroupsRaftClusterService;
import org.apache.camel.main.Main;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A route for the active node of a pair runs on the leader of other cluster services too; only the configuration differs. */
@Tag("system")
class OtherClustersTest {
    private static final Duration PATIENCE = Duration.ofMinutes(1);
    private static final String ROUTE = "classpath:cluster/of-the-leader.camel.yaml";

    @TempDir
    Path folder;

    private final Map<String, Main> nodes = new LinkedHashMap<>();
    private final Map<String, LongAdder> led = new LinkedHashMap<>();

    @AfterEach
    void stop() {
        nodes.values().forEach(Main::stop);
    }

    private void start(String name, CamelClusterService cluster) throws Exception {
        Properties properties = new Properties();
        properties.setProperty("camel.main.name", "cluster-" + name);
        properties.setProperty("camel.main.routesIncludePattern", ROUTE);
        properties.setProperty("camel.main.shutdownTimeout", "5");
        properties.setProperty("camel.server.enabled", "false");
        properties.setProperty("camel.management.enabled", "false");
        Main main = new Main();
        main.setDefaultPropertyPlaceholderLocation("false");
        main.setOverrideProperties(properties);
        LongAdder count = led.computeIfAbsent(name, key -> new LongAdder());
        main.bind("led", new Led(count));
        main.bind("cluster", cluster);
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

    private FileLockClusterService lock() {
        FileLockClusterService lock = new FileLockClusterService();
        lock.setRoot(folder.toString());
        lock.setAcquireLockDelay(100, TimeUnit.MILLISECONDS);
        lock.setAcquireLockInterval(200, TimeUnit.MILLISECONDS);
        return lock;
    }

    private static JGroupsRaftClusterService raft(String name) {
        JGroupsRaftClusterService raft = new JGroupsRaftClusterService();
        raft.setId(name);
        raft.setRaftId(name);
        raft.setJgroupsConfig("cluster/raft.xml");
        raft.setJgroupsClusterName("orders");
        return raft;
    }

    @Test
    void theRouteRunsWhereTheLockOfAFileIsHeld() throws Exception {
        start("a", lock());
        start("b", lock());
        String first = leader();
        end(first);
        assertThat(leader()).isNotEqualTo(first);
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
