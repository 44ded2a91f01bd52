package io.bactrian.zeromq;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.List;
import java.util.Map;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.console.DevConsole;
import org.apache.camel.console.DevConsoleRegistry;
import org.apache.camel.health.HealthCheck;
import org.apache.camel.health.HealthCheckAware;
import org.apache.camel.spi.EndpointServiceLocation;
import org.apache.camel.util.json.JsonObject;
import org.junit.jupiter.api.Test;

/** Meters, console, health and service location of a socket. */
class ObservabilityTest extends ZeroMqTest {
    private static final String PULL = "zeromq:pull:" + FREE;

    @Test
    void aSocketIsMeteredWhileItIsOpen() throws Exception {
        SimpleMeterRegistry registry = new SimpleMeterRegistry();
        context.getRegistry().bind("meters", registry);
        routes(new RouteBuilder() {
            @Override
            public void configure() {
                from(PULL).routeId("in").process(received::add);
            }
        });
        send("zeromq:push:" + bound(PULL), List.of(bytes("ab"), bytes("c")));
        await().until(() -> received.size() == 1);
        assertThat(registry.get("bactrian.zeromq.received.messages")
                        .tag("type", "pull")
                        .functionCounter()
                        .count())
                .isEqualTo(1);
        assertThat(registry.get("bactrian.zeromq.received.bytes")
                        .tag("type", "pull")
                        .functionCounter()
                        .count())
                .isEqualTo(3);
        assertThat(registry.get("bactrian.zeromq.queued")
                        .tag("type", "push")
                        .gauge()
                        .value())
                .isEqualTo(0);
        context.getRouteController().stopRoute("in");
        assertThat(registry.find("bactrian.zeromq.received.messages")
                        .tag("type", "pull")
                        .functionCounter())
                .isNull();
    }

    @Test
    void theConsoleShowsEachSocket() throws Exception {
        String address = consume(PULL);
        send("zeromq:push:" + address, "x");
        await().until(() -> received.size() == 1);
        DevConsole console = context.getCamelContextExtension()
                .getContextPlugin(DevConsoleRegistry.class)
                .resolveById("zeromq");
        assertThat(console).isNotNull();
        JsonObject json = (JsonObject) console.call(DevConsole.MediaType.JSON, Map.of());
        assertThat((List<?>) json.get("sockets"))
                .hasSize(2)
                .anySatisfy(socket -> assertThat((JsonObject) socket)
                        .containsEntry("type", "pull")
                        .containsEntry("bound", address)
                        .containsEntry("receivedMessages", 1L));
        assertThat((String) console.call(DevConsole.MediaType.TEXT, Map.of())).contains("bound: " + address);
    }

    @Test
    void aConsumerIsHealthyAndSaysWhereItListens() throws Exception {
        String address = consume(PULL);
        var consumer = context.getRoutes().get(0).getConsumer();
        HealthCheck check = ((HealthCheckAware) consumer).getHealthCheck();
        HealthCheck.Result result = check.call();
        assertThat(result.getState()).isEqualTo(HealthCheck.State.UP);
        assertThat(result.getDetails()).containsEntry("zeromq.addresses", address);
        assertThat(((EndpointServiceLocation) consumer.getEndpoint()).getServiceUrl())
                .isEqualTo(address);
    }
}
