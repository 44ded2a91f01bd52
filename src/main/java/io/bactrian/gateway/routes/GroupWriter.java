package io.bactrian.gateway.routes;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes rows in groups: all that came while the last group was written make the next one, with one transaction and one sync.
 * So the more there are the cheaper each is, and one alone waits for nobody. One thread writes; any thread asks.
 */
final class GroupWriter<T> {
    private static final Logger LOG = LoggerFactory.getLogger(GroupWriter.class);
    private static final int CAPACITY = 10_000;
    private static final int GROUP_MAX = 2_000;
    private static final long POLL_MS = 200;
    static final long RETRY_MS = 100;

    /** Another process has opened a shared H2 file of a killed one by then. It is longer than one attempt of the pool, 10 s. */
    static final long PATIENCE_MS = 16_000;

    private static final long PATIENCE_NS = TimeUnit.MILLISECONDS.toNanos(PATIENCE_MS);

    /** Writes a group in its order, so that it is on disk when it returns. */
    interface Writer<T> {
        void write(List<T> rows) throws SQLException;
    }

    private record Request<T>(List<T> rows, CompletableFuture<@Nullable Void> written) {}

    private final Writer<T> writer;
    private final BlockingQueue<Request<T>> requests = new ArrayBlockingQueue<>(CAPACITY);
    private final CountDownLatch stopped = new CountDownLatch(1);
    private boolean failing;

    final LongAdder rows = new LongAdder();
    final LongAdder groups = new LongAdder();
    final LongAdder failures = new LongAdder();

    GroupWriter(Writer<T> writer) {
        this.writer = writer;
    }

    /** Asks for rows to be written. The future is done when they are on disk; it fails if they are not, or too many wait. */
    CompletableFuture<@Nullable Void> write(List<T> some) {
        CompletableFuture<@Nullable Void> written = new CompletableFuture<>();
        if (stopping() || !requests.offer(new Request<>(List.copyOf(some), written))) {
            failures.increment();
            written.completeExceptionally(new SQLException(
                    stopping()
                            ? "the database is closed"
                            : CAPACITY + " changes wait for the database already; it does not keep up"));
        }
        return written;
    }

    /** How many requests wait. */
    int waiting() {
        return requests.size();
    }

    /** Writes until {@link #stop}; what waits then is still written. The task of the writing thread. */
    void run() {
        List<Request<T>> group = new ArrayList<>();
        while (true) {
            try {
                Request<T> first = requests.poll(POLL_MS, TimeUnit.MILLISECONDS);
                if (first != null) {
                    group.add(first);
                    requests.drainTo(group, GROUP_MAX - 1);
                    writeGroup(group);
                    group.clear();
                } else if (stopping()) {
                    return;
                }
            } catch (InterruptedException e) {
                // It ends in order after an interruption: an interrupted write could close H2's file.
                stop();
            }
        }
    }

    /** Whether it was told to stop within the pause before the next attempt. */
    private boolean stoppedInPause() {
        try {
            return stopped.await(RETRY_MS, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            stop();
            return true;
        }
    }

    /** The first failure is tried again for a while; after that each group fails at once, until one is written. */
    private void writeGroup(List<Request<T>> group) {
        List<T> all = new ArrayList<>();
        group.forEach(request -> all.addAll(request.rows()));
        long beganNs = System.nanoTime();
        while (true) {
            try {
                writer.write(all);
                failing = false;
                rows.add(all.size());
                groups.increment();
                group.forEach(request -> request.written().complete(null));
                return;
            } catch (SQLException | RuntimeException e) {
                if (failing || System.nanoTime() - beganNs > PATIENCE_NS || stoppedInPause()) {
                    failing = true;
                    failures.increment();
                    group.forEach(request -> request.written().completeExceptionally(e));
                    return;
                }
                LOG.debug("cannot write rows={}, tries again", all.size(), e);
            }
        }
    }

    void stop() {
        stopped.countDown();
    }

    private boolean stopping() {
        return stopped.getCount() == 0;
    }
}
