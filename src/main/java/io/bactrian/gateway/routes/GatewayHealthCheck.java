package io.bactrian.gateway.routes;

import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.apache.camel.health.HealthCheckResultBuilder;
import org.apache.camel.impl.health.AbstractHealthCheck;

/** DOWN while a role of the gateway cannot do its work, with the reason; in any case with its figures. */
final class GatewayHealthCheck extends AbstractHealthCheck {
    private final GatewayMeters meters;
    private final Supplier<Optional<String>> trouble;

    GatewayHealthCheck(String role, GatewayMeters meters, Supplier<Optional<String>> trouble) {
        super("bactrian", "bactrian-gateway-" + role);
        this.meters = meters;
        this.trouble = trouble;
    }

    @Override
    protected void doCall(HealthCheckResultBuilder builder, Map<String, Object> options) {
        meters.values().forEach(builder::detail);
        Optional<String> reason = trouble.get();
        if (reason.isPresent()) {
            builder.down().message(reason.get());
        } else {
            builder.up();
        }
    }
}
