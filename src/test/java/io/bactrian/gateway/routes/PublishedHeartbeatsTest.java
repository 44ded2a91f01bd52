package io.bactrian.gateway.routes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.bactrian.pubsub.client.Bactrian;
import io.bactrian.pubsub.client.ClientSettings;
import io.bactrian.pubsub.client.Message;
import io.bactrian.pubsub.client.Start;
import io.bactrian.testing.Ports;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Heartbeats on a hub, from the shipped routes of hub, balancer and worker. */
@Tag("system")
class PublishedHeartbeatsTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int HEARTBEATS = 50;

    @TempDir
    Path folder;

    private final HttpCalls http = new HttpCalls();

    @Test
    void aDurableSubscriberGetsEachAcceptedHeartbeatOnce() throws Exception {
        int publish = Ports.free();
        int subscribe = Ports.free();
        List<String> hubSettings = List.of(
                "bactrian.hub.publish=tcp://127.0.0.1:" + publish,
                "bactrian.hub.subscribe=tcp://127.0.0.1:" + subscribe,
                "bactrian.hub.plain.in=tcp://127.0.0.1:" + Ports.free(),
                "bactrian.hub.plain.out=tcp://127.0.0.1:" + Ports.free());
        int port = Ports.free();
        int management = Ports.free();
        GatewayNode hub = GatewayNode.start("hub", folder.resolve("hub"), 0, hubSettings);
        try (GatewayNode balancer = GatewayNode.balancer(folder.resolve("gateway"));
                GatewayNode worker = GatewayNode.start(
                        "worker-publish",
                        folder.resolve("gateway"),
                        port,
                        List.of(
                                "bactrian.gateway.worker.port=" + port,
                                "bactrian.gateway.balancers=" + balancer.address(),
                                "bactrian.gateway.publish.port=" + publish,
                                "bactrian.management.port=" + management));
                Bactrian subscriber = Bactrian.open(ClientSettings.builder("test")
                        .publishPort(publish)
                        .subscribePort(subscribe)
                        .data(folder.resolve("client"))
                        .build())) {
            subscriber.subscribe("heartbeats/*", Start.OLDEST);
            await().atMost(PATIENCE)
                    .until(() -> http.answer(balancer.address() + "/register/7").startsWith("200"));
            for (int i = 1; i <= HEARTBEATS; i++) {
                assertThat(http.heartbeat(worker.address(), 7, "lab", "" + i))
                        .isEqualTo("200 Producer(7) heartbeat updated");
            }
            List<String> got = new ArrayList<>();
            while (got.size() < HEARTBEATS) {
                Message message = subscriber.get(PATIENCE);
                assertThat(message).as("after %s", got).isNotNull();
                assertThat(message.topic()).isEqualTo("heartbeats/7");
                got.add(new String(message.body(), StandardCharsets.UTF_8));
                subscriber.processed(message);
            }
            for (int i = 1; i <= HEARTBEATS; i++) {
                assertThat(got.get(i - 1))
                        .startsWith("{\"id\":7,\"location\":\"lab\"")
                        .endsWith("\"data\":" + i + "}");
            }
            assertThat(subscriber.get(Duration.ofMillis(200))).isNull();
            assertThat(http.consume(balancer, 7)).isEqualTo("" + HEARTBEATS);
            assertThat(http.answer("http://127.0.0.1:" + management + "/observe/metrics"))
                    .contains(
                            "bactrian_gateway_worker_heartbeats_total " + HEARTBEATS + ".0",
                            "bactrian_gateway_worker_lease 1.0");
            assertThat(http.answer("http://127.0.0.1:" + management + "/observe/health?data=true"))
                    .contains("bactrian-gateway-worker", "worker.heartbeats");
        } finally {
            hub.close();
        }
    }
}
