package io.bactrian.journal;

import io.bactrian.journal.log.Journal;
import io.bactrian.support.timer.LatencyBuckets;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;
import org.apache.camel.CamelContext;
import org.jspecify.annotations.Nullable;

/** The counters of journals as Micrometer meters {@code bactrian.journal.*}, tagged with the journal's name. */
final class MicrometerMeters implements JournalMeters {
    private static final String PREFIX = "bactrian.journal.";
    private static final String TAG = "journal";
    private static final double MICROS = 1e6;

    private final MeterRegistry registry;
    private final Map<String, List<Meter>> bound = new ConcurrentHashMap<>();

    private MicrometerMeters(MeterRegistry registry) {
        this.registry = registry;
    }

    static @Nullable JournalMeters of(CamelContext context) {
        return context.getRegistry().findByType(MeterRegistry.class).stream()
                .findFirst()
                .map(MicrometerMeters::new)
                .orElse(null);
    }

    @Override
    public void bind(String name, Journal journal) {
        List<Meter> meters = new ArrayList<>();
        meters.add(counter(
                name,
                journal,
                "entries.appended",
                "Entries appended",
                it -> it.statistics().appendedEntries()));
        meters.add(FunctionCounter.builder(
                        PREFIX + "appended", journal, it -> it.statistics().appendedBytes())
                .tag(TAG, name)
                .baseUnit("bytes")
                .description("Bytes of the payloads appended")
                .register(registry));
        meters.add(counter(
                name,
                journal,
                "groups",
                "Groups of appends that were written together",
                it -> it.statistics().groups()));
        meters.add(counter(
                name,
                journal,
                "syncs",
                "Times that entries were forced to the disk",
                it -> it.statistics().syncs()));
        meters.add(counter(
                name,
                journal,
                "appends.failed",
                "Appends that failed",
                it -> it.statistics().failedAppends()));
        meters.add(gauge(
                name,
                journal,
                "sync.last",
                "How long the last sync took",
                "seconds",
                it -> it.statistics().lastSyncMicros() / MICROS));
        meters.add(gauge(
                name,
                journal,
                "disk",
                "Size of all segments",
                "bytes",
                it -> it.statistics().bytesOnDisk()));
        meters.add(gauge(
                name,
                journal,
                "segments",
                "Number of segments",
                null,
                it -> it.statistics().segments()));
        meters.add(gauge(name, journal, "end", "The last position", null, Journal::end));
        meters.add(gauge(
                name,
                journal,
                "lag",
                "Positions that the slowest cursor is behind the end",
                null,
                MicrometerMeters::lag));
        Timer syncs = Timer.builder(PREFIX + "sync")
                .tag(TAG, name)
                .description("How long syncs took, with the write where each append is synced")
                .serviceLevelObjectives(LatencyBuckets.bounds())
                .register(registry);
        journal.onSync(nanos -> syncs.record(nanos, TimeUnit.NANOSECONDS));
        meters.add(syncs);
        bound.put(name, meters);
    }

    private static double lag(Journal journal) {
        long end = journal.end();
        return journal.cursors().stream()
                .mapToLong(cursor -> end - cursor.position())
                .max()
                .orElse(0);
    }

    private Meter counter(String name, Journal journal, String what, String help, ToDoubleFunction<Journal> value) {
        return FunctionCounter.builder(PREFIX + what, journal, value)
                .tag(TAG, name)
                .description(help)
                .register(registry);
    }

    private Meter gauge(
            String name,
            Journal journal,
            String what,
            String help,
            @Nullable String unit,
            ToDoubleFunction<Journal> value) {
        return Gauge.builder(PREFIX + what, journal, value)
                .tag(TAG, name)
                .baseUnit(unit)
                .description(help)
                .register(registry);
    }

    @Override
    public void unbind(String name) {
        bound.getOrDefault(name, List.of()).forEach(registry::remove);
        bound.remove(name);
    }
}
