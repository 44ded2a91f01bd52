package io.bactrian.app;

import static org.awaitility.Awaitility.await;

import io.bactrian.discovery.core.Content;
import io.bactrian.discovery.core.NodeStatus;
import io.bactrian.discovery.core.RouterState;
import io.bactrian.discovery.routes.RouterNode;
import io.bactrian.testing.Ports;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Properties;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The role discovery-demo from the shipped files. */
@Tag("campaign")
@Timeout(600)
class DiscoveryDemoTest {
    private static final Duration PATIENCE = Duration.ofSeconds(90);
    private static final List<String> ADDRESSES = List.of("register", "publish", "publications", "publishers");

    @TempDir
    Path folder;

    private Application demo() {
        int first = Ports.free(18);
        Map<String, String> settings = new HashMap<>();
        settings.put("bactrian.data", folder.toString());
        settings.put("bactrian.demo.discovery.portStep", "6");
        settings.put("bactrian.demo.discovery.port", Integer.toString(Ports.free(12)));
        settings.put("bactrian.demo.discovery.turnMs", "1000");
        for (int i = 0; i < ADDRESSES.size(); i++) {
            settings.put("bactrian.discovery." + ADDRESSES.get(i), "tcp://127.0.0.1:" + (first + i));
        }
        settings.put("bactrian.discovery.gossip", "127.0.0.1:" + (first + 4));
        settings.put("bactrian.discovery.http.port", Integer.toString(first + 5));
        settings.put("camel.management.enabled", "false");
        return Application.start(Configuration.load(
                new Installation(Optional.of(Path.of("").toAbsolutePath())),
                List.of("discovery-demo"),
                settings,
                Map.of(),
                new Properties()));
    }

    private static long with(RouterNode router, NodeStatus status) {
        return router.nodes().stream().filter(node -> node.status() == status).count();
    }

    private static boolean knows(RouterNode router, RouterState state) {
        return router.routers().stream().anyMatch(one -> one.id().equals("router-3") && one.state() == state);
    }

    @Test
    void twelveSensorsAreThereAndSomeDieAndReturnAndSoDoesARouter() {
        try (Application demo = demo()) {
            RouterNode router = Objects.requireNonNull(
                    demo.context().getRegistry().lookupByNameAndType("bactrianRouter", RouterNode.class));
            await().atMost(PATIENCE).until(() -> router.nodes().size() == 12);
            await().atMost(PATIENCE)
                    .until(() -> router.routers().stream()
                                    .map(Content.Router::state)
                                    .filter(RouterState::member)
                                    .count()
                            == 3);
            await().atMost(PATIENCE).until(() -> with(router, NodeStatus.DOWN) > 0);
            await().atMost(PATIENCE).until(() -> knows(router, RouterState.DOWN));
            await().atMost(PATIENCE).until(() -> knows(router, RouterState.ALIVE));
            await().atMost(PATIENCE).until(() -> with(router, NodeStatus.ACTIVE) >= 8);
        }
    }
}
