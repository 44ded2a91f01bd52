package io.bactrian.socket;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One thread that sweeps the connections of all sockets of a context, ten times a second. Any thread. */
final class Watch {
    private static final Logger LOG = LoggerFactory.getLogger(Watch.class);
    private static final long INTERVAL_MS = 100;

    private final Set<Peers> watched = ConcurrentHashMap.newKeySet();
    private final ScheduledThreadPoolExecutor thread;
    private final ScheduledFuture<?> sweeping;

    Watch() {
        thread = new ScheduledThreadPoolExecutor(1, task -> {
            Thread watching = new Thread(task, "bactrian-zeromq-watch");
            watching.setDaemon(true);
            return watching;
        });
        thread.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
        sweeping = thread.scheduleWithFixedDelay(this::sweep, INTERVAL_MS, INTERVAL_MS, TimeUnit.MILLISECONDS);
    }

    void add(Peers peers) {
        watched.add(peers);
    }

    void remove(Peers peers) {
        watched.remove(peers);
    }

    private void sweep() {
        for (Peers peers : watched) {
            try {
                peers.sweep();
            } catch (RuntimeException e) {
                LOG.error("the connections of a socket could not be looked after", e);
            }
        }
    }

    void close() {
        sweeping.cancel(false);
        thread.shutdown();
    }
}
