package io.bactrian.zeromq;

import io.bactrian.support.thread.ContextThreads;
import io.bactrian.zeromq.socket.SharedSocket;
import io.bactrian.zeromq.socket.SocketContext;
import io.bactrian.zeromq.socket.SocketListener;
import io.bactrian.zeromq.socket.SocketSettings;
import io.bactrian.zeromq.socket.SocketView;
import io.bactrian.zeromq.socket.Sockets;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.stream.Collectors;
import org.apache.camel.CamelContext;
import org.apache.camel.Endpoint;
import org.apache.camel.spi.Metadata;
import org.apache.camel.spi.annotations.Component;
import org.apache.camel.support.HealthCheckComponent;
import org.jspecify.annotations.Nullable;

/** Sends and receives ZeroMQ messages. One component has one ZeroMQ context. */
@Component("zeromq")
public class ZeroMqComponent extends HealthCheckComponent {
    private static final String MICROMETER = "io.micrometer.core.instrument.MeterRegistry";

    @Metadata(description = "Defaults of all endpoints.")
    private ZeroMqConfiguration configuration = new ZeroMqConfiguration();

    @Metadata(label = "advanced", defaultValue = "1")
    private int ioThreads = 1;

    @Metadata(label = "advanced", defaultValue = "4095")
    private int maxSockets = 4_095;

    private final Map<String, SharedOptions> optionsInUse = new HashMap<>();
    private @Nullable SocketContext context;
    private @Nullable Sockets<ZeroMqMessage> sockets;
    private @Nullable ExecutorService replies;
    private @Nullable ZeroMqEvents events;

    public ZeroMqComponent() {}

    public ZeroMqComponent(CamelContext context) {
        super(context);
    }

    @Override
    protected Endpoint createEndpoint(String uri, String remaining, Map<String, Object> parameters) throws Exception {
        ZeroMqConfiguration copy = configuration.copy();
        copy.setTarget(remaining);
        if (!copy.isMonitor()) {
            copy.kind();
        }
        ZeroMqEndpoint endpoint = new ZeroMqEndpoint(uri, this, copy);
        endpoint.setOptions(SharedOptions.of(parameters));
        setProperties(endpoint, parameters);
        copy.readSecurity(getCamelContext());
        return endpoint;
    }

    /** A configuration with some more options. */
    ZeroMqConfiguration with(ZeroMqConfiguration former, Map<String, Object> options) throws Exception {
        if (options.isEmpty()) {
            return former;
        }
        ZeroMqConfiguration copy = former.copy();
        setProperties(new ZeroMqEndpoint("zeromq:" + former.getTarget(), this, copy), new HashMap<>(options));
        copy.readSecurity(getCamelContext());
        return copy;
    }

    @Override
    protected void doStop() throws Exception {
        closeSockets();
        super.doStop();
    }

    private synchronized void closeSockets() throws InterruptedException {
        Sockets<ZeroMqMessage> all = sockets;
        SocketContext zmq = context;
        ExecutorService pool = replies;
        sockets = null;
        context = null;
        replies = null;
        ZeroMqEvents told = events;
        events = null;
        if (all != null) {
            all.closeAll();
        }
        if (zmq != null) {
            zmq.close();
        }
        if (told != null) {
            told.close();
        }
        if (pool != null) {
            getCamelContext().getExecutorServiceManager().shutdownGraceful(pool);
        }
    }

    /** Meters if Micrometer is there, which the component does not need. */
    private SocketListener listener() {
        CamelContext camel = getCamelContext();
        if (camel.getClassResolver().resolveClass(MICROMETER) != null) {
            return ZeroMqMetrics.find(camel).orElse(SocketListener.NONE);
        }
        return SocketListener.NONE;
    }

    SharedSocket<ZeroMqMessage> acquire(SocketSettings settings, SharedOptions options)
            throws IOException, InterruptedException {
        SharedSocket<ZeroMqMessage> acquired = open().acquire(settings);
        synchronized (this) {
            optionsInUse.put(settings.key(), options);
        }
        return acquired;
    }

    /** The options that were set for the open socket with a key; none if it is not open. */
    synchronized SharedOptions optionsOfOpen(String key) {
        Set<String> open =
                sockets().stream().map(socket -> socket.settings().key()).collect(Collectors.toSet());
        optionsInUse.keySet().retainAll(open);
        return optionsInUse.getOrDefault(key, SharedOptions.NONE);
    }

    private synchronized Sockets<ZeroMqMessage> open() {
        Sockets<ZeroMqMessage> all = sockets;
        if (all == null) {
            CamelContext camel = getCamelContext();
            SocketContext zmq =
                    new SocketContext(ioThreads, maxSockets, new LateDirectory(camel), new ContextThreads(camel));
            context = zmq;
            all = new Sockets<>(zmq, ZeroMqMessage.factory(), events());
            sockets = all;
        }
        return all;
    }

    /** Returns the events of connections, for listeners. */
    synchronized ZeroMqEvents events() {
        ZeroMqEvents told = events;
        if (told == null) {
            told = new ZeroMqEvents(getCamelContext(), listener());
            events = told;
        }
        return told;
    }

    /** Threads on which the routes go on whose requests were answered: never the thread of a socket. */
    synchronized ExecutorService replies() {
        ExecutorService pool = replies;
        if (pool == null) {
            pool = getCamelContext().getExecutorServiceManager().newCachedThreadPool(this, "ZeroMqReplies");
            replies = pool;
        }
        return pool;
    }

    synchronized void recycle(ZeroMqMessage message) {
        SocketContext zmq = context;
        if (zmq != null) {
            message.takeFrames().forEach(zmq::recycle);
        }
    }

    synchronized List<String> boundAddresses(String key) {
        return sockets == null ? List.of() : sockets.boundAddresses(key);
    }

    /** All open sockets. */
    synchronized List<SocketView> sockets() {
        return sockets == null ? List.of() : sockets.views();
    }

    public ZeroMqConfiguration getConfiguration() {
        return configuration;
    }

    public void setConfiguration(ZeroMqConfiguration configuration) {
        this.configuration = configuration;
    }

    public int getIoThreads() {
        return ioThreads;
    }

    /** I/O threads of the ZeroMQ context. One moves about a gigabyte a second. */
    public void setIoThreads(int ioThreads) {
        this.ioThreads = ioThreads;
    }

    public int getMaxSockets() {
        return maxSockets;
    }

    /** Most sockets that may be open at once. Each takes a thread and 7 file descriptors, and 1 for each connection. */
    public void setMaxSockets(int maxSockets) {
        this.maxSockets = maxSockets;
    }
}
