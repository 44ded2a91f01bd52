package io.bactrian.pubsub.routes;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.camel.health.HealthCheckResultBuilder;
import org.apache.camel.impl.health.AbstractHealthCheck;

/**
 * DOWN while subscribers get nothing as the log is damaged or not the one they know, and while full topics refuse messages;
 * says who, and what to do.
 */
final class HubHealthCheck extends AbstractHealthCheck {
    private final Hub hub;

    HubHealthCheck(Hub hub) {
        super("bactrian", "bactrian-hub");
        this.hub = hub;
    }

    @Override
    protected void doCall(HealthCheckResultBuilder builder, Map<String, Object> options) {
        List<String> problems = new ArrayList<>();
        List<String> waiting = hub.waitingForRepair();
        if (!waiting.isEmpty()) {
            String all = String.join("; ", waiting);
            builder.detail("hub.waiting", all);
            problems.add("the log is damaged, and subscribers wait until it is repaired: " + all);
        }
        List<String> strangers = hub.strangers();
        if (!strangers.isEmpty()) {
            String all = String.join("; ", strangers);
            builder.detail("hub.strangers", all);
            problems.add("the log is not the one that subscribers know: " + all);
        }
        List<String> full = hub.fullTopics();
        if (!full.isEmpty()) {
            String all = String.join("; ", full);
            builder.detail("hub.full", all);
            problems.add("topics refuse messages as subscribers still need all that they may hold, have these read or"
                    + " unsubscribed, or raise bactrian.hub.retention.bytes: " + all);
        }
        if (problems.isEmpty()) {
            builder.up();
        } else {
            builder.down().message(String.join("; ", problems));
        }
    }
}
