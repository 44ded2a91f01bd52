package io.bactrian.zeromq.socket;

import io.bactrian.support.thread.NamedThreads;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One thread that, ten times a second, sweeps the connections of all sockets of a context and of those that belong to
 * it, and looks whether the wall clock was set back. Any thread.
 */
final class ConnectionSweeper {
    private static final Logger LOG = LoggerFactory.getLogger(ConnectionSweeper.class);
    private static final long INTERVAL_MS = 100;

    private final Set<ConnectionTable> watched = ConcurrentHashMap.newKeySet();
    private final Set<SocketContext> contexts = ConcurrentHashMap.newKeySet();
    private final WallClock clock;
    private final ScheduledThreadPoolExecutor thread;
    private final ScheduledFuture<?> sweeping;

    /** Begins now, with a wall clock as {@link System#currentTimeMillis}. */
    ConnectionSweeper(LongSupplier wallMs, NamedThreads threads) {
        clock = new WallClock(wallMs, System::nanoTime);
        thread = new ScheduledThreadPoolExecutor(1, task -> threads.newThread("bactrian-zeromq-watch", task));
        thread.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
        sweeping = thread.scheduleWithFixedDelay(this::look, INTERVAL_MS, INTERVAL_MS, TimeUnit.MILLISECONDS);
    }

    void add(ConnectionTable peers) {
        watched.add(peers);
    }

    void remove(ConnectionTable peers) {
        watched.remove(peers);
    }

    /** Tells a context when the wall clock was set back. */
    void add(SocketContext context) {
        contexts.add(context);
    }

    void remove(SocketContext context) {
        contexts.remove(context);
    }

    private void look() {
        long setBackMs = clock.setBackMs();
        if (setBackMs > 0) {
            LOG.info("the wall clock was set back byMs={}", setBackMs);
            contexts.forEach(context -> tell(context, setBackMs));
        }
        sweep();
    }

    private static void tell(SocketContext context, long setBackMs) {
        try {
            context.clockSetBack(setBackMs);
        } catch (RuntimeException e) {
            LOG.error("what waits to be connected again may wait for longer", e);
        }
    }

    private void sweep() {
        for (ConnectionTable peers : watched) {
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
