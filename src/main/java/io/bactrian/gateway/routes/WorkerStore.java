package io.bactrian.gateway.routes;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.bactrian.gateway.core.Heartbeat;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The newest heartbeats: in memory for producers that {@link Leases} cover, and in the table. A heartbeat of any other producer
 * is on disk before it is answered, and is read from there, as other workers may have a newer one. So no answer is ever stale.
 *
 * <p>Of a covered producer the newest heartbeat may be in memory only, until it is written behind: in groups, by time and by
 * number. A crash loses that much, unless {@code flushAlways}. What is not written yet is kept apart from the cache, so an
 * eviction loses nothing. Any thread.
 */
final class WorkerStore {
    private static final Logger LOG = LoggerFactory.getLogger(WorkerStore.class);
    private static final long WRITE_TIMEOUT_S = 10;

    /** So many times the number at which a flush begins may be in memory only, then heartbeats wait for the database. */
    private static final int UNWRITTEN_FACTOR = 20;

    private final boolean flushAlways;
    private final int flushCount;
    private final HeartbeatTable table;
    private final GroupWriter<Heartbeat> queue;
    private final Leases leases;
    private final Cache<Long, Heartbeat> cache;
    private final Map<Long, Heartbeat> unwritten = new ConcurrentHashMap<>();
    private final AtomicLong failedFlushes = new AtomicLong();

    final LongAdder hits = new LongAdder();
    final LongAdder misses = new LongAdder();
    final LongAdder memoryOnly = new LongAdder();
    final LongAdder throughWrites = new LongAdder();

    WorkerStore(WorkerSettings settings, HeartbeatTable table, GroupWriter<Heartbeat> queue, Leases leases) {
        this.flushAlways = settings.flushAlways();
        this.flushCount = settings.flushCount();
        this.table = table;
        this.queue = queue;
        this.leases = leases;
        this.cache = Caffeine.newBuilder().maximumSize(settings.cacheMax()).build();
    }

    /**
     * Takes a heartbeat. When this returns it is what every reader gets from now on.
     *
     * @param port where it came, for the claim of its producer
     * @return whether so many are unwritten now that a flush should begin
     * @throws SQLException if the database is needed and does not take it; then it is not taken at all
     */
    boolean put(Heartbeat heartbeat, int port) throws SQLException {
        long id = heartbeat.id();
        if (!leases.covers(id)) {
            leases.want(id, port);
            writeThrough(heartbeat);
            // A grant may have come meanwhile, and a reader may have loaded what was there before.
            cache.asMap().computeIfPresent(id, (key, last) -> newest(last, heartbeat));
            return false;
        }
        boolean through = flushAlways || unwritten.size() >= flushCount * UNWRITTEN_FACTOR;
        if (through) {
            Heartbeat stamped = stamp(heartbeat, cache.getIfPresent(id));
            writeThrough(stamped);
            // The producer may have been elsewhere meanwhile, and have come back.
            cache.asMap().merge(id, stamped, WorkerStore::newest);
            return !flushAlways;
        }
        Heartbeat kept = cache.asMap().compute(id, (key, last) -> {
            Heartbeat stamped = stamp(heartbeat, last);
            unwritten.put(id, stamped);
            return stamped;
        });
        memoryOnly.increment();
        if (!leases.covers(id)) {
            // Released meanwhile: whoever released it may have looked before this was there to be written.
            writeThrough(kept);
            unwritten.remove(id, kept);
        }
        return unwritten.size() >= flushCount;
    }

    /** Gives it a time that is after that of the producer's last one, whatever the clock does. */
    private static Heartbeat stamp(Heartbeat heartbeat, @Nullable Heartbeat last) {
        return last == null || last.receivedMs() < heartbeat.receivedMs()
                ? heartbeat
                : new Heartbeat(
                        heartbeat.id(),
                        heartbeat.location(),
                        heartbeat.address(),
                        last.receivedMs() + 1,
                        heartbeat.data());
    }

