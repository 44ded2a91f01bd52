package io.bactrian.federation.routes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The Kamelets of the replicated state, in an application that is no node. */
class StateKameletsTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final String A = "nodes.root.a";

    @TempDir
    Path folder;

    @Test
    void aKeyIsSetByOneAndItsChangeComesByTheOther() throws Exception {
        List<String> seen = new CopyOnWriteArrayList<>();
        try (TestFederation federation = new TestFederation(folder, TestFederation.rootWithTwoChildren()).start(A);
                DefaultCamelContext context = new DefaultCamelContext()) {
            int port = federation.port("a");
            context.addRoutes(new RouteBuilder() {
                @Override
                public void configure() {
                    from("kamelet:state-changes-source?prefix=tunnel.a.&port=" + (port + 1))
                            .process(exchange -> seen.add(exchange.getIn().getHeader("CamelBactrianKey") + "="
                                    + exchange.getIn().getBody(String.class)));
                    from("direct:set").to("kamelet:state-set-sink?key=tunnel.a.fan&port=" + port);
                    from("direct:set-any")
                            .to("kamelet:state-set-sink?key=tunnel.a.fan&keyFromHeader=true&port=" + port);
                }
            });
            context.start();
            try (var producer = context.createProducerTemplate()) {
                await().atMost(PATIENCE).until(() -> {
                    producer.sendBody("direct:set", "on");
                    return seen.contains("tunnel.a.fan=on");
                });
                producer.sendBodyAndHeader("direct:set", "off", "CamelBactrianKey", "tunnel.a.light");
                assertThat(federation.value(A, "tunnel.a.fan"))
                        .as("the header of a source does not beat the key that is configured")
                        .isEqualTo("off");
                producer.sendBodyAndHeader("direct:set-any", "dim", "CamelBactrianKey", "tunnel.a.light");
                assertThat(federation.value(A, "tunnel.a.light")).isEqualTo("dim");
                assertThat(federation
                                .application(A)
                                .context()
                                .resolveLanguage("simple")
                                .createExpression("${bean:bactrianFederation?method=value('tunnel.a.light')}")
                                .evaluate(
                                        new org.apache.camel.support.DefaultExchange(
                                                federation.application(A).context()),
                                        String.class))
                        .as("any route of the node reads a key")
                        .isEqualTo("dim");
                assertThatThrownBy(
                                () -> producer.sendBodyAndHeader("direct:set-any", "x", "CamelBactrianKey", "no.body"))
                        .hasStackTraceContaining("nobody owns no.body");
            }
        }
    }
}
