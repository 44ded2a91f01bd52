package io.bactrian.gateway.core;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Decides about the newest heartbeats of a worker: which may stay in memory for a while, which must be on disk before they are
 * answered, and what a reader gets. {@link Leases} say which producers it may keep in memory alone; a heartbeat of any other
 * producer is on disk before it is answered, and is read from there. So no answer is ever stale.
 *
 * <p>The caller does the writing and reading of the table, between the calls: {@link #take}, {@link #isUncovered} or a write and
 * {@link #written}, then the answer; {@link #look}, a read, {@link #loaded}, then the answer. Whatever may happen between two
 * calls, a grant, a release, a pause of any length, other heartbeats, the answer is right. Any thread.
 */
public final class HeartbeatMemory {
    private final Map<Long, Heartbeat> cache;
    private final Leases leases;
    private final boolean alwaysWritten;
    private final int unwrittenMax;
    private final Map<Long, Heartbeat> unwritten;

    /** Under it nobody takes another lock. */
    private final Object lock = new Object();

    private volatile long unwrittenWeight;

    /**
     * Granted producers' heartbeats that are being written before they are answered; the newest of each, while there
     * is one. Guarded
     * by {@link #lock}.
     */
    private final Map<Long, Heartbeat> beingWritten = new HashMap<>();

    /**
     * A memory that holds nothing.
     *
     * @param cache bounded by its owner, who may drop from it whatever he likes; computes each entry atomically
     * @param unwritten an empty map that computes each entry atomically, and is used by nobody else
     * @param alwaysWritten whether each heartbeat is on disk before it is answered
     * @param unwrittenMax how many heartbeats may be in memory only, each counted with its {@link Heartbeat#weight weight}
     */
    public HeartbeatMemory(
            Map<Long, Heartbeat> cache,
            Map<Long, Heartbeat> unwritten,
            Leases leases,
            boolean alwaysWritten,
            int unwrittenMax) {
        this.cache = cache;
        this.unwritten = unwritten;
        this.leases = leases;
        this.alwaysWritten = alwaysWritten;
        this.unwrittenMax = unwrittenMax;
    }

    /**
     * A heartbeat that is being taken.
     *
     * @param heartbeat with the time that counts for it
     * @param write whether it must be written before it is answered
     * @param state the producer's state in {@link Leases} when it came
     */
    public record Put(Heartbeat heartbeat, boolean write, long state) {}

    /**
     * A reader's first look.
     *
     * @param found the newest heartbeat, if it is known without the table
     * @param state the producer's state in {@link Leases}
     * @param waiting what was in memory only then, though the producer is not granted; it may be written while the table is read
     */
    public record Look(
            @Nullable Heartbeat found, long state, @Nullable Heartbeat waiting) {}

    /** Begins to take a heartbeat that came to a port. */
    public Put take(Heartbeat heartbeat, int port, long nowMs) {
        long id = heartbeat.id();
        long state = leases.state(id, nowMs);
        if (state == 0) {
            leases.want(id, port);
            return new Put(stamp(heartbeat, unwritten.get(id)), true, 0);
        }
        if (alwaysWritten) {
            return writeThrough(heartbeat, state);
        }
        Heartbeat waiting = unwritten.get(id);
        int growth = heartbeat.weight() - (waiting == null ? 0 : waiting.weight());
        if (!leases.sure(nowMs) || (growth > 0 && unwrittenWeight + growth > unwrittenMax)) {
            return waiting == null ? writeThrough(heartbeat, state) : overtake(heartbeat, port);
        }
        Heartbeat kept = cache.compute(id, (key, last) -> {
            Heartbeat stamped = stamp(heartbeat, newer(last, unwritten.get(id)));
            keepUnwritten(stamped);
            return stamped;
        });
        leases.changed(id);
        return new Put(kept, false, state);
    }

    private Put writeThrough(Heartbeat heartbeat, long state) {
        Heartbeat stamped = stamp(heartbeat, cache.get(heartbeat.id()));
        synchronized (lock) {
            beingWritten.merge(heartbeat.id(), stamped, HeartbeatMemory::newest);
        }
        return new Put(stamped, true, state);
    }

    /**
     * A heartbeat that must not be in memory only comes after one that waits there to be written. Until that one is
     * written, its producer
     * is one of those that are not granted: the table has the newest.
     */
    private Put overtake(Heartbeat heartbeat, int port) {
        long id = heartbeat.id();
        Heartbeat stamped = stamp(heartbeat, newer(cache.get(id), unwritten.get(id)));
        leases.release(id);
        cache.remove(id);
        leases.want(id, port);
        return new Put(stamped, true, 0);
    }

    private void keepUnwritten(Heartbeat heartbeat) {
        Heartbeat former = unwritten.put(heartbeat.id(), heartbeat);
        weigh(heartbeat.weight() - (former == null ? 0 : former.weight()));
    }

    private void dropUnwritten(Heartbeat heartbeat) {
        if (unwritten.remove(heartbeat.id(), heartbeat)) {
            weigh(-heartbeat.weight());
        }
    }

    private void weigh(int change) {
        synchronized (lock) {
            unwrittenWeight += change;
        }
    }

    /**
     * Whether a heartbeat that is kept in memory must be written after all: the producer was released meanwhile, and whoever
     * released it may have looked before this was there to be written.
     */
    public boolean isUncovered(Put put, long nowMs) {
        return leases.state(put.heartbeat().id(), nowMs) == 0;
    }

    /** A heartbeat could not be written. It is not taken; it may be in the table all the same. */
    public void notWritten(Put put) {
        ended(put.heartbeat());
    }

    private void ended(Heartbeat heartbeat) {
        synchronized (lock) {
            beingWritten.remove(heartbeat.id(), heartbeat);
        }
    }

    /** A heartbeat has been written and can be answered now. */
    public void written(Put put) {
        Heartbeat heartbeat = put.heartbeat();
        long id = heartbeat.id();
        ended(heartbeat);
        cache.compute(id, (key, known) -> {
            if (known == null) {
                // Whatever it was that came in between may be newer and only in the table.
                return put.state() != 0 && leases.grantedState(id) == put.state() ? heartbeat : null;
            }
            return newer(known, heartbeat);
        });
        leases.changed(id);
        dropUnwritten(heartbeat);
    }

    /** Looks for the newest heartbeat of a producer; if it is not found here, the caller reads the table. */
    public Look look(long id, long nowMs) {
        long state = leases.state(id, nowMs);
        if (state == 0) {
            return new Look(null, 0, unwritten.get(id));
        }
        Heartbeat waiting = unwritten.get(id);
        return new Look(waiting == null ? cache.get(id) : waiting, state, null);
    }

    /** The newest heartbeat, of what the table has and what is here. */
    public Optional<Heartbeat> loaded(long id, Look look, @Nullable Heartbeat row) {
        Heartbeat newest = newer(newer(row, look.waiting()), unwritten.get(id));
        if (look.state() == 0 || newest == null) {
            return Optional.ofNullable(newest);
        }
        Heartbeat kept = cache.compute(
                id,
                (key, known) -> known == null && leases.grantedState(id) != look.state() ? null : newer(known, newest));
        return Optional.of(kept == null ? newest : kept);
    }

    /**
     * Returns the heartbeats of some producers that are in memory only, or are being written. Whoever releases them
     * writes these, and then calls {@link
     * #flushed}: the next worker reads the table once, and keeps what it has found.
     */
    public List<Heartbeat> release(Collection<Long> ids) {
        List<Heartbeat> some = new ArrayList<>();
        for (long id : ids) {
            leases.release(id);
            cache.remove(id);
            addIfPresent(some, unwritten.get(id));
            synchronized (lock) {
                addIfPresent(some, beingWritten.get(id));
            }
        }
        return some;
    }

    /** Gives up everything that is granted; what is in memory only is to be written. */
    public List<Heartbeat> releaseAll() {
        leases.releaseAll();
        cache.clear();
        List<Heartbeat> some = unwritten();
        synchronized (lock) {
            some.addAll(beingWritten.values());
        }
        return some;
    }

    private static void addIfPresent(List<Heartbeat> some, @Nullable Heartbeat one) {
        if (one != null) {
            some.add(one);
        }
    }

    /** Producers are granted. What the cache has of an earlier time does not count any more. */
    public void grant(Collection<Long> ids) {
        List<Long> clean = ids.stream().filter(id -> !unwritten.containsKey(id)).toList();
        clean.forEach(cache::remove);
        leases.grant(clean);
    }

    /** All that is in memory only. */
    public List<Heartbeat> unwritten() {
        return new ArrayList<>(unwritten.values());
    }

    /** Returns the heartbeats of some locations that are in memory only. */
    public List<Heartbeat> unwrittenAt(Set<String> locations) {
        return unwritten.values().stream()
                .filter(heartbeat -> locations.contains(heartbeat.location()))
                .toList();
    }

    /** How many heartbeats are in memory only. */
    public int unwrittenCount() {
        return unwritten.size();
    }

    /** Returns the weight of the heartbeats that are in memory only. */
    public long unwrittenWeight() {
        return unwrittenWeight;
    }

    /** Heartbeats have been written behind. */
    public void flushed(Collection<Heartbeat> some) {
        some.forEach(this::dropUnwritten);
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

    private static @Nullable Heartbeat newer(@Nullable Heartbeat one, @Nullable Heartbeat two) {
        if (one == null || two == null) {
            return one == null ? two : one;
        }
        return newest(one, two);
    }

    private static Heartbeat newest(Heartbeat one, Heartbeat two) {
        return two.receivedMs() >= one.receivedMs() ? two : one;
    }
}