    private void writeThrough(Heartbeat heartbeat) throws SQLException {
        throughWrites.increment();
        await(queue.write(List.of(heartbeat)));
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

    /** The newest heartbeat of a producer, empty if there is none. */
    Optional<Heartbeat> find(long id) throws SQLException {
        if (!leases.covers(id)) {
            misses.increment();
            return newer(table.find(id), Optional.ofNullable(unwritten.get(id)));
        }
        Heartbeat waiting = unwritten.get(id);
        Heartbeat known = waiting == null ? cache.getIfPresent(id) : waiting;
        if (known != null) {
            hits.increment();
            return Optional.of(known);
        }
        misses.increment();
        try {
            // A heartbeat that comes meanwhile waits for this and then replaces it.
            return Optional.ofNullable(cache.get(id, this::load));
        } catch (CompletionException e) {
            if (e.getCause() instanceof SQLException sql) {
                throw sql;
            }
            throw e;
        }
    }

    private @Nullable Heartbeat load(Long id) {
        try {
            return table.find(id).orElse(null);
        } catch (SQLException e) {
            throw new CompletionException(e);
        }
    }

    /** The newest heartbeat of a location, as far as it is written or in this worker's memory. */
    Optional<Heartbeat> findAt(String location) throws SQLException {
        Optional<Heartbeat> newest = table.findAt(location);
        for (Heartbeat heartbeat : unwritten.values()) {
            if (heartbeat.location().equals(location)) {
                newest = newer(newest, Optional.of(heartbeat));
            }
        }
        return newest;
    }

    private static Heartbeat newest(Heartbeat known, Heartbeat written) {
        return written.receivedMs() >= known.receivedMs() ? written : known;
    }

    private static Optional<Heartbeat> newer(Optional<Heartbeat> one, Optional<Heartbeat> two) {
        if (one.isEmpty() || two.isEmpty()) {
            return one.isEmpty() ? two : one;
        }
        return two.get().receivedMs() >= one.get().receivedMs() ? two : one;
    }

    /** Writes what is in memory only. It stays there if the database does not take it. */
    void flush() throws SQLException {
        List<Heartbeat> some = new ArrayList<>(unwritten.values());
        if (some.isEmpty()) {
            return;
        }
        try {
            await(queue.write(some));
            some.forEach(heartbeat -> unwritten.remove(heartbeat.id(), heartbeat));
            long failed = failedFlushes.getAndSet(0);
            if (failed > 0) {
                LOG.info("heartbeats written again after failures={}", failed);
            }
        } catch (SQLException | RuntimeException e) {
            if (failedFlushes.getAndIncrement() == 0) {
                LOG.warn(
                        "{} heartbeats are in memory only: cannot write them: {}; it is tried again",
                        some.size(),
                        e.toString());
            }
            throw e;
        }
    }

    /** Producers are granted. What the cache has of an earlier time does not count any more. */
    void grant(List<Long> ids) {
        List<Long> clean = ids.stream().filter(id -> !unwritten.containsKey(id)).toList();
        clean.forEach(cache::invalidate);
        leases.grant(clean);
    }

    /** Writes what of some producers is in memory only, and drops them from it: another worker may have them next. */
    void release(List<Long> ids) throws SQLException {
        ids.forEach(leases::release);
        List<Heartbeat> some = new ArrayList<>();
        for (long id : ids) {
            Heartbeat waiting = unwritten.get(id);
            if (waiting != null) {
                some.add(waiting);
            }
        }
        if (!some.isEmpty()) {
            await(queue.write(some));
            some.forEach(heartbeat -> unwritten.remove(heartbeat.id(), heartbeat));
        }
        ids.forEach(cache::invalidate);
    }

    /** Gives up everything that is granted, and writes what is in memory only. */
    void releaseAll() throws SQLException {
        leases.releaseAll();
        cache.invalidateAll();
        flush();
    }

    /** Whether the database did not take what was last written behind. */
    boolean failing() {
        return failedFlushes.get() > 0;
    }

    /** How many heartbeats are in memory only. */
    int unwritten() {
        return unwritten.size();
    }

    /** About how many heartbeats are in the cache. */
    long cached() {
        return cache.estimatedSize();
    }
}
