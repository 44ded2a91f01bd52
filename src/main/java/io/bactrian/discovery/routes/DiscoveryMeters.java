package io.bactrian.discovery.routes;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import org.apache.camel.CamelContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The figures of a router as Micrometer gauges {@code bactrian.discovery.*}; nothing without Micrometer or a registry. */
final class DiscoveryMeters {
    private static final Logger LOG = LoggerFactory.getLogger(DiscoveryMeters.class);
    private static final String PREFIX = "bactrian.discovery.";

    /** Kept apart, so that a router runs without Micrometer on the class path. */
    private static final class Binding {
        static void bind(CamelContext context, RouterNode router) {
            context.getRegistry().findByType(MeterRegistry.class).stream()
                    .findFirst()
                    .ifPresent(registry -> router.figures()
                            .keySet()
                            .forEach(figure -> Gauge.builder(
                                            PREFIX + figure,
                                            router,
                                            it -> it.figures().getOrDefault(figure, 0L))
                                    .register(registry)));
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
