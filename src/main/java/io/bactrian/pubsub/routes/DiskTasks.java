package io.bactrian.pubsub.routes;

import io.bactrian.journal.log.JournalException;
import io.bactrian.pubsub.core.LifeEndedException;
import io.bactrian.support.database.StoreException;
import java.util.HashMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tasks of timers that need the disk. A task that fails runs again at its next interval. The first failure is a warning,
 * and the first success after it is logged with the number of failures. Thread-safe.
 */
final class DiskTasks {
    private static final Logger LOG = LoggerFactory.getLogger(DiskTasks.class);

    /** The tasks of timers. */
    enum Task {
        CHECKPOINT("write the checkpoint", "checkpoint written"),
        LAST_CHECKPOINT("write the last checkpoint", "last checkpoint written"),
        PURGE("purge the log", "log purged"),
        EXPIRE("remove absent publishers and subscribers", "absent publishers and subscribers removed");

        private final String work;
        private final String done;

        Task(String work, String done) {
            this.work = work;
            this.done = done;
        }
    }

    /** How often in a row a task has failed; it is missing if it has succeeded. */
    private final Map<Task, Integer> failures = new HashMap<>();

    void run(Task task, Runnable work) {
        try {
            work.run();
            int failed = succeeded(task);
            if (failed > 0) {
                LOG.info("{} again after {} {}", task.done, failed, failed == 1 ? "failure" : "failures");
            }
        } catch (LifeEndedException e) {
            LOG.debug("did not {}: {}", task.work, e.getMessage());
        } catch (StoreException | JournalException e) {
            if (failed(task) == 1) {
                LOG.warn("could not {}, tried again at each interval: {}", task.work, e.getMessage());
            } else {
                LOG.debug("could not {}: {}", task.work, e.getMessage());
            }
        }
    }

    private synchronized int failed(Task task) {
        return failures.merge(task, 1, Integer::sum);
    }

    private synchronized int succeeded(Task task) {
        Integer failed = failures.remove(task);
        return failed == null ? 0 : failed;
    }
}
