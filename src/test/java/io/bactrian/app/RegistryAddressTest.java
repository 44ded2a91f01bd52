package io.bactrian.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.bactrian.discovery.core.Registration;
import io.bactrian.discovery.routes.NodeClient;
import io.bactrian.testing.Ports;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import org.apache.camel.CamelContext;
import org.apache.camel.ConsumerTemplate;
import org.apache.camel.ProducerTemplate;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Addresses that name a service: {@code zeromq:push:registry:work}. */
@Tag("slow")
@Timeout(600)
class RegistryAddressTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir
    static Path folder;

    private static TestRouter router;

    private final CamelContext context = new DefaultCamelContext();
    private ProducerTemplate producer;
    private ConsumerTemplate consumer;

    @BeforeAll
    static void startRouter() {
        router = new TestRouter(folder.resolve("data"));
    }

    @AfterAll
    static void stopRouter() {
        router.close();
    }

    @BeforeEach
    void start() {
        Properties properties = new Properties();
        // The first is nobody: another router is asked then.
        properties.setProperty(
                "bactrian.discovery.registry.routers",
                "tcp://127.0.0.1:" + Ports.free() + "," + router.get("register"));
        properties.setProperty("bactrian.discovery.registry.refreshMs", "50");
        context.getPropertiesComponent().setOverrideProperties(properties);
        context.start();
        producer = context.createProducerTemplate();
        consumer = context.createConsumerTemplate();
    }

    @AfterEach
    void stop() {
        context.stop();
    }

    private static void node(String id, int port, Map<String, String> metadata, boolean leaves, String... can) {
        assertThat(NodeClient.once(
                        router.get("register"),
                        new Registration(
                                id,
                                "worker",
                                "",
                                "127.0.0.1",
                                port,
                                "",
                                "",
                                List.of(can),
                                metadata,
                                id,
                                60_000,
                                0,
                                List.of()),
                        leaves))
                .isEqualTo("ACK");
    }

    /** Sends until a message has come at each of the ports and at no other. */
    private void arrivesOnlyAt(String service, int... ports) {
        Set<Integer> wanted = new TreeSet<>();
        for (int port : ports) {
            wanted.add(port);
        }
        await().atMost(PATIENCE).until(() -> {
            Set<Integer> reached = new TreeSet<>();
            for (int i = 0; i < 2 * all.length; i++) {
                producer.sendBody("zeromq:push:registry:" + service, "work");
            }
            for (int port : all) {
                while (consumer.receiveBody(pull(port), 100, byte[].class) != null) {
                    reached.add(port);
                }
            }
            return reached.equals(wanted);
        });
    }

    private final int first = Ports.free(3);
    private final int[] all = {first, first + 1, first + 2};

    private static String pull(int port) {
        return "zeromq:pull:tcp://127.0.0.1:" + port;
    }

    @Test
    void aSocketFollowsAServiceToAllNodesThatOfferIt() {
        for (int port : all) {
            consumer.receiveNoWait(pull(port));
        }
        node("w-0", all[0], Map.of(), false, "sort");
        arrivesOnlyAt("sort", all[0]);
        node("w-1", all[1], Map.of(), false, "sort");
        arrivesOnlyAt("sort", all[0], all[1]);
        node("w-0", all[0], Map.of(), true);
        arrivesOnlyAt("sort", all[1]);
        node("w-1", all[1], Map.of(), true);
        arrivesOnlyAt("sort", all[1]);
    }

    @Test
    void ofNodesThatStandInForEachOtherTheOneWithTheHighestEpochIsUsedAtItsNamedPort() {
        for (int port : all) {
            consumer.receiveNoWait(pull(port));
        }
        node("left", 1, Map.of("epoch", "1", "port.in", "" + all[0]), false, "one");
        node("right", 1, Map.of("epoch", "2", "port.in", "" + all[1]), false, "one");
        arrivesOnlyAt("one/in", all[1]);
        node("left", 1, Map.of("epoch", "3", "port.in", "" + all[2]), false, "one");
        arrivesOnlyAt("one/in", all[2]);
    }

    @Test
    void aServiceIsConnectedToAndNotBound() {
        assertThatThrownBy(() -> consumer.receiveNoWait("zeromq:pull:registry:work"))
                .hasStackTraceContaining("set bind=false");
        assertThatThrownBy(() -> producer.sendBody("zeromq:push:registry:a/b/c", "x"))
                .hasStackTraceContaining("must be registry:<service> or registry:<service>/<port>");
    }
}
