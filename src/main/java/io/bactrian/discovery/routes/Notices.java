package io.bactrian.discovery.routes;

import io.bactrian.support.text.RateLimitedLog;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Notices for an operator: counted by kind, the newest kept, and logged within the bounds of {@link RateLimitedLog}. Its
 * memory is bounded. Thread-safe.
 */
final class Notices {
    private static final Logger LOG = LoggerFactory.getLogger(Notices.class);
    private static final int KEPT = 50;

    private final LongSupplier clockMs;
    private final RateLimitedLog limit = new RateLimitedLog(() -> TimeUnit.NANOSECONDS.toMillis(System.nanoTime()));
    private final Map<String, Long> counts = new TreeMap<>();
    private final Deque<Map<String, Object>> newest = new ArrayDeque<>();

    Notices(LongSupplier clockMs) {
        this.clockMs = clockMs;
    }

    synchronized void add(String kind, String subject, String text) {
        counts.merge(kind, 1L, Long::sum);
        long left = limit.admit(kind, subject);
        if (left < 0) {
            return;
        }
        long nowMs = clockMs.getAsLong();
        newest.addFirst(
                Map.of("at", Instant.ofEpochMilli(nowMs).toString(), "kind", kind, "subject", subject, "text", text));
        if (newest.size() > KEPT) {
            newest.removeLast();
        }
        LOG.warn("{} subject={} reason={} suppressed={}", kind, subject, text, left);
    }

    synchronized Map<String, Long> counts() {
        return new TreeMap<>(counts);
    }

    synchronized List<Map<String, Object>> newest() {
        return new ArrayList<>(newest);
    }
}
