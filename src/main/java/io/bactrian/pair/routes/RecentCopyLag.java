package io.bactrian.pair.routes;

import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The lag of a copy, read at most once for all meters of a scrape, because a reading may read a megabyte of the log. Thread-safe. */
final class RecentCopyLag {
    private static final long RECENT_NANOS = 500_000_000;

    private final LongSupplier nanoClock;
    private @Nullable CopyLag last;
    private long readAtNanos;

    RecentCopyLag(LongSupplier nanoClock) {
        this.nanoClock = nanoClock;
    }

    /** The last reading if it is recent, or else a new one. */
    synchronized CopyLag get(Supplier<CopyLag> reading) {
        long now = nanoClock.getAsLong();
        CopyLag lag = last;
        if (lag == null || now - readAtNanos > RECENT_NANOS) {
            lag = reading.get();
            last = lag;
            readAtNanos = now;
        }
        return lag;
    }
}
