package io.bactrian.discovery.routes;

import java.util.Map;
import org.apache.camel.CamelContext;
import org.apache.camel.health.HealthCheckRegistry;
import org.apache.camel.health.HealthCheckResultBuilder;
import org.apache.camel.impl.health.AbstractHealthCheck;

/** Says whether the router serves and its registry is written. */
final class RouterHealthCheck extends AbstractHealthCheck {
    private final RouterNode router;

    private RouterHealthCheck(RouterNode router) {
        super("bactrian", "bactrian-discovery");
        this.router = router;
    }

    static void register(CamelContext context, RouterNode router) {
        HealthCheckRegistry registry = HealthCheckRegistry.get(context);
        if (registry != null) {
            registry.register(new RouterHealthCheck(router));
        }
    }

    @Override
    protected void doCall(HealthCheckResultBuilder builder, Map<String, Object> options) {
        router.figures().forEach(builder::detail);
        String problem = router.saveProblem();
        if (problem.isEmpty()) {
            builder.up();
        } else {
            builder.message(problem).down();
        }
    }
}
