package io.bactrian.pair.routes;

import java.util.Map;
import org.apache.camel.health.HealthCheckResultBuilder;
import org.apache.camel.impl.health.AbstractHealthCheck;

/** Down while this node sends no heartbeats: its log or its application is not well. */
final class PairHealthCheck extends AbstractHealthCheck {
    private final Pair pair;

    PairHealthCheck(Pair pair) {
        super("bactrian", "bactrian-pair");
        this.pair = pair;
    }

    @Override
    protected void doCall(HealthCheckResultBuilder builder, Map<String, Object> options) {
        Map<String, Object> figures = pair.figures();
        for (String name : new String[] {"role", "epoch", "peerAlive", "peerStanding", "witness", "lag"}) {
            builder.detail(name, String.valueOf(figures.get(name)));
        }
        if (Boolean.TRUE.equals(figures.get("healthy"))) {
            builder.up();
        } else {
            builder.message("the node sends no heartbeats: its log or its application is not well");
            builder.down();
        }
    }
}
