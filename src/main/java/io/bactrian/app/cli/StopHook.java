package io.bactrian.app.cli;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets a command that runs until it is told to stop end in order: at Ctrl-C, or a kill that can be caught, {@link #isStopping} says so,
 * and the process waits until the command has closed what it has open, and this.
 */
final class StopHook implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(StopHook.class);
    private static final long STOP_MS = 10_000;

    private final String otherwise;
    private final Thread thread;
    private final CountDownLatch ended = new CountDownLatch(1);
    private volatile boolean stopping;

    /**
     * Listens until it is closed.
     *
     * @param command for the name of the thread
     * @param otherwise what is logged if the command does not end in time
     */
    StopHook(String command, String otherwise) {
        this.otherwise = otherwise;
        thread = new Thread(this::stop, "bactrian-" + command + "-stop");
        Runtime.getRuntime().addShutdownHook(thread);
    }

    boolean isStopping() {
        return stopping;
    }

    private void stop() {
        stopping = true;
        try {
            if (!ended.await(STOP_MS, TimeUnit.MILLISECONDS)) {
                LOG.warn(otherwise);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        ended.countDown();
        if (!stopping) {
            Runtime.getRuntime().removeShutdownHook(thread);
        }
    }
}
