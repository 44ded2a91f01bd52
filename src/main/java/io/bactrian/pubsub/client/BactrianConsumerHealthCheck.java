package io.bactrian.pubsub.client;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.apache.camel.health.HealthCheckResultBuilder;
import org.apache.camel.impl.health.AbstractHealthCheck;

/** DOWN while the hub is not heard, the cursor cannot be saved, another process has taken the subscriber's id or ended its patterns. */
final class BactrianConsumerHealthCheck extends AbstractHealthCheck {
    private static final Duration SILENCE = Duration.ofSeconds(5);

    private final BactrianConsumer consumer;

    BactrianConsumerHealthCheck(BactrianConsumer consumer, String id) {
        super("camel", "consumer:bactrian-" + id);
        this.consumer = consumer;
    }

    @Override
    protected void doCall(HealthCheckResultBuilder builder, Map<String, Object> options) {
        Subscriber subscriber = consumer.subscriber();
        Throwable failure = consumer.failure();
        builder.detail("bactrian.hub", consumer.getEndpoint().getServiceUrl());
        builder.detail(
                "bactrian.subscriber",
                String.valueOf(consumer.getEndpoint().getConfiguration().getSubscriber()));
        if (failure != null) {
            builder.down().message(failure.getMessage()).error(failure);
        } else if (subscriber == null) {
            builder.down().message("the consumer is not started");
        } else {
            Optional<String> obstacle = subscriber.waitsFor(SILENCE);
            if (obstacle.isPresent()) {
                builder.down().message(obstacle.get());
            } else {
                builder.detail("bactrian.position", subscriber.position());
                builder.up();
            }
        }
    }
}
