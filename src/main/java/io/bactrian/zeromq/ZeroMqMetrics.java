package io.bactrian.zeromq;

import io.bactrian.zeromq.socket.SocketCounters.Counter;
import io.bactrian.zeromq.socket.SocketListener;
import io.bactrian.zeromq.socket.SocketView;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.camel.CamelContext;

/**
 * Meters of each open socket: a counter {@code bactrian.zeromq.<counter>} for each {@link Counter}, and gauges
 * of what waits. The only class that needs Micrometer.
 */
final class ZeroMqMetrics implements SocketListener {
    private static final String PREFIX = "bactrian.zeromq.";

    private final MeterRegistry registry;
    private final Map<SocketView, List<Meter>> meters = new ConcurrentHashMap<>();

    private ZeroMqMetrics(MeterRegistry registry) {
        this.registry = registry;
    }

    /** Meters in the registry of a context, if it has one. */
    static Optional<SocketListener> find(CamelContext camel) {
        return camel.getRegistry().findByType(MeterRegistry.class).stream()
                .findFirst()
                .map(ZeroMqMetrics::new);
    }

    @Override
    public void opened(SocketView socket) {
        Tags tags = Tags.of(
                "socket",
                socket.settings().key(),
                "type",
                socket.settings().kind().name());
        List<Meter> mine = new ArrayList<>();
        for (Counter counter : Counter.values()) {
            String name = PREFIX + counter.name().toLowerCase(Locale.ROOT).replace('_', '.');
            mine.add(FunctionCounter.builder(name, socket.counters(), counters -> counters.get(counter))
                    .tags(tags)
                    .description(counter.help())
                    .register(registry));
        }
        mine.add(Gauge.builder(PREFIX + "queued", socket, SocketView::queued)
                .tags(tags)
                .description("Messages that wait to be sent or taken")
                .register(registry));
        mine.add(Gauge.builder(PREFIX + "pending.requests", socket, SocketView::pendingRequests)
                .tags(tags)
                .description("Requests that wait for their answer")
                .register(registry));
        meters.put(socket, mine);
    }

    @Override
    public void closed(SocketView socket) {
        List<Meter> mine = meters.remove(socket);
        if (mine != null) {
            mine.forEach(registry::remove);
        }
    }
}
