package io.bactrian.support.timer;

import java.util.Map;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * The figures of a source, built once for all meters of a scrape: the first meter has them built, and those that ask
 * within 100 ms share them. Meters hold their source weakly, and so does this, by its figures alone. Thread-safe.
 *
 * @param <T> what has the figures
 */
public final class ScrapeSnapshot<T> {
    private static final long SHARED_NANOS = 100_000_000;

    private final Function<T, ? extends Map<String, ?>> figures;
    private final LongSupplier nanoClock;
    private @Nullable Map<String, ?> last;
    private long builtAtNanos;

    /** Figures by name; those that are no numbers have no meter. */
    public ScrapeSnapshot(Function<T, ? extends Map<String, ?>> figures) {
        this(figures, System::nanoTime);
    }

    /** With another clock, in nanoseconds. */
    public ScrapeSnapshot(Function<T, ? extends Map<String, ?>> figures, LongSupplier nanoClock) {
        this.figures = figures;
        this.nanoClock = nanoClock;
    }

    /** The value of a meter: one of the figures, 0 if there is none. */
    public ToDoubleFunction<T> figure(String name) {
        return source -> of(source).get(name) instanceof Number number ? number.doubleValue() : 0;
    }

    private synchronized Map<String, ?> of(T source) {
        long now = nanoClock.getAsLong();
        Map<String, ?> shared = last;
        if (shared == null || now - builtAtNanos > SHARED_NANOS) {
            shared = figures.apply(source);
            last = shared;
            builtAtNanos = now;
        }
        return shared;
    }
}
