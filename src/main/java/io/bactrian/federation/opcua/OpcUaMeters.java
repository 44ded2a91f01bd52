package io.bactrian.federation.opcua;

import io.bactrian.support.timer.ScrapeSnapshot;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.List;
import java.util.Map;
import org.apache.camel.CamelContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The figures of the OPC UA server as Micrometer meters {@code bactrian.federation.opcua.*}; nothing without Micrometer. */
final class OpcUaMeters {
    private static final Logger LOG = LoggerFactory.getLogger(OpcUaMeters.class);
    private static final String PREFIX = "bactrian.federation.opcua.";
    private static final Map<String, String> GAUGES = Map.of(
            "keys", "Keys that are served",
            "sessions", "Sessions of clients",
            "items", "Monitored items of clients");
    /** What is counted as {@code bactrian.federation.opcua.events} with the tag {@code kind}. */
    private static final List<String> KINDS = List.of("changes", "full", "refused", "written", "write-refused");

    /** Kept apart, so that a node runs without Micrometer on the class path. */
    private static final class Binding {
        static void bind(CamelContext context, OpcUaService service) {
            context.getRegistry().findByType(MeterRegistry.class).stream()
                    .findFirst()
                    .ifPresent(registry -> bind(registry, service));
        }

        private static void bind(MeterRegistry registry, OpcUaService service) {
            ScrapeSnapshot<OpcUaService> figures = new ScrapeSnapshot<>(OpcUaService::figures);
            GAUGES.forEach((name, description) -> Gauge.builder(PREFIX + name, service, figures.figure(name))
                    .description(description)
                    .register(registry));
            for (String kind : KINDS) {
                FunctionCounter.builder(PREFIX + "events", service, figures.figure(kind))
                        .tag("kind", kind)
                        .description("How often something has happened at the OPC UA server since its start")
                        .register(registry);
            }
        }
    }

    private OpcUaMeters() {}

    /** Registers the meters once the context has started; until then the registry may not be there. */
    static void bind(CamelContext context, OpcUaService service) throws Exception {
        context.addStartupListener((started, already) -> {
            try {
                Binding.bind(started, service);
            } catch (NoClassDefFoundError withoutMicrometer) {
                LOG.debug("no meters: {}", withoutMicrometer.toString());
            }
        });
    }
}
