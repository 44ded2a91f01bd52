package io.bactrian.discovery.routes;

import io.bactrian.discovery.core.Action;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;
import org.apache.camel.AsyncProducer;
import org.apache.camel.CamelContext;
import org.apache.camel.Endpoint;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangePattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Pings nodes as the reference does, a request with the text {@code ping KIND}, each over a connection of its own to the
 * address that it registered. Nothing waits for an answer: one that comes goes to the core, one that does not is missed
 * there. A connection is opened on a thread of its own, one after the other, as that takes time,
 * a name is looked up beside it before, and who calls here listens to
 * the other routers. A ping that comes meanwhile is put off, and the node is not to blame.
 */
final class NodePinger implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(NodePinger.class);
    /** Longer than a core waits: an answer that is late is a sign of life, too. */
    private static final String OPTIONS = "?requestTimeout=3000&sendHighWaterMark=8&pendingQueue=64&sendTimeout=100"
            + "&linger=0&reconnectInterval=100&reconnectIntervalMax=1000&maxFrameBytes=65536";

    private static final long IDLE_NS = TimeUnit.MINUTES.toNanos(1);
    /** An address to which no connection can be opened is tried again after this time. */
    private static final long FAILED_NS = TimeUnit.SECONDS.toNanos(5);

    private static final int NAME_THREADS = 16;

    private final CamelContext context;
    private final RouterNode router;
    private final int max;
    private final Notices notices;
    private final Map<String, Connection> connections = new LinkedHashMap<>();
    private final ExecutorService opener;
    /** Looks up names, so that a name that takes long holds up no node that has none. */
    private final ExecutorService names;

    private boolean closed;

    private static final class Connection {
        private @Nullable Endpoint endpoint;
        /** Null while the connection is being opened, and if it cannot be. */
        private @Nullable AsyncProducer producer;

        private boolean failed;

        private long usedNs = System.nanoTime();
    }

    NodePinger(CamelContext context, RouterNode router, int max, Notices notices) {
        this.context = context;
        this.router = router;
        this.max = max;
        this.notices = notices;
        opener = context.getExecutorServiceManager().newSingleThreadExecutor(this, "bactrian-discovery-pings");
        names = context.getExecutorServiceManager().newFixedThreadPool(this, "bactrian-node-names", NAME_THREADS);
    }

    void ping(Action.PingNode ping) {
        Outcome outcome = request(
                ping.address(),
                ping.text(),
                tookUs -> router.event(core -> {
                    core.pingAnswered(ping.node(), tookUs, router.now());
                    return true;
                }));
        if (outcome == Outcome.PUT_OFF) {
            router.event(core -> {
                core.pingPutOff(ping.node());
                return true;
            });
        } else if (outcome == Outcome.NO_ROOM) {
            router.event(core -> {
                core.pingNotPossible(ping.node(), router.now());
                return true;
            });
        }
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

    /** What became of a ping; it is put off while its connection is being opened. */
    private enum Outcome {
        SENT,
        PUT_OFF,
        NO_ROOM
    }

    private Outcome request(String address, String text, LongConsumer answered) {
        Connection connection;
        AsyncProducer producer;
        synchronized (this) {
            connection = connections.get(address);
            if (connection != null && connection.failed && System.nanoTime() - connection.usedNs > FAILED_NS) {
                connections.remove(address);
                connection = null;
            }
            if (connection == null) {
                return opens(address, text, answered);
            }
            producer = connection.producer;
            if (producer == null) {
                return connection.failed ? Outcome.SENT : Outcome.PUT_OFF;
            }
            connection.usedNs = System.nanoTime();
        }
        send(producer, address, text, answered);
        return Outcome.SENT;
    }

    private void send(AsyncProducer producer, String address, String text, LongConsumer answered) {
        try {
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
        } catch (RuntimeException e) {
            notices.add("ping-failed", address, "no ping could be sent: " + e.getMessage());
        }
    }

    /** Begins to open a connection, over which the ping goes then. Called in the lock. */
    private Outcome opens(String address, String text, LongConsumer answered) {
        if (closed) {
            return Outcome.SENT;
        }
        if (connections.size() >= max) {
            notices.add(
                    "ping-nodes-max",
                    address,
                    "not more than " + max + " nodes are pinged; the lease of this one decides");
            return Outcome.NO_ROOM;
        }
        Connection connection = new Connection();
        connections.put(address, connection);
        Runnable opening = () -> {
            AsyncProducer producer = open(address, connection);
            if (producer != null) {
                send(producer, address, text, answered);
            }
        };
        String host = address.substring("tcp://".length(), address.lastIndexOf(':'));
        if (PeerAddresses.isNumber(host)) {
            opener.execute(opening);
        } else {
            names.execute(() -> lookUp(host, address, connection, opening));
        }
        return Outcome.PUT_OFF;
    }

    private void lookUp(String host, String address, Connection connection, Runnable opening) {
        try {
            LOG.debug("a node is found host={} at={}", host, InetAddress.getByName(host));
            synchronized (this) {
                if (!closed) {
                    opener.execute(opening);
                }
            }
        } catch (UnknownHostException e) {
            failed(address, connection, "its host is not known: " + host);
        }
    }

    private void failed(String address, Connection connection, String reason) {
        synchronized (this) {
            connection.failed = true;
            connection.usedNs = System.nanoTime();
        }
        notices.add("ping-failed", address, "no ping could be sent: " + reason);
    }

    private @Nullable AsyncProducer open(String address, Connection connection) {
        synchronized (this) {
            if (closed) {
                return null;
            }
        }
        try {
            Endpoint endpoint = context.getEndpoint("zeromq:dealer:" + address + OPTIONS);
            AsyncProducer producer = endpoint.createAsyncProducer();
            producer.start();
            synchronized (this) {
                connection.endpoint = endpoint;
                connection.producer = producer;
                connection.usedNs = System.nanoTime();
                if (!closed) {
                    return producer;
                }
            }
            close(connection);
        } catch (Exception e) {
            failed(address, connection, String.valueOf(e.getMessage()));
        }
        return null;
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
                boolean old = (connection.producer != null || connection.failed) && nowNs - connection.usedNs > IDLE_NS;
                if (old) {
                    idle.add(connection);
                }
                return old;
            });
        }
        idle.forEach(this::close);
    }

    private void close(Connection connection) {
        Endpoint endpoint = connection.endpoint;
        AsyncProducer producer = connection.producer;
        if (endpoint == null || producer == null) {
            return;
        }
        try {
            producer.stop();
            context.removeEndpoint(endpoint);
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
        context.getExecutorServiceManager().shutdownNow(names);
        context.getExecutorServiceManager().shutdown(opener);
    }
}
