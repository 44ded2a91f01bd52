package io.bactrian.pubsub.routes;

import io.bactrian.journal.log.JournalException;
import io.bactrian.pubsub.core.LifeEndedException;
import io.bactrian.support.database.StoreException;
import java.util.HashSet;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Work of timers that needs the disk. While that fails it is tried again at each interval, and told
 * once, not each time. Thread-safe.
 */
final class DiskTasks {
    private static final Logger LOG = LoggerFactory.getLogger(DiskTasks.class);

    private final Set<String> failing = new HashSet<>();

    void run(String what, Runnable work) {
        try {
            work.run();
            if (told(what, false)) {
                LOG.info("it works again: could {}", what);
            }
        } catch (LifeEndedException e) {
            LOG.debug("did not {}: {}", what, e.getMessage());
        } catch (StoreException | JournalException e) {
            if (told(what, true)) {
                LOG.warn("could not {}, tried again at each interval: {}", what, e.getMessage());
            } else {
                LOG.debug("could not {}: {}", what, e.getMessage());
            }
        }
    }

    /** Whether this is news. */
    private synchronized boolean told(String what, boolean fails) {
        return fails ? failing.add(what) : failing.remove(what);
    }
}
