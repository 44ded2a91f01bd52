package io.bactrian.gateway.routes;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.bactrian.gateway.core.Heartbeat;
import io.bactrian.gateway.core.HeartbeatMemory;
import io.bactrian.gateway.core.HeartbeatMemory.Look;
import io.bactrian.gateway.core.HeartbeatMemory.Put;
import io.bactrian.gateway.core.Leases;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The newest heartbeats of producers, in memory and in the table, as {@link HeartbeatMemory} decides.
 *
 * <p>Of a producer that is granted the newest heartbeat may be in memory only, until it is written behind: in groups, by time and by
 * number. A crash loses that much, unless {@code flushAlways}. What is not written yet is kept apart from the cache, so an
 * eviction loses nothing. Any thread.
 */
final class WorkerStore {
    private static final Logger LOG = LoggerFactory.getLogger(WorkerStore.class);
    private static final long WRITE_TIMEOUT_S = 20;
    private static final CompletableFuture<@Nullable Void> TAKEN = CompletableFuture.completedFuture(null);

    /** So many times the number at which a flush begins may be in memory only, then heartbeats wait for the database. */
    private static final int UNWRITTEN_FACTOR = 100;

    private final boolean flushAlways;
    private final int flushCount;
    private final HeartbeatTable table;
    private final GroupWriter<Heartbeat> queue;
    private final HeartbeatMemory memory;
    private final LongSupplier clock;
    private final Cache<Long, Heartbeat> cache;
    private final AtomicLong failedFlushes = new AtomicLong();
    private final CountDownLatch closed = new CountDownLatch(1);
    private volatile boolean readsFail;

    final LongAdder hits = new LongAdder();
    final LongAdder misses = new LongAdder();
    final LongAdder memoryOnly = new LongAdder();
    final LongAdder throughWrites = new LongAdder();

    /** {@code clock}: milliseconds, which only move on. */
    WorkerStore(
            WorkerSettings settings,
            HeartbeatTable table,
            GroupWriter<Heartbeat> queue,
            Leases leases,
            LongSupplier clock) {
        this.flushAlways = settings.flushAlways();
        this.flushCount = settings.flushCount();
        this.table = table;
        this.queue = queue;
        this.clock = clock;
        this.cache = Caffeine.newBuilder()
                .maximumWeight(settings.cacheMax())
                .weigher((Long id, Heartbeat heartbeat) -> heartbeat.weight())
                .build();
        this.memory = new HeartbeatMemory(
                cache.asMap(), new ConcurrentHashMap<>(), leases, flushAlways, unwrittenMax(settings));
    }

    /** How many heartbeats may be in memory only, each counted with its weight. */
    static int unwrittenMax(WorkerSettings settings) {
        return settings.flushCount() * UNWRITTEN_FACTOR;
    }

    /**
     * Takes a heartbeat. When the future is done it is what every reader gets from now on; when the future fails because the
     * database is needed and does not take it, it is not taken at all. Nobody waits in here.
     *
     * @param port where it came, for the claim of its producer
     */
    CompletableFuture<@Nullable Void> put(Heartbeat heartbeat, int port) {
        Put put = memory.take(heartbeat, port, clock.getAsLong());
        if (!put.write()) {
            memoryOnly.increment();
            if (!memory.isUncovered(put, clock.getAsLong())) {
                return TAKEN;
            }
        }
        throughWrites.increment();
        return queue.write(List.of(put.heartbeat()))
                .orTimeout(WRITE_TIMEOUT_S, TimeUnit.SECONDS)
                .whenComplete((written, failure) -> {
                    if (failure == null) {
                        memory.written(put);
                    } else {
                        memory.notWritten(put);
                    }
                });
    }

    /** Whether so many heartbeats are unwritten that they should be written behind now. */
    boolean flushDue() {
        return !flushAlways && memory.unwrittenWeight() >= flushCount;
    }

