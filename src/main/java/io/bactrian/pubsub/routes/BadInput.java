package io.bactrian.pubsub.routes;

import io.bactrian.wire.Code;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Counts what peers send wrongly, by cause, and logs it at most once a minute for each peer and cause. It remembers a
 * bounded number of peers. Thread-safe.
 */
final class BadInput {
    private static final Logger LOG = LoggerFactory.getLogger(BadInput.class);
    private static final long INTERVAL_MS = 60_000;
    private static final int REMEMBERED_MAX = 1_000;

    private final LongSupplier clockMs;
    private final Map<String, Long> loggedAt = new LinkedHashMap<>();
    private final Map<String, LongAdder> counts = new TreeMap<>();

    BadInput(LongSupplier clockMs) {
        this.clockMs = clockMs;
    }

    void from(byte[] peer, Code cause, String text) {
        from(HexFormat.of().formatHex(peer), cause.label(), text);
    }

    synchronized void from(String peer, String cause, String text) {
        counts.computeIfAbsent(cause, key -> new LongAdder()).increment();
        long nowMs = clockMs.getAsLong();
        String key = cause + ' ' + peer;
        Long last = loggedAt.get(key);
        if (last != null && nowMs - last < INTERVAL_MS) {
            return;
        }
        loggedAt.remove(key);
        loggedAt.put(key, nowMs);
        if (loggedAt.size() > REMEMBERED_MAX) {
            loggedAt.remove(loggedAt.keySet().iterator().next());
        }
        LOG.warn("refused cause={} peer={} reason={}", cause, peer, text);
    }

    /** How often each cause was seen. */
    synchronized Map<String, Long> counts() {
        Map<String, Long> copy = new TreeMap<>();
        counts.forEach((cause, count) -> copy.put(cause, count.sum()));
        return copy;
    }
}
