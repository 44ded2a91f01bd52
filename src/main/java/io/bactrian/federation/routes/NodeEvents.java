package io.bactrian.federation.routes;

import io.bactrian.federation.core.Actions;
import io.bactrian.support.text.RateLimitedLog;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Counts and logs what happens at a node. Any thread. */
final class NodeEvents {
    private static final Logger LOG = LoggerFactory.getLogger(NodeEvents.class);

    private final String node;
    private final Map<String, LongAdder> counters = new ConcurrentHashMap<>();
    private final RateLimitedLog warnings = new RateLimitedLog(() -> TimeUnit.NANOSECONDS.toMillis(System.nanoTime()));

    NodeEvents(String node) {
        this.node = node;
    }

    /** Something has happened. */
    void tell(List<Actions.Event> events) {
        for (Actions.Event event : events) {
            count(event.kind(), 1);
            // An alarm is opened once; what a neighbour or a client does wrong may come again and again.
            long left = !event.warning() || event.kind().equals("alarm-opened")
                    ? 0
                    : warnings.admit(event.kind(), event.text());
            if (event.warning() && left > 0) {
                LOG.warn(
                        "node={} {}: {} ({} lines of this kind were left out)", node, event.kind(), event.text(), left);
            } else if (event.warning() && left == 0) {
                LOG.warn("node={} {}: {}", node, event.kind(), event.text());
            } else {
                LOG.debug("node={} {}: {}", node, event.kind(), event.text());
            }
        }
    }

    void count(String kind, int times) {
        counters.computeIfAbsent(kind, name -> new LongAdder()).add(times);
    }

    /** How often something has happened. */
    long counted(String kind) {
        LongAdder counter = counters.get(kind);
        return counter == null ? 0 : counter.sum();
    }

    /** How often each thing has happened. */
    Map<String, Long> all() {
        Map<String, Long> all = new TreeMap<>();
        counters.forEach((name, count) -> all.put(name, count.sum()));
        return all;
    }
}
