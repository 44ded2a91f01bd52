package io.bactrian.federation.routes;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.List;
import java.util.function.ToDoubleFunction;
import org.apache.camel.CamelContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The figures of a node as Micrometer meters {@code bactrian.federation.*}; nothing without Micrometer or a registry. */
final class FederationMeters {
    private static final Logger LOG = LoggerFactory.getLogger(FederationMeters.class);
    private static final String PREFIX = "bactrian.federation.";
    private static final double MS = 1000;
    /** What is counted as {@code bactrian.federation.events} with the tag {@code kind}. */
    private static final List<String> KINDS = List.of(
            "active",
            "alarm-opened",
            "bad-signature",
            "changes",
            "command-loop",
            "failed",
            "foreign-history",
            "foreign-update",
            "full",
            "gap",
            "history-gap",
            "history-unreadable",
            "implausible",
            "malformed",
            "neighbour-down",
            "old-command",
            "recovered",
            "repeated-command",
            "snapshot",
            "too-large",
            "topology-changed",
            "topology-refused",
            "two-actives",
            "undelivered",
            "unhealthy-start",
            "unknown-peer",
            "unsent");

    /** Kept apart, so that a node runs without Micrometer on the class path. */
    private static final class Binding {
        static void bind(CamelContext context, FederationNode node) {
            context.getRegistry().findByType(MeterRegistry.class).stream()
                    .findFirst()
                    .ifPresent(registry -> bind(registry, node));
        }

        private static void bind(MeterRegistry registry, FederationNode node) {
            gauge(registry, node, "active", "1 if this process acts for its node", it -> it.active() ? 1 : 0);
            gauge(registry, node, "keys", "Keys of the state that are known here", FederationNode::keys);
            gauge(registry, node, "alarms.open", "Alarms of all nodes that are not closed", FederationNode::openAlarms);
            gauge(
                    registry,
                    node,
                    "neighbours",
                    "Processes that this one is linked with",
                    it -> it.delays().size());
            gauge(
                    registry,
                    node,
                    "neighbours.heard",
                    "Processes that this one is linked with and hears",
                    it -> it.reachable().size());
            gauge(
                    registry,
                    node,
                    "delay.max.seconds",
                    "The longest way to a child or peer and back; 0 if none is known",
                    it -> it.delays().values().stream()
                                    .mapToDouble(delayMs -> Math.max(0, delayMs))
                                    .max()
                                    .orElse(0)
                            / MS);
            for (String kind : KINDS) {
                FunctionCounter.builder(PREFIX + "events", node, it -> it.counted(kind))
                        .tag("kind", kind)
                        .description("How often something has happened at this node since its start")
                        .register(registry);
            }
        }

        private static void gauge(
                MeterRegistry registry,
                FederationNode node,
                String name,
                String description,
                ToDoubleFunction<FederationNode> value) {
            Gauge.builder(PREFIX + name, node, value).description(description).register(registry);
        }
    }

    private FederationMeters() {}

    /** Registers the meters once the context has started; until then the registry may not be there. */
    static void bind(CamelContext context, FederationNode node) throws Exception {
        context.addStartupListener((started, already) -> {
            try {
                Binding.bind(started, node);
            } catch (NoClassDefFoundError withoutMicrometer) {
                LOG.debug("no meters: {}", withoutMicrometer.toString());
            }
        });
    }
}
