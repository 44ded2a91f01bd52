package io.bactrian.pubsub.client;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.camel.AsyncEndpoint;
import org.apache.camel.Category;
import org.apache.camel.Consumer;
import org.apache.camel.PollingConsumer;
import org.apache.camel.Processor;
import org.apache.camel.Producer;
import org.apache.camel.spi.EndpointServiceLocation;
import org.apache.camel.spi.UriEndpoint;
import org.apache.camel.spi.UriParam;
import org.apache.camel.support.DefaultEndpoint;

/** Put messages to a Bactrian hub and get them from it, exactly once and in order. */
@UriEndpoint(
        firstVersion = "0.1.0",
        scheme = "bactrian",
        title = "Bactrian",
        syntax = "bactrian:topic",
        category = {Category.MESSAGING},
        headersClass = BactrianConstants.class)
public class BactrianEndpoint extends DefaultEndpoint implements AsyncEndpoint, EndpointServiceLocation {
    @UriParam
    private final BactrianConfiguration configuration;

    public BactrianEndpoint(String uri, BactrianComponent component, BactrianConfiguration configuration) {
        super(uri, component);
        this.configuration = configuration;
    }

    @Override
    public Producer createProducer() {
        Pattern.topic(configuration.getTopic());
        return new BactrianProducer(this);
    }

    @Override
    public Consumer createConsumer(Processor processor) throws Exception {
        check();
        BactrianConsumer consumer = new BactrianConsumer(this, processor);
        configureConsumer(consumer);
        return consumer;
    }

    @Override
    public PollingConsumer createPollingConsumer() {
        check();
        if (configuration.isTransacted()) {
            throw new IllegalArgumentException(
                    this + ": transacted=true is for a route that begins here, not for polling");
        }
        return new BactrianPollingConsumer(this);
    }

    private void check() {
        List<String> wrong = new ArrayList<>();
        if (configuration.getSubscriber() == null) {
            wrong.add("subscriber is not set: a consumer needs the id of its durable subscriber");
        }
        if (configuration.isTransacted() && configuration.getDataSource() == null) {
            wrong.add("transacted=true needs dataSource, the database that the route writes to");
        }
        if (configuration.getRedeliveries() < 0) {
            wrong.add("redeliveries=" + configuration.getRedeliveries() + " must not be negative");
        }
        if (configuration.getRedeliveryDelay() < 1
                || configuration.getRedeliveryDelayMax() < configuration.getRedeliveryDelay()) {
            wrong.add("redeliveryDelay=" + configuration.getRedeliveryDelay() + " must be from 1 to redeliveryDelayMax="
                    + configuration.getRedeliveryDelayMax());
        }
        try {
            Start.parse(configuration.getFrom());
        } catch (IllegalArgumentException e) {
            wrong.add(String.valueOf(e.getMessage()));
        }
        if (!wrong.isEmpty()) {
            throw new IllegalArgumentException(this + ": " + String.join("; ", wrong));
        }
    }

    /** Opens the durable subscriber of this endpoint. */
    Subscriber openSubscriber() {
        ClientSettings settings = getComponent()
                .settings(String.valueOf(configuration.getSubscriber()), configuration)
                .dataSource(configuration.getDataSource())
                .acknowledge(configuration.isTransacted() ? Acknowledge.TRANSACTIONAL : Acknowledge.EXPLICIT)
                // The consumer waits for its subscription however long the hub is away.
                .requestTime(Duration.ofDays(365))
                .saveInterval(Duration.ofMillis(configuration.getSaveInterval()))
                .receiveWindowBytes(configuration.getReceiveWindowBytes())
                .sourcesMax(configuration.getSourcesMax())
                .build();
        return Subscriber.open(settings);
    }

    public BactrianConfiguration getConfiguration() {
        return configuration;
    }

    @Override
    public BactrianComponent getComponent() {
        return (BactrianComponent) super.getComponent();
    }

    @Override
    public boolean isLenientProperties() {
        return false;
    }

    @Override
    public String getServiceUrl() {
        return configuration.getHost() + ":" + configuration.getPublishPort() + "," + configuration.getSubscribePort();
    }

    @Override
    public String getServiceProtocol() {
        return "bactrian";
    }

    @Override
    public Map<String, String> getServiceMetadata() {
        return Map.of("topic", configuration.getTopic());
    }
}
