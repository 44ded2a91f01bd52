package io.bactrian.gateway.routes;

import io.bactrian.gateway.core.Leases;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
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

    private final List<NamedMeter> meters = new ArrayList<>();

    /** A meter's name after the prefix, its help text, and where its value comes from. */
    private record NamedMeter(String name, String help, boolean counter, Supplier<Number> value) {
        double amount() {
            return value.get().doubleValue();
        }
    }

    private GatewayMeters counter(String name, String help, Supplier<Number> value) {
        meters.add(new NamedMeter(name, help, true, value));
        return this;
    }

    private GatewayMeters gauge(String name, String help, Supplier<Number> value) {
        meters.add(new NamedMeter(name, help, false, value));
        return this;
    }

    /** All figures by name, for a health check. */
    Map<String, Object> values() {
        Map<String, Object> values = new LinkedHashMap<>();
        meters.forEach(meter -> values.put(meter.name, meter.value.get()));
        return values;
    }

    /** Kept apart, so that the gateway runs without Micrometer on the class path. */
    private static final class Binding {
        static void bind(CamelContext context, GatewayMeters all) {
            context.getRegistry().findByType(MeterRegistry.class).stream()
                    .findFirst()
                    .ifPresent(registry -> all.meters.forEach(meter -> bind(registry, meter)));
        }

        private static void bind(MeterRegistry registry, NamedMeter meter) {
            if (meter.counter) {
                FunctionCounter.builder(PREFIX + meter.name, meter, NamedMeter::amount)
                        .description(meter.help)
                        .register(registry);
            } else {
                Gauge.builder(PREFIX + meter.name, meter, NamedMeter::amount)
                        .description(meter.help)
                        .strongReference(true)
                        .register(registry);
            }
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
                .counter("balancer.redirects", "Consumers that were sent to a worker", balancer.redirects::sum)
                .counter("balancer.registrations", "Producers that were given a worker", balancer.registrations::sum)
                .counter(
                        "balancer.reassignments",
                        "Producers that were given another worker because theirs was out",
                        balancer.changes().reassignments::sum)
                .counter("balancer.refused", "Calls that a bound or a missing pair refused", balancer.refused::sum)
                .counter("balancer.probes", "Probes of workers", contacts.probes::sum)
                .counter(
                        "balancer.probe.failures",
                        "Probes of workers without an answer, and workers seen to be gone",
                        contacts.probeFailures::sum)
                .counter("balancer.worker.falls", "Times that a worker was out", contacts.falls::sum)
                .counter(
                        "balancer.worker.ejections",
                        "Times that a worker was ejected because it said that it cannot work",
                        contacts.ejections::sum)
                .gauge("balancer.workers", "Workers that have registered and not left", () -> service.workers(false))
                .gauge("balancer.workers.up", "Workers that get producers or consumers", () -> service.workers(true))
                .gauge("balancer.producers", "Producers that are mapped to a worker", service::producers)
                .gauge("balancer.peers", "Other balancers that are configured", service.peers()::size)
                .gauge("balancer.peers.reachable", "Other balancers that answer", service.peers()::reachable);
    }

    static GatewayMeters of(WorkerService service, WorkerStore store, Leases leases, WorkerRegistration registration) {
        GatewayWorker worker = service.worker();
        return http("worker", service.server())
                .counter("worker.heartbeats", "Heartbeats that were answered 200", worker.accepted::sum)
                .counter("worker.heartbeats.refused", "Bodies that were no heartbeat", worker.refused::sum)
                .counter(
                        "worker.failures",
                        "Calls that the database, the hub or a bound kept from being answered",
                        worker.failed::sum)
                .counter("worker.cache.hits", "Reads that were answered from memory", store.hits::sum)
                .counter("worker.cache.misses", "Reads that needed the database", store.misses::sum)
                .counter(
                        "worker.writes.through",
                        "Heartbeats that were written before they were answered",
                        store.throughWrites::sum)
                .counter(
                        "worker.writes.behind",
                        "Heartbeats that were answered before they were written",
                        store.memoryOnly::sum)
                .gauge("worker.cache.size", "Heartbeats in memory, about", store::cached)
                .gauge("worker.unwritten", "Heartbeats in memory only, which a crash would cost now", store::unwritten)
                .gauge("worker.granted", "Producers that this worker may keep in memory alone", leases::granted)
                .gauge(
                        "worker.lease",
                        "1 if all balancers have renewed their lease, 0 while heartbeats are written at once",
                        () -> leases.hold(Steps.nowMs()) ? 1 : 0)
                .gauge("worker.balancers", "Balancers that have accepted this worker", registration::registered);
    }

    private static GatewayMeters http(String role, GatewayHttpServer server) {
        ConnectionLimiter limiter = server.limiter();
        LargeBodies largeBodies = server.largeBodies();
        return new GatewayMeters()
                .counter(
                        role + ".bodies.refused",
                        "Large bodies and answers that were refused because too many were under way",
                        largeBodies.refused::sum)
                .gauge(
                        role + ".bodies.large.bytes",
                        "Octets of large bodies and answers that are under way",
                        largeBodies::octets)
                .counter(
                        role + ".pages.refused",
                        "Requests that were refused because a page of another site had a browser send them",
                        server.pages().refused::sum)
                .counter(
                        role + ".connections.refused",
                        "Connections that were closed because there were too many",
                        limiter.refused::sum)
                .counter(
                        role + ".connections.timed.out",
                        "Connections that were cut off because a request took too long",
                        limiter.timedOut::sum)
                .gauge(role + ".connections", "Open connections", limiter::open);
    }
}
