package io.bactrian.pair.hub;

import static org.assertj.core.api.Assertions.assertThat;

import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.Test;

/** A route of the application, from before its start to the end of its context. */
class RouteRunsTest {
    @Test
    void aRouteThatWasStartedMustGoOnUntilItsContextStops() throws Exception {
        try (DefaultCamelContext context = new DefaultCamelContext()) {
            context.addRoutes(new RouteBuilder() {
                @Override
                public void configure() {
                    from("direct:a").routeId("a").to("mock:a");
                }
            });
            RouteRuns runs = new RouteRuns(context, "a");
            RouteRuns none = new RouteRuns(context, "none");
            assertThat(runs.getAsBoolean()).isTrue();
            context.start();
            assertThat(runs.getAsBoolean()).isTrue();
            context.getRouteController().stopRoute("a");
            assertThat(runs.getAsBoolean()).isFalse();
            context.getRouteController().startRoute("a");
            assertThat(runs.getAsBoolean()).isTrue();
            assertThat(none.getAsBoolean()).isTrue();
            context.getRouteController().stopRoute("a");
            context.stop();
            assertThat(runs.getAsBoolean()).isTrue();
        }
    }
}
