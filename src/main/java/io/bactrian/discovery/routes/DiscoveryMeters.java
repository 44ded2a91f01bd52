package io.bactrian.discovery.routes;

import io.bactrian.support.timer.ScrapeSnapshot;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.List;
import org.apache.camel.CamelContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The figures of a router as Micrometer meters {@code bactrian.discovery.*}; nothing without Micrometer or a registry. */
final class DiscoveryMeters {
    private static final Logger LOG = LoggerFactory.getLogger(DiscoveryMeters.class);
    private static final String PREFIX = "bactrian.discovery.";

    /** A meter's name after the prefix, the figure of {@link RouterNode#figures} that it shows, and its help text. */
    private record Shown(String name, String figure, String help) {}

    private static final List<Shown> COUNTERS = List.of(
            new Shown(
                    "nodes.suspected", "nodesSuspected", "Times that a node in the care of this router became suspect"),
            new Shown("nodes.evicted", "nodesEvicted", "Times that a node in the care of this router was called down"),
            new Shown(
                    "registrations.refused",
                    "registrationsRefused",
                    "Registrations for which there was no room or no right"),
            new Shown("routers.suspected", "routersSuspected", "Suspicions of other routers that this one began"),
            new Shown("routers.declared.down", "routersDeclaredDown", "Times that this router called another one down"),
            new Shown("suspicions.refuted", "suspicionsRefuted", "Times that this router objected to being suspect"),
            new Shown("news.left.out", "newsLeftOut", "Entries that were left to the comparison of digests"),
            new Shown("datagrams.sent", "datagramsSent", "Datagrams that were sent to other routers"),
            new Shown("datagrams.received", "datagramsReceived", "Datagrams that came to the port of other routers"),
            new Shown("sent.bytes", "bytesSent", "Octets of the datagrams that were sent"),
            new Shown("received.bytes", "bytesReceived", "Octets of the datagrams that came"),
            new Shown("datagrams.not.sent", "datagramsNotSent", "Datagrams that could not be sent"),
            new Shown(
                    "datagrams.not.opened",
                    "datagramsNotOpened",
                    "Datagrams that were not sealed with the key of the cluster"),
            new Shown(
                    "datagrams.failed",
                    "datagramsFailed",
                    "Datagrams that could not be taken, and failures of the socket"),
            new Shown("beacons.sent", "beaconsSent", "Beacons that were sent"),
            new Shown("beacons.heard", "beaconsHeard", "Beacons of other routers of the cluster"),
            new Shown("beacons.refused", "beaconsRefused", "Beacons of other clusters or of strangers"),
            new Shown("beacons.failed", "beaconsFailed", "Beacons that could not be sent or taken"),
            new Shown("ticks", "ticks", "Times that this router looked at the time"),
            new Shown("stalls", "stalls", "Times that this process was held up for more than 250 ms"),
            new Shown("notices", "notices", "Notices of all kinds for an operator"));

    private static final List<Shown> GAUGES = List.of(
            new Shown("nodes", "nodes", "Nodes that are known, those that are gone included"),
            new Shown("nodes.in.care", "inCare", "Nodes in the care of this router"),
            new Shown("routers", "routers", "Routers that are members, this one included"),
            new Shown("entries", "entries", "Entries of the state that all routers share"),
            new Shown("news.waiting", "newsWaiting", "Entries that are to be passed on"),
            new Shown("local.health", "localHealth", "0 if this router hears the others well, at most 4"),
            new Shown("watchers", "watchers", "Clients that follow the changes over HTTP"),
            new Shown("ping.connections", "pinged", "Connections for pings"));

    /** Kept apart, so that a router runs without Micrometer on the class path. */
    private static final class Binding {
        static void bind(CamelContext context, RouterNode router) {
            context.getRegistry().findByType(MeterRegistry.class).stream()
                    .findFirst()
                    .ifPresent(registry -> {
                        ScrapeSnapshot<RouterNode> figures = new ScrapeSnapshot<>(RouterNode::figures);
                        COUNTERS.forEach(
                                one -> FunctionCounter.builder(PREFIX + one.name, router, figures.figure(one.figure))
                                        .description(one.help)
                                        .register(registry));
                        GAUGES.forEach(one -> Gauge.builder(PREFIX + one.name, router, figures.figure(one.figure))
                                .description(one.help)
                                .register(registry));
                    });
        }
    }

    private DiscoveryMeters() {}

    /** Registers the meters once the context has started; until then the registry may not be there. */
    static void bind(CamelContext context, RouterNode router) throws Exception {
        context.addStartupListener((started, already) -> {
            try {
                Binding.bind(started, router);
            } catch (NoClassDefFoundError withoutMicrometer) {
                LOG.debug("no meters: {}", withoutMicrometer.toString());
            }
        });
    }
}
