package io.bactrian.discovery.routes;

import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What an operator should know: counted by kind, the newest kept, and logged at most once a minute for each kind and
 * subject. Its memory is bounded. Thread-safe.
 */
final class Notices {
    private static final Logger LOG = LoggerFactory.getLogger(Notices.class);
    private static final long INTERVAL_MS = 60_000;
    private static final int SUBJECTS_MAX = 1_000;
    private static final int KEPT = 50;

    private final LongSupplier clockMs;
    private final Map<String, Long> loggedAt = new LinkedHashMap<>();
    private final Map<String, Long> counts = new TreeMap<>();
    private final Deque<Map<String, Object>> newest = new ArrayDeque<>();

    Notices(LongSupplier clockMs) {
        this.clockMs = clockMs;
    }

    synchronized void add(String kind, String subject, String text) {
        counts.merge(kind, 1L, Long::sum);
        long nowMs = clockMs.getAsLong();
        String key = kind + ' ' + subject;
        Long last = loggedAt.remove(key);
        loggedAt.put(key, last == null ? nowMs : last);
        if (last != null && nowMs - last < INTERVAL_MS) {
            return;
        }
        loggedAt.put(key, nowMs);
        if (loggedAt.size() > SUBJECTS_MAX) {
            loggedAt.remove(loggedAt.keySet().iterator().next());
        }
        newest.addFirst(
                Map.of("at", Instant.ofEpochMilli(nowMs).toString(), "kind", kind, "subject", subject, "text", text));
        if (newest.size() > KEPT) {
            newest.removeLast();
        }
        LOG.warn("{} subject={} reason={}", kind, subject, text);
    }

    synchronized Map<String, Long> counts() {
        return new TreeMap<>(counts);
    }

    synchronized List<Map<String, Object>> newest() {
        return new ArrayList<>(newest);
    }
}
