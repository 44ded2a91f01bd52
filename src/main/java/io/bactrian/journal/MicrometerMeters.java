package io.bactrian.journal;

import io.bactrian.journal.log.Journal;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.ToDoubleFunction;
import org.apache.camel.CamelContext;
import org.jspecify.annotations.Nullable;

/** The counters of journals as Micrometer meters {@code bactrian.journal.*}, tagged with the journal's name. */
final class MicrometerMeters implements JournalMeters {
    private static final String PREFIX = "bactrian.journal.";
    private static final String TAG = "journal";

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
                "entries",
                it -> it.statistics().appendedEntries()));
        meters.add(counter(
                name, journal, "bytes.appended", "bytes", it -> it.statistics().appendedBytes()));
        meters.add(
                counter(name, journal, "groups", "groups", it -> it.statistics().groups()));
        meters.add(
                counter(name, journal, "syncs", "syncs", it -> it.statistics().syncs()));
        meters.add(counter(
                name,
                journal,
                "appends.failed",
                "appends",
                it -> it.statistics().failedAppends()));
        meters.add(gauge(
                name,
                journal,
                "sync.last",
                "microseconds",
                it -> it.statistics().lastSyncMicros()));
        meters.add(gauge(name, journal, "disk", "bytes", it -> it.statistics().bytesOnDisk()));
        meters.add(gauge(
                name, journal, "segments", "segments", it -> it.statistics().segments()));
        meters.add(gauge(name, journal, "end", "positions", Journal::end));
        meters.add(gauge(name, journal, "lag", "positions", MicrometerMeters::lag));
        bound.put(name, meters);
    }

    private static double lag(Journal journal) {
        long end = journal.end();
        return journal.cursors().stream()
                .mapToLong(cursor -> end - cursor.position())
                .max()
                .orElse(0);
    }

    private Meter counter(String name, Journal journal, String what, String unit, ToDoubleFunction<Journal> value) {
        return FunctionCounter.builder(PREFIX + what, journal, value)
                .tag(TAG, name)
                .baseUnit(unit)
                .register(registry);
    }

    private Meter gauge(String name, Journal journal, String what, String unit, ToDoubleFunction<Journal> value) {
        return Gauge.builder(PREFIX + what, journal, value)
                .tag(TAG, name)
                .baseUnit(unit)
                .register(registry);
    }

    @Override
    public void unbind(String name) {
        bound.getOrDefault(name, List.of()).forEach(registry::remove);
        bound.remove(name);
    }
}
