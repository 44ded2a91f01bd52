package io.bactrian.pair.routes;

import org.apache.camel.CamelContext;
import org.apache.camel.Endpoint;
import org.apache.camel.Exchange;
import org.apache.camel.Producer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Wakes a route that waits at a {@code seda:} endpoint; while the context is not running nothing happens. Thread-safe. */
public final class Wake {
    private static final Logger LOG = LoggerFactory.getLogger(Wake.class);

    private final CamelContext context;
    private final String uri;
    private volatile @Nullable Producer producer;
    private volatile boolean closed;

    /** {@code uri} with {@code size=1&discardWhenFull=true}: a wake-up that waits already is enough. */
    public Wake(CamelContext context, String uri) {
        this.context = context;
        this.uri = uri;
    }

    /** Returns at once. */
    public void now() {
        if (closed || !context.isStarted()) {
            return;
        }
        try {
            Producer open = producer();
            Exchange exchange = open.getEndpoint().createExchange();
            open.process(exchange);
        } catch (Exception e) {
            LOG.debug("uri={} not woken: {}", uri, e.toString());
        }
    }

    private Producer producer() throws Exception {
        Producer open = producer;
        if (open == null) {
            synchronized (this) {
                open = producer;
                if (open == null) {
                    Endpoint endpoint = context.getEndpoint(uri);
                    open = endpoint.createProducer();
                    open.start();
                    producer = open;
                }
            }
        }
        return open;
    }

    /** Wakes nobody any more. */
    public void close() {
        closed = true;
        Producer open = producer;
        if (open != null) {
            open.stop();
        }
    }
}
