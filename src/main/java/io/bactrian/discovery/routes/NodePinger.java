package io.bactrian.discovery.routes;

import io.bactrian.discovery.core.Action;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;
import org.apache.camel.AsyncProducer;
import org.apache.camel.CamelContext;
import org.apache.camel.Endpoint;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangePattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Pings nodes as the reference does, a request with the text {@code ping KIND}, each over a connection of its own to the
 * address that it registered. Nothing waits for an answer: one that comes goes to the core, one that does not is missed
 * there.
 */
final class NodePinger implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(NodePinger.class);
    /** Longer than a core waits: an answer that is late is a sign of life, too. */
    private static final String OPTIONS = "?requestTimeout=3000&sendHighWaterMark=8&pendingQueue=64&sendTimeout=100"
            + "&linger=0&reconnectInterval=100&reconnectIntervalMax=1000&maxFrameBytes=65536";

    private static final long IDLE_NS = TimeUnit.MINUTES.toNanos(1);

    private final CamelContext context;
    private final RouterNode router;
    private final int max;
    private final Notices notices;
    private final Map<String, Connection> connections = new LinkedHashMap<>();
    private boolean closed;

    private static final class Connection {
        private final Endpoint endpoint;
        private final AsyncProducer producer;
        private long usedNs = System.nanoTime();

        private Connection(Endpoint endpoint, AsyncProducer producer) {
            this.endpoint = endpoint;
            this.producer = producer;
        }
    }

    NodePinger(CamelContext context, RouterNode router, int max, Notices notices) {
        this.context = context;
        this.router = router;
        this.max = max;
        this.notices = notices;
    }

    void ping(Action.PingNode ping) {
        request(
                ping.address(),
                ping.text(),
                tookUs -> router.event(core -> {
                    core.pingAnswered(ping.node(), tookUs, router.now());
                    return true;
                }));
    }

    void check(Action.CheckNode check) {
        request(
                check.address(),
                check.text(),
                tookUs -> router.event(core -> {
                    core.checkAnswered(check);
                    return true;
                }));
    }

    private void request(String address, String text, LongConsumer answered) {
        try {
            AsyncProducer producer = producer(address);
            if (producer == null) {
                return;
            }
            Exchange exchange = producer.getEndpoint().createExchange(ExchangePattern.InOut);
            exchange.getMessage().setBody(text.getBytes(StandardCharsets.UTF_8));
            long startedNs = System.nanoTime();
            producer.process(exchange, doneSync -> {
                if (exchange.getException() == null) {
                    answered.accept(TimeUnit.NANOSECONDS.toMicros(System.nanoTime() - startedNs));
                } else {
                    LOG.debug(
                            "no answer to a ping address={} reason={}",
                            address,
                            exchange.getException().toString());
                }
            });
        } catch (Exception e) {
            notices.add("ping-failed", address, "no ping could be sent: " + e.getMessage());
        }
    }

    private synchronized @org.jspecify.annotations.Nullable AsyncProducer producer(String address) throws Exception {
        if (closed) {
            return null;
        }
        Connection known = connections.get(address);
        if (known != null) {
            known.usedNs = System.nanoTime();
            return known.producer;
        }
        if (connections.size() >= max) {
            notices.add("ping-nodes-max", address, "not more than " + max + " nodes are pinged; this one is not");
            return null;
        }
        Endpoint endpoint = context.getEndpoint("zeromq:dealer:" + address + OPTIONS);
        AsyncProducer producer = endpoint.createAsyncProducer();
        producer.start();
        connections.put(address, new Connection(endpoint, producer));
        return producer;
    }

    synchronized int size() {
        return connections.size();
    }

    /** Closes connections to nodes that are not pinged any more. */
    void closeIdle() {
        List<Connection> idle = new ArrayList<>();
        synchronized (this) {
            long nowNs = System.nanoTime();
            connections.values().removeIf(connection -> {
                boolean old = nowNs - connection.usedNs > IDLE_NS;
                if (old) {
                    idle.add(connection);
                }
                return old;
            });
        }
        idle.forEach(this::close);
    }

    private void close(Connection connection) {
        try {
            connection.producer.stop();
            context.removeEndpoint(connection.endpoint);
        } catch (Exception e) {
            LOG.debug("a connection for pings was not closed: {}", e.toString());
        }
    }

    @Override
    public void close() {
        List<Connection> all;
        synchronized (this) {
            closed = true;
            all = new ArrayList<>(connections.values());
            connections.clear();
        }
        all.forEach(this::close);
    }
}
