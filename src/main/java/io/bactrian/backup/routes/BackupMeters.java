package io.bactrian.backup.routes;

import io.bactrian.support.timer.ScrapeSnapshot;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.function.ToDoubleFunction;
import org.apache.camel.CamelContext;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The figures of backups as Micrometer meters {@code bactrian.backup.*}; nothing without Micrometer or a registry. */
final class BackupMeters {
    private static final Logger LOG = LoggerFactory.getLogger(BackupMeters.class);
    private static final String PREFIX = "bactrian.backup.";
    private static final double MS = 1_000;

    /** Kept apart, so that backups run without Micrometer on the class path. */
    private static final class Binding {
        static void bind(CamelContext context, HubBackup backup) {
            context.getRegistry().findByType(MeterRegistry.class).stream()
                    .findFirst()
                    .ifPresent(registry -> bind(registry, backup));
        }

        private static void bind(MeterRegistry registry, HubBackup backup) {
            ScrapeSnapshot<HubBackup> figures =
                    new ScrapeSnapshot<>(it -> it.figures().all());
            counter(registry, backup, "made", figures.figure("made"), null, "Backups made");
            counter(
                    registry,
                    backup,
                    "unchanged",
                    figures.figure("unchanged"),
                    null,
                    "Runs that found nothing changed");
            counter(registry, backup, "failures", figures.figure("failures"), null, "Backups that failed");
            counter(
                    registry,
                    backup,
                    "written",
                    figures.figure("writtenBytes"),
                    "bytes",
                    "Bytes written to the backup folder");
            counter(
                    registry,
                    backup,
                    "linked",
                    figures.figure("linkedBytes"),
                    "bytes",
                    "Bytes of files that were linked, not copied");
            gauge(registry, "backups", null, "Backups in the folder", backup, figures.figure("backups"));
            gauge(
                    registry,
                    "newest.end",
                    null,
                    "The last position that the newest backup holds",
                    backup,
                    figures.figure("newestEnd"));
            gauge(
                    registry,
                    "last.success.timestamp",
                    "seconds",
                    "When a backup last succeeded, in seconds since 1970",
                    backup,
                    inSeconds(figures.figure("lastSuccessMs")));
            gauge(
                    registry,
                    "last.duration",
                    "seconds",
                    "How long the newest backup took",
                    backup,
                    inSeconds(figures.figure("lastTookMs")));
        }

        private static void counter(
                MeterRegistry registry,
                HubBackup backup,
                String name,
                ToDoubleFunction<HubBackup> value,
                @Nullable String unit,
                String help) {
            FunctionCounter.builder(PREFIX + name, backup, value)
                    .baseUnit(unit)
                    .description(help)
                    .register(registry);
        }

        private static void gauge(
                MeterRegistry registry,
                String name,
                @Nullable String unit,
                String help,
                HubBackup backup,
                ToDoubleFunction<HubBackup> value) {
            Gauge.builder(PREFIX + name, backup, value)
                    .baseUnit(unit)
                    .description(help)
                    .register(registry);
        }

        private static ToDoubleFunction<HubBackup> inSeconds(ToDoubleFunction<HubBackup> ms) {
            return backup -> ms.applyAsDouble(backup) / MS;
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
