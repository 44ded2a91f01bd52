package io.bactrian.journal.log;

import io.bactrian.support.text.FileErrors;
import io.bactrian.support.thread.NamedThreads;
import java.io.IOException;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The journal's own thread: interval syncs, cursor files, retention, idle files. Appends never wait for it to run. */
final class JournalMaintenance {
    private static final Logger LOG = LoggerFactory.getLogger(JournalMaintenance.class);
    private static final long RETENTION_INTERVAL_MS = 1000;
    /** So much is deleted, then there is a pause: 1.3 GB/s at most, which is more than is written. */
    private static final long PURGE_BYTES = 64 << 20;

    private static final long PURGE_PAUSE_MS = 50;

    private final Journal journal;
    private final ScheduledExecutorService executor;
    private final MaintenanceTask purge;
    private final AtomicBoolean purgeIsDue = new AtomicBoolean();

    JournalMaintenance(Journal journal, JournalSettings settings, NamedThreads threads) {
        this.journal = journal;
        this.purge = new MaintenanceTask(journal, this::purge);
        this.executor = Executors.newSingleThreadScheduledExecutor(
                work -> threads.newThread("journal-keeper-" + journal.folder().getFileName(), work));
        if (settings.sync() == SyncMode.INTERVAL) {
            every(settings.syncInterval().toMillis(), journal::syncAside);
        }
        every(settings.cursorInterval().toMillis(), () -> journal.cursors().forEach(Cursor::flush));
        every(RETENTION_INTERVAL_MS, journal::retain);
    }

    private interface Work {
        void run() throws IOException;
    }

    private void every(long millis, Work work) {
        MaintenanceTask task = new MaintenanceTask(journal, work);
        // The future never ends, and the task reports its failures itself.
        ScheduledFuture<?> unused = executor.scheduleWithFixedDelay(task, millis, millis, TimeUnit.MILLISECONDS);
    }

    /** Work that comes again and again: while it fails it is tried at each interval, and is the journal's problem. */
    private static final class MaintenanceTask implements Runnable {
        private final Journal journal;
        private final Work work;
        private @Nullable JournalException told;

        MaintenanceTask(Journal journal, Work work) {
            this.journal = journal;
            this.work = work;
        }

        @Override
        public void run() {
            try {
                work.run();
                if (told != null) {
                    journal.problem(told, null);
                    told = null;
                }
            } catch (IOException | RuntimeException e) {
                JournalException now = e instanceof JournalException known
                        ? known
                        : new JournalException("maintenance of the journal failed: " + FileErrors.say(e), e);
                if (told == null) {
                    LOG.warn(
                            "journal={} maintenance failed, tried again at each interval: {}",
                            journal.folder(),
                            e.toString());
                }
                journal.problem(told, now);
                told = now;
            }
        }
    }

    /** Has files deleted that are no longer needed. What fails is tried again with the next retention. */
    void deletePurged() {
        purgeAfter(0);
    }

    // In parts, because a file system that frees much at once holds up the syncs of appends. The parts have a size and
    // not a number of segments, or small segments would come faster than they go.
    private void purge() {
        purgeIsDue.set(false);
        if (journal.deletePurged(PURGE_BYTES)) {
            purgeAfter(PURGE_PAUSE_MS);
        }
    }

    private void purgeAfter(long millis) {
        if (!purgeIsDue.compareAndSet(false, true)) {
            return;
        }
        try {
            ScheduledFuture<?> unused = executor.schedule(purge, millis, TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException closed) {
            LOG.debug("journal={} closed: the next start deletes what is no longer part of it", journal.folder());
        }
    }

    /** Waits for work under way; returns when the thread has ended or 5 s have passed. */
    void close() {
        executor.shutdown();
        boolean interrupted = false;
        try {
            if (!executor.awaitTermination(5, TimeUnit.SECONDS)) {
                LOG.warn("journal={} maintenance thread has not ended within 5 s", journal.folder());
            }
        } catch (InterruptedException e) {
            interrupted = true;
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
