package io.bactrian.pubsub.routes;

import io.bactrian.support.text.RateLimitedLog;
import io.bactrian.wire.Code;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * Counts what peers send wrongly, by cause, and logs it, within the bounds of {@link RateLimitedLog}. The clients of a pair ask the
 * passive hub again and again, which is not wrong: it is counted only. Thread-safe.
 */
final class BadInput {
    private static final Logger LOG = LoggerFactory.getLogger(BadInput.class);

    /** A message of a plain PUB peer that has no body frame. */
    static final String PLAIN_WITHOUT_BODY = "plain-without-body";

    /** All causes that are counted. */
    static final List<String> CAUSES = Stream.concat(
                    Arrays.stream(Code.values()).map(Code::label), Stream.of(PLAIN_WITHOUT_BODY))
            .toList();

    /** What every client meets that says more while it is closed, or goes on after the hub was restarted: it greets again. */
    private static final Set<String> USUAL = Set.of(Code.UNKNOWN_SESSION.label(), Code.UNKNOWN_PUBLISHER.label());

    private final RateLimitedLog limit;
    private final Map<String, LongAdder> counts = new TreeMap<>();

    /** @param clockMs a clock in ms that never goes back */
    BadInput(LongSupplier clockMs) {
        limit = new RateLimitedLog(clockMs);
    }

    void from(byte[] peer, Code cause, String text) {
        from(HexFormat.of().formatHex(peer), cause.label(), text);
    }

    synchronized void from(String peer, String cause, String text) {
        counts.computeIfAbsent(cause, key -> new LongAdder()).increment();
        if (cause.equals(Code.NOT_ACTIVE.label())) {
            LOG.debug("refused cause={} peer={}", cause, peer);
            return;
        }
        long left = limit.admit(cause, peer);
        if (left >= 0) {
            LOG.atLevel(USUAL.contains(cause) ? Level.INFO : Level.WARN)
                    .log("refused cause={} peer={} reason={} suppressed={}", cause, peer, text, left);
        }
    }

    /** How often a cause was seen. */
    synchronized long count(String cause) {
        LongAdder count = counts.get(cause);
        return count == null ? 0 : count.sum();
    }

    /** How often each cause was seen. */
    synchronized Map<String, Long> counts() {
        Map<String, Long> copy = new TreeMap<>();
        counts.forEach((cause, count) -> copy.put(cause, count.sum()));
        return copy;
    }
}
