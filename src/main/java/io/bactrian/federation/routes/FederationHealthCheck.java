package io.bactrian.federation.routes;

import java.util.Map;
import org.apache.camel.CamelContext;
import org.apache.camel.health.HealthCheckRegistry;
import org.apache.camel.health.HealthCheckResultBuilder;
import org.apache.camel.impl.health.AbstractHealthCheck;

/**
 * DOWN while the node cannot keep what it decides. A silent neighbour, and a passive process of a pair, are no faults of this
 * process: alarms tell of them.
 */
final class FederationHealthCheck extends AbstractHealthCheck {
    private final FederationNode node;

    private FederationHealthCheck(FederationNode node) {
        super("bactrian", "bactrian-federation");
        this.node = node;
    }

    static void register(CamelContext context, FederationNode node) {
        HealthCheckRegistry registry = HealthCheckRegistry.get(context);
        if (registry != null) {
            registry.register(new FederationHealthCheck(node));
        }
    }

    @Override
    protected void doCall(HealthCheckResultBuilder builder, Map<String, Object> options) {
        node.figures().forEach(builder::detail);
        String problem = node.problem();
        if (problem.isEmpty()) {
            builder.up();
        } else {
            builder.message(problem).down();
        }
    }
}
