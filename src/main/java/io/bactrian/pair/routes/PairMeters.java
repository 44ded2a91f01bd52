package io.bactrian.pair.routes;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.List;
import org.apache.camel.CamelContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The figures of a pair as Micrometer meters {@code bactrian.pair.*}; nothing without Micrometer or a registry. */
final class PairMeters {
    private static final Logger LOG = LoggerFactory.getLogger(PairMeters.class);
    private static final List<String> GAUGES = List.of(
            "epoch", "first", "end", "committed", "takeovers", "peerEnd", "lag", "active", "peerAlive", "inStep");

    /** Kept apart, so that a pair runs without Micrometer on the class path. */
    private static final class Binding {
        static void bind(CamelContext context, Pair pair) {
            context.getRegistry().findByType(MeterRegistry.class).stream()
                    .findFirst()
                    .ifPresent(registry -> {
                        GAUGES.forEach(name -> Gauge.builder("bactrian.pair." + name, pair, it -> it.figure(name))
                                .register(registry));
                        Gauge.builder(
                                        "bactrian.pair.lagBytes",
                                        pair,
                                        it -> CopyLag.of(it).bytes())
                                .register(registry);
                        Gauge.builder(
                                        "bactrian.pair.lagMs",
                                        pair,
                                        it -> CopyLag.of(it).ms())
                                .register(registry);
                    });
        }
    }

    private PairMeters() {}

    /** Registers the meters once the context has started; until then the registry may not be there. */
    static void bind(CamelContext context, Pair pair) throws Exception {
        context.addStartupListener((started, already) -> {
            try {
                Binding.bind(started, pair);
            } catch (NoClassDefFoundError withoutMicrometer) {
                LOG.debug("no meters: {}", withoutMicrometer.toString());
            }
        });
    }
}
