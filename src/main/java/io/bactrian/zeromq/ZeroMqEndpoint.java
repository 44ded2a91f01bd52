package io.bactrian.zeromq;

import io.bactrian.zeromq.socket.SharedSocket;
import io.bactrian.zeromq.socket.SocketCounters;
import io.bactrian.zeromq.socket.SocketKind;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.camel.AsyncEndpoint;
import org.apache.camel.Category;
import org.apache.camel.Consumer;
import org.apache.camel.Endpoint;
import org.apache.camel.Processor;
import org.apache.camel.Producer;
import org.apache.camel.spi.EndpointServiceLocation;
import org.apache.camel.spi.UriEndpoint;
import org.apache.camel.spi.UriParam;
import org.apache.camel.support.DefaultEndpoint;

/** Send and receive ZeroMQ messages over any of its socket types. */
@UriEndpoint(
        firstVersion = "0.1.0",
        scheme = "zeromq",
        title = "ZeroMQ",
        syntax = "zeromq:target",
        category = {Category.MESSAGING},
        headersClass = ZeroMqConstants.class)
public class ZeroMqEndpoint extends DefaultEndpoint implements AsyncEndpoint, EndpointServiceLocation {

    @UriParam
    private final ZeroMqConfiguration configuration;

    private SharedOptions options = SharedOptions.NONE;

    public ZeroMqEndpoint(String uri, ZeroMqComponent component, ZeroMqConfiguration configuration) {
        super(uri, component);
        this.configuration = configuration;
    }

    @Override
    public Producer createProducer() {
        if (configuration.isMonitor()) {
            throw new IllegalArgumentException("a monitor does not send: " + this + " cannot be a producer");
        }
        SocketKind kind = configuration.kind();
        if (!kind.producing()) {
            throw new IllegalArgumentException(
                    "a " + kind + " socket does not send by itself: " + this + " cannot be a producer");
        }
        return configuration.isStream() ? new ZeroMqStreamProducer(this) : new ZeroMqProducer(this);
    }

    @Override
    public Consumer createConsumer(Processor processor) throws Exception {
        if (configuration.isMonitor()) {
            ZeroMqMonitorConsumer monitor = new ZeroMqMonitorConsumer(this, processor);
            configureConsumer(monitor);
            return monitor;
        }
        SocketKind kind = configuration.kind();
        if (!kind.consuming()) {
            throw new IllegalArgumentException(
                    "a " + kind + " socket does not receive by itself: " + this + " cannot be a consumer");
        }
        ZeroMqConsumer consumer = configuration.isStream()
                ? new ZeroMqStreamConsumer(this, processor)
                : new ZeroMqConsumer(this, processor);
        configureConsumer(consumer);
        return consumer;
    }

    /** The options of the socket that this endpoint sets itself. */
    void setOptions(SharedOptions options) {
        this.options = options;
    }

    /** The socket of this endpoint, opened if need be. */
    SharedSocket<ZeroMqMessage> acquire() throws Exception {
        String key = ZeroMqSettings.key(configuration);
        SharedOptions all = options.orElse(getComponent().optionsOfOpen(key));
        for (Endpoint other : getCamelContext().getEndpoints()) {
            if (other instanceof ZeroMqEndpoint endpoint && endpoint.sharesSocket(key, getComponent())) {
                all = all.orElse(endpoint.options);
            }
        }
        ZeroMqConfiguration agreed = getComponent().with(configuration, all.without(options));
        return getComponent().acquire(ZeroMqSettings.of(agreed), all);
    }

    private boolean sharesSocket(String key, ZeroMqComponent component) {
        return !configuration.isMonitor()
                && component.equals(getComponent())
                && key.equals(ZeroMqSettings.key(configuration));
    }

    /** The addresses that this endpoint was given, as they were written. */
    public List<String> getAddresses() {
        return configuration.addresses();
    }

    /**
     * The addresses that the socket is bound to, with the ports that were chosen for {@code *}. Empty while no
     * consumer or producer is started, and for a socket that connects.
     */
    public List<String> getBoundAddresses() {
        if (configuration.isMonitor()) {
            return List.of();
        }
        return getComponent().boundAddresses(ZeroMqSettings.key(configuration));
    }

    /**
     * Messages that this endpoint's socket did not send, as a peer was not there or took no more: for pub and xpub once for
     * each subscriber. 0 while no consumer or producer is started.
     */
    public long getDroppedMessages() {
        String key = ZeroMqSettings.key(configuration);
        return getComponent().sockets().stream()
                .filter(socket -> socket.settings().key().equals(key))
                .mapToLong(socket -> socket.counters().get(SocketCounters.Counter.DROPPED_SENT))
                .sum();
    }

    /**
     * Why nobody has been reached by an endpoint that connects, as the end of a sentence about the peer; empty if one was, or if
     * the socket is not open.
     */
    public Optional<String> getObstacle() {
        String key = ZeroMqSettings.key(configuration);
        return getComponent().sockets().stream()
                .filter(socket -> socket.settings().key().equals(key))
                .findFirst()
                .flatMap(socket -> obstacle(socket.counters()));
    }

    private static Optional<String> obstacle(SocketCounters counters) {
        if (counters.get(SocketCounters.Counter.HANDSHAKE_SUCCEEDED) > 0) {
            return Optional.empty();
        }
        if (counters.get(SocketCounters.Counter.NOT_ADMITTED) > 0) {
            return Optional.of("it does not admit this key or user");
        }
        if (counters.get(SocketCounters.Counter.CONNECTED) > 0) {
            return Optional.of("it does not complete the handshake, as with another security or key there than here");
        }
        return Optional.of("nobody listens there, or the name is not known");
    }

    /**
     * Gives a message of a batch back that this endpoint has received, when the route is done with it: the arrays of its large
     * frames (of 64 KiB and more) then serve for frames of the same length that come next, which spares the I/O thread a
     * quarter of its work on them. The message is empty afterwards. Nobody may read its arrays any more, so it is for the
     * processor that knows itself the last to do so: what the route has sent on or put aside without copying the octets would
     * change. It does nothing over inproc, where the sender has the same arrays, and saves nothing with CURVE. Not to call it
     * does no harm, nor does a second call. Any thread.
     */
    public void recycle(ZeroMqMessage message) {
        if (configuration.addresses().stream().noneMatch(address -> address.startsWith("inproc:"))) {
            getComponent().recycle(message);
        }
    }

    public ZeroMqConfiguration getConfiguration() {
        return configuration;
    }

    @Override
    public ZeroMqComponent getComponent() {
        return (ZeroMqComponent) super.getComponent();
    }

    @Override
    public boolean isLenientProperties() {
        return false;
    }

    @Override
    public String getServiceUrl() {
        List<String> bound = getBoundAddresses();
        return bound.isEmpty() ? String.join(",", configuration.addresses()) : String.join(",", bound);
    }

    @Override
    public String getServiceProtocol() {
        return "zmtp";
    }

    @Override
    public Map<String, String> getServiceMetadata() {
        return Map.of(
                "socketType",
                configuration.isMonitor() ? "monitor" : configuration.kind().name());
    }
}
