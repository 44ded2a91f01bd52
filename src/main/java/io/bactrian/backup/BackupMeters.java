package io.bactrian.backup;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.List;
import org.apache.camel.CamelContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The figures of backups as Micrometer meters {@code bactrian.backup.*}; nothing without Micrometer or a registry. */
final class BackupMeters {
    private static final Logger LOG = LoggerFactory.getLogger(BackupMeters.class);
    private static final String PREFIX = "bactrian.backup.";
    private static final List<String> COUNTERS =
            List.of("made", "unchanged", "failures", "writtenBytes", "linkedBytes");
    private static final List<String> GAUGES = List.of("backups", "newestEnd", "lastSuccessMs", "lastTookMs");

    /** Kept apart, so that backups run without Micrometer on the class path. */
    private static final class Binding {
        static void bind(CamelContext context, HubBackup backup) {
            context.getRegistry().findByType(MeterRegistry.class).stream()
                    .findFirst()
                    .ifPresent(registry -> bind(registry, backup));
        }

        private static void bind(MeterRegistry registry, HubBackup backup) {
            for (String counter : COUNTERS) {
                FunctionCounter.builder(PREFIX + counter, backup, it -> figure(it, counter))
                        .register(registry);
            }
            for (String gauge : GAUGES) {
                Gauge.builder(PREFIX + gauge, backup, it -> figure(it, gauge)).register(registry);
            }
        }

        private static double figure(HubBackup backup, String name) {
            return backup.figures().all().get(name) instanceof Number number ? number.doubleValue() : 0;
        }
    }

    private BackupMeters() {}

    /** Registers the meters once the context has started; until then the registry may not be there. */
    static void bind(CamelContext context, HubBackup backup) throws Exception {
        context.addStartupListener((started, already) -> {
            try {
                Binding.bind(started, backup);
            } catch (NoClassDefFoundError withoutMicrometer) {
                LOG.debug("no meters: {}", withoutMicrometer.toString());
            }
        });
    }
}
