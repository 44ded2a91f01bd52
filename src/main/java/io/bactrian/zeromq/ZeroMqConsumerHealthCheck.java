package io.bactrian.zeromq;

import java.util.Map;
import org.apache.camel.health.HealthCheckResultBuilder;
import org.apache.camel.impl.health.AbstractHealthCheck;

/** DOWN once the consumer's socket, or an I/O thread of its context, has ended by itself. */
final class ZeroMqConsumerHealthCheck extends AbstractHealthCheck {
    private final ZeroMqConsumer consumer;

    ZeroMqConsumerHealthCheck(ZeroMqConsumer consumer, String id) {
        super("camel", "consumer:zeromq-" + id);
        this.consumer = consumer;
    }

    @Override
    protected void doCall(HealthCheckResultBuilder builder, Map<String, Object> options) {
        builder.detail(
                "zeromq.socketType",
                consumer.getEndpoint().getConfiguration().kind().name());
        builder.detail("zeromq.addresses", consumer.getEndpoint().getServiceUrl());
        Throwable failure = consumer.failure();
        if (failure == null) {
            builder.up();
        } else {
            builder.down().message("the ZeroMQ socket has ended").error(failure);
        }
    }
}
