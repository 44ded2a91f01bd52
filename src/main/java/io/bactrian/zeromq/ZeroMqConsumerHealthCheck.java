package io.bactrian.zeromq;

import java.util.Map;
import org.apache.camel.health.HealthCheck;
import org.apache.camel.health.HealthCheckResultBuilder;

/**
 * DOWN once the consumer's socket, or an I/O thread of its context, has ended by itself. It implements Camel's interface
 * itself, because the base class is in camel-health, which the component does without.
 */
final class ZeroMqConsumerHealthCheck implements HealthCheck {
    private final ZeroMqConsumer consumer;
    private final String id;
    private volatile boolean enabled = true;

    ZeroMqConsumerHealthCheck(ZeroMqConsumer consumer, String id) {
        this.consumer = consumer;
        this.id = "consumer:zeromq-" + id;
    }

    @Override
    public String getGroup() {
        return "camel";
    }

    @Override
    public String getId() {
        return id;
    }

    @Override
    public boolean isEnabled() {
        return enabled;
    }

    @Override
    public void setEnabled(boolean enabled) {
        this.enabled = enabled;
    }

    @Override
    public Result call(Map<String, Object> options) {
        HealthCheckResultBuilder builder = HealthCheckResultBuilder.on(this);
        if (!enabled) {
            return builder.unknown().message("Disabled").build();
        }
        builder.detail(
                "zeromq.socketType",
                consumer.getEndpoint().getConfiguration().kind().name());
        builder.detail("zeromq.addresses", consumer.getEndpoint().getServiceUrl());
        Throwable failure = consumer.failure();
        if (failure == null) {
            return builder.up().build();
        }
        return builder.down()
                .message("the ZeroMQ socket has ended")
                .error(failure)
                .build();
    }
}
