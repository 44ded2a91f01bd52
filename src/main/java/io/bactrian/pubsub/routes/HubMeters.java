package io.bactrian.pubsub.routes;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import org.apache.camel.CamelContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The figures of a hub as Micrometer meters {@code bactrian.hub.*}, refusals by their cause; nothing without Micrometer or a registry. */
final class HubMeters {
    private static final Logger LOG = LoggerFactory.getLogger(HubMeters.class);
    private static final String PREFIX = "bactrian.hub.";

    /** Kept apart, so that the hub runs without Micrometer on the class path. */
    private static final class Binding {
        static void bind(CamelContext context, Hub hub) {
            context.getRegistry().findByType(MeterRegistry.class).stream()
                    .findFirst()
                    .ifPresent(registry -> bind(registry, hub));
        }

        private static void bind(MeterRegistry registry, Hub hub) {
            for (String counter : Hub.COUNTERS) {
                FunctionCounter.builder(PREFIX + counter, hub, it -> it.figure(counter))
                        .register(registry);
            }
            for (String cause : BadInput.CAUSES) {
                FunctionCounter.builder(PREFIX + "refused", hub, it -> it.refused(cause))
                        .tag("cause", cause)
                        .register(registry);
            }
            for (String gauge : Hub.GAUGES) {
                Gauge.builder(PREFIX + gauge, hub, it -> it.figure(gauge)).register(registry);
            }
        }
    }

    private HubMeters() {}

    /** Registers the meters once the context has started; until then the registry may not be there. */
    static void bind(CamelContext context, Hub hub) throws Exception {
        context.addStartupListener((started, already) -> {
            try {
                Binding.bind(started, hub);
            } catch (NoClassDefFoundError withoutMicrometer) {
                LOG.debug("no meters: {}", withoutMicrometer.toString());
            }
        });
    }
}