    private static void await(CompletableFuture<@Nullable Void> written) throws SQLException {
        try {
            written.get(WRITE_TIMEOUT_S, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            Throwable cause = e.getCause();
            throw cause instanceof SQLException sql ? sql : new SQLException(String.valueOf(cause), cause);
        } catch (TimeoutException e) {
            throw new SQLException("the database did not answer within " + WRITE_TIMEOUT_S + " s", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new SQLException("interrupted while it waited for the database", e);
        }
    }

    /** Reads the table. */
    private interface Reading {
        Optional<Heartbeat> read() throws SQLException;
    }

    /** The first failure is tried again for a while, as that of a write is; after that each read fails at once, until one succeeds. */
    private Optional<Heartbeat> read(Reading reading) throws SQLException {
        long beganMs = clock.getAsLong();
        while (true) {
            try {
                Optional<Heartbeat> found = reading.read();
                readsFail = false;
                return found;
            } catch (SQLException e) {
                if (readsFail || clock.getAsLong() - beganMs > GroupWriter.PATIENCE_MS || closedInPause()) {
                    readsFail = true;
                    throw e;
                }
                LOG.debug("cannot read, tries again", e);
            }
        }
    }

    /** Whether the store was closed within the pause before the next attempt. */
    private boolean closedInPause() {
        try {
            return closed.await(GroupWriter.RETRY_MS, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return true;
        }
    }

    /** Nobody waits for the database any more. */
    void close() {
        closed.countDown();
    }

    /** Looks for the newest heartbeat of a producer in memory; {@link #load} goes on if it is not there. */
    Look look(long id) {
        Look look = memory.look(id, clock.getAsLong());
        (look.found() == null ? misses : hits).increment();
        return look;
    }

    /** The newest heartbeat of a producer that was not found in memory, empty if there is none. Waits for the database. */
    Optional<Heartbeat> load(long id, Look look) throws SQLException {
        return memory.loaded(id, look, read(() -> table.find(id)).orElse(null));
    }

    /** The newest heartbeat of a location that is written; see {@link #flushAt}. */
    Optional<Heartbeat> findAt(String location) throws SQLException {
        return read(() -> table.findAt(location));
    }

    /** Writes what is in memory only. It stays there if the database does not take it. */
    void flush() throws SQLException {
        write(memory.unwritten());
    }

    /** Writes what is in memory only of some locations, so that other workers find it. Nobody waits in here. */
    CompletableFuture<@Nullable Void> flushAt(Set<String> locations) {
        return writing(memory.unwrittenAt(locations));
    }

    private void write(List<Heartbeat> some) throws SQLException {
        await(writing(some));
    }

    private CompletableFuture<@Nullable Void> writing(List<Heartbeat> some) {
        if (some.isEmpty()) {
            return TAKEN;
        }
        return queue.write(some).orTimeout(WRITE_TIMEOUT_S, TimeUnit.SECONDS).whenComplete((written, failure) -> {
            if (failure == null) {
                flushed(some);
            } else if (failedFlushes.getAndIncrement() == 0) {
                LOG.warn(
                        "{} heartbeats are in memory only: cannot write them: {}; it is tried again",
                        some.size(),
                        CallFailures.cause(failure).toString());
            }
        });
    }

    private void flushed(List<Heartbeat> some) {
        memory.flushed(some);
        long failed = failedFlushes.getAndSet(0);
        if (failed > 0) {
            LOG.info("heartbeats written again after failures={}", failed);
        }
    }

    /** Producers are granted. */
    void grant(List<Long> ids) {
        memory.grant(ids);
    }

    /** Writes what of some producers is in memory only, and drops them from it: another worker may have them next. */
    void release(List<Long> ids) throws SQLException {
        write(memory.release(ids));
    }

    /** Gives up everything that is granted, and writes what is in memory only. */
    void releaseAll() throws SQLException {
        write(memory.releaseAll());
    }

    /** Whether the database did not take what was last written behind. */
    boolean failing() {
        return failedFlushes.get() > 0;
    }

    /** How many heartbeats are in memory only. */
    int unwritten() {
        return memory.unwrittenCount();
    }

    /** What those weigh that are in memory only. */
    long unwrittenWeight() {
        return memory.unwrittenWeight();
    }

    /** About how many heartbeats are in the cache. */
    long cached() {
        return cache.estimatedSize();
    }
}
