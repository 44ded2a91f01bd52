package io.bactrian.discovery.routes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.bactrian.discovery.core.Registration;
import io.bactrian.testing.Ports;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.camel.CamelContext;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.Test;

class AssignedRoutePolicyTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private static Registration node() {
        return new Registration(
                "node-1", "worker", "", "127.0.0.1", 0, "", "", List.of(), Map.of(), "node-1", 60_000, 0, List.of());
    }

    private static void assign(NodeAgent agent, String holder, int version) {
        agent.assigned(
                "{\"group\":\"\",\"coverage\":\"work\",\"holder\":\"" + holder + "\",\"version\":" + version + "}");
    }

    private static boolean runs(CamelContext context) {
        return context.getRouteController().getRouteStatus("work").isStarted();
    }

    @Test
    @SuppressWarnings("try") // One of them is closed before the end of the block.
    void aRouteThatCouldNotStartIsTriedAgainUntilItRuns() throws Exception {
        int port = Ports.free();
        try (CamelContext context = new DefaultCamelContext();
                ServerSocket former = occupied(port)) {
            NodeAgent agent = new NodeAgent(context, node(), List.of(), null);
            context.getRegistry().bind("policy", new AssignedRoutePolicy(agent));
            context.addRoutes(new RouteBuilder() {
                @Override
                public void configure() {
                    from("zeromq:rep:tcp://127.0.0.1:" + port)
                            .routeId("work")
                            .routePolicyRef("policy")
                            .log("x");
                }
            });
            context.start();
            assertThat(runs(context)).as("before it is assigned").isFalse();
            assign(agent, "node-1", 1);
            agent.refresh();
            assertThat(runs(context)).as("before a router has taken this node").isFalse();
            agent.answered("router", System.nanoTime(), "{\"assignments\":[]}");
            assign(agent, "node-1", 1);
            agent.refresh();
            assertThat(runs(context)).as("while another has its port").isFalse();
            former.close();
            await().atMost(PATIENCE).until(() -> {
                agent.refresh();
                return runs(context);
            });
            assign(agent, "node-2", 2);
            await().atMost(PATIENCE).until(() -> !runs(context));
        }
    }

    private static ServerSocket occupied(int port) throws IOException {
        return new ServerSocket(port, 1, InetAddress.getLoopbackAddress());
    }
}
