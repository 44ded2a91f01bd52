package io.bactrian.pubsub.routes;

import java.util.List;
import java.util.Map;
import org.apache.camel.health.HealthCheckResultBuilder;
import org.apache.camel.impl.health.AbstractHealthCheck;

/** DOWN while subscribers wait for a part of the log that is damaged; says who, and for which topics. */
final class HubHealthCheck extends AbstractHealthCheck {
    private final Hub hub;

    HubHealthCheck(Hub hub) {
        super("bactrian", "bactrian-hub");
        this.hub = hub;
    }

    @Override
    protected void doCall(HealthCheckResultBuilder builder, Map<String, Object> options) {
        List<String> waiting = hub.waitingForRepair();
        if (waiting.isEmpty()) {
            builder.up();
        } else {
            builder.detail("hub.waiting", String.join("; ", waiting));
            builder.down()
                    .message("the log is damaged, and subscribers wait until it is repaired: "
                            + String.join("; ", waiting));
        }
    }
}
