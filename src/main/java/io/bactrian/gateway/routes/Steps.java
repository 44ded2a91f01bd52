package io.bactrian.gateway.routes;

import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs periodic steps so that a failure of one does not end the next ones. The first of several failures is logged. */
final class Steps {
    private static final Logger LOG = LoggerFactory.getLogger(Steps.class);
    private static final Map<String, Long> FAILURES = new ConcurrentHashMap<>();

    private static final long START_NS = System.nanoTime();

    /** A step that may fail. */
    interface Step {
        void run() throws Exception;
    }

    private Steps() {}

    /** Milliseconds of a clock that only moves on, from when the process began. */
    static long nowMs() {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - START_NS);
    }

    /** Runs a step again and again, with a pause between its end and the next begin. */
    static void repeat(ScheduledExecutorService timing, String name, long everyMs, Step step) {
        Future<?> unused = timing.scheduleWithFixedDelay(() -> run(name, step), 0, everyMs, TimeUnit.MILLISECONDS);
    }

    /** Tells of something that nobody waits for if it fails in a way that nobody has foreseen. */
    static void watch(String name, CompletableFuture<?> something) {
        CompletableFuture<?> unused = something.whenComplete((done, failure) -> {
            if (failure != null && FAILURES.merge(name, 1L, Long::sum) == 1) {
                LOG.warn("cannot {}: {}", name, failure.toString());
            }
        });
    }

    static void run(String name, Step step) {
        try {
            step.run();
            Long failures = FAILURES.remove(name);
            if (failures != null) {
                LOG.info("could {} again after failures={}", name, failures);
            }
        } catch (Exception e) {
            if (FAILURES.merge(name, 1L, Long::sum) == 1) {
                LOG.warn("cannot {}: {}; it is tried again", name, e.toString());
            }
        }
    }
}
