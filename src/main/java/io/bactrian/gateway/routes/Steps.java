package io.bactrian.gateway.routes;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs periodic steps so that a failure of one does not end the next ones. The first of several failures is logged. */
final class Steps {
    private static final Logger LOG = LoggerFactory.getLogger(Steps.class);
    private static final Map<String, Long> FAILURES = new ConcurrentHashMap<>();

    /** A step that may fail. */
    interface Step {
        void run() throws Exception;
    }

    private Steps() {}

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
