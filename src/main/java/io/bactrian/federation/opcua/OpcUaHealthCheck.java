package io.bactrian.federation.opcua;

import java.util.Map;
import org.apache.camel.CamelContext;
import org.apache.camel.health.HealthCheckRegistry;
import org.apache.camel.health.HealthCheckResultBuilder;
import org.apache.camel.impl.health.AbstractHealthCheck;

/** DOWN while the OPC UA server does not run, or cannot serve all keys. Clients and writes that were refused are no faults of it. */
final class OpcUaHealthCheck extends AbstractHealthCheck {
    private final OpcUaService service;

    private OpcUaHealthCheck(OpcUaService service) {
        super("bactrian", "bactrian-federation-opcua");
        this.service = service;
    }

    static void register(CamelContext context, OpcUaService service) {
        HealthCheckRegistry registry = HealthCheckRegistry.get(context);
        if (registry != null) {
            registry.register(new OpcUaHealthCheck(service));
        }
    }

    @Override
    protected void doCall(HealthCheckResultBuilder builder, Map<String, Object> options) {
        service.figures().forEach(builder::detail);
        String problem = service.problem();
        if (problem.isEmpty()) {
            builder.up();
        } else {
            builder.message(problem).down();
        }
    }
}
