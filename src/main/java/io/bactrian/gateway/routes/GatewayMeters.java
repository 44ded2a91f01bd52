package io.bactrian.gateway.routes;

import io.bactrian.gateway.core.Leases;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;
import org.apache.camel.CamelContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Figures of the gateway as Micrometer meters {@code bactrian.gateway.*}; nothing without Micrometer or a registry. Counters only
 * grow, gauges do not.
 */
final class GatewayMeters {
    private static final Logger LOG = LoggerFactory.getLogger(GatewayMeters.class);
    private static final String PREFIX = "bactrian.gateway.";

    private final Map<String, Supplier<Number>> counters = new LinkedHashMap<>();
    private final Map<String, Supplier<Number>> gauges = new LinkedHashMap<>();

    GatewayMeters counter(String name, Supplier<Number> value) {
        counters.put(name, value);
        return this;
    }

    GatewayMeters gauge(String name, Supplier<Number> value) {
        gauges.put(name, value);
        return this;
    }

    /** All figures by name, for a health check. */
    Map<String, Object> values() {
        Map<String, Object> values = new LinkedHashMap<>();
        counters.forEach((name, value) -> values.put(name, value.get()));
        gauges.forEach((name, value) -> values.put(name, value.get()));
        return values;
    }

    /** Kept apart, so that the gateway runs without Micrometer on the class path. */
    private static final class Binding {
        static void bind(CamelContext context, GatewayMeters meters) {
            context.getRegistry().findByType(MeterRegistry.class).stream()
                    .findFirst()
                    .ifPresent(registry -> {
                        meters.counters.forEach((name, value) -> FunctionCounter.builder(
                                        PREFIX + name,
                                        meters,
                                        any -> value.get().doubleValue())
                                .register(registry));
                        meters.gauges.forEach((name, value) -> Gauge.builder(
                                        PREFIX + name,
                                        meters,
                                        any -> value.get().doubleValue())
                                .strongReference(true)
                                .register(registry));
                    });
        }
    }

    /** Registers the meters; to be called when the context has started. */
    void bind(CamelContext context) {
        try {
            Binding.bind(context, this);
        } catch (NoClassDefFoundError withoutMicrometer) {
            LOG.debug("no meters: {}", withoutMicrometer.toString());
        }
    }

    static GatewayMeters of(BalancerService service) {
        GatewayBalancer balancer = service.balancer();
        WorkerContacts contacts = balancer.contacts();
        return http("balancer", service.server())
                .counter("balancer.redirects", balancer.redirects::sum)
                .counter("balancer.registrations", balancer.registrations::sum)
                .counter("balancer.reassignments", balancer.reassignments::sum)
                .counter("balancer.refused", balancer.refused::sum)
                .counter("balancer.probes", contacts.probes::sum)
                .counter("balancer.probe.failures", contacts.probeFailures::sum)
                .counter("balancer.worker.falls", contacts.falls::sum)
                .counter("balancer.worker.ejections", contacts.ejections::sum)
                .gauge("balancer.workers", () -> service.workers(false))
                .gauge("balancer.workers.up", () -> service.workers(true))
                .gauge("balancer.producers", service::producers)
                .gauge("balancer.peers", service.peers()::size)
                .gauge("balancer.peers.reachable", service.peers()::reachable);
    }

    static GatewayMeters of(WorkerService service, WorkerStore store, Leases leases, WorkerRegistration registration) {
        GatewayWorker worker = service.worker();
        return http("worker", service.server())
                .counter("worker.heartbeats", worker.accepted::sum)
                .counter("worker.heartbeats.refused", worker.refused::sum)
                .counter("worker.failures", worker.failed::sum)
                .counter("worker.cache.hits", store.hits::sum)
                .counter("worker.cache.misses", store.misses::sum)
                .counter("worker.writes.through", store.throughWrites::sum)
                .counter("worker.writes.behind", store.memoryOnly::sum)
                .gauge("worker.cache.size", store::cached)
                .gauge("worker.unwritten", store::unwritten)
                .gauge("worker.granted", leases::granted)
                .gauge("worker.lease", () -> leases.hold(Steps.nowMs()) ? 1 : 0)
                .gauge("worker.balancers", registration::registered);
    }

    private static GatewayMeters http(String role, GatewayHttpServer server) {
        ConnectionGuard guard = server.guard();
        LargeBodies largeBodies = server.largeBodies();
        return new GatewayMeters()
                .counter(role + ".bodies.refused", largeBodies.refused::sum)
                .gauge(role + ".bodies.largeOctets", largeBodies::octets)
                .counter(role + ".connections.refused", guard.refused::sum)
                .counter(role + ".connections.timedOut", guard.timedOut::sum)
                .gauge(role + ".connections", guard::open);
    }
}
