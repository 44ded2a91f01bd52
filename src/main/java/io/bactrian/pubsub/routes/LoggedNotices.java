package io.bactrian.pubsub.routes;

import io.bactrian.pubsub.core.HubNotices;
import org.slf4j.Logger;

/** Notices of the hub as lines of the log file. */
record LoggedNotices(Logger logger) implements HubNotices {
    @Override
    public void info(String line) {
        logger.info(line);
    }

    @Override
    public void warn(String line) {
        logger.warn(line);
    }
}
