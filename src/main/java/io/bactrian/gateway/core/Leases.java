package io.bactrian.gateway.core;

import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Which producers this worker may keep in memory alone. Balancers grant them, and the worker renews a lease with each balancer
 * it has. While a lease is over nothing is granted, because that balancer may have given the producers to another worker.
 *
 * <p>A lease runs from the moment when the worker <em>asked</em> for it, by the worker's own clock; the balancer counts at least
 * the same time from when it was asked. So the worker's lease always ends first, however long messages or processes are held up.
 * Time is passed in, in milliseconds of a clock that only moves on. Any thread.
 */
public final class Leases {
    private final int grantedMax;
    private final Map<String, Long> untilMs = new HashMap<>();
    private final Map<Long, Long> granted;
    private final Map<Long, Integer> asked = new HashMap<>();

    /** Those of them for which a claim is under way, and that were not released since it began. */
    private final Set<Long> claimed = new HashSet<>();

    private final Object stateLock = new Object();
    private long states;

    /** When the first of the leases ends. */
    private volatile long heldUntilMs;

    private final Map<String, Long> halvesMs = new HashMap<>();

    /** When half of the first of them is over. */
    private volatile long sureUntilMs;

    /**
     * No lease holds before each of the balancers has given one.
     *
     * @param granted an empty map that computes each entry atomically, and is used by nobody else
     * @param grantedMax how many producers may be granted or asked for
     */
    public Leases(List<String> balancers, Map<Long, Long> granted, int grantedMax, long nowMs) {
        this.grantedMax = grantedMax;
        this.granted = granted;
        this.heldUntilMs = nowMs;
        this.sureUntilMs = nowMs;
        balancers.forEach(balancer -> {
            untilMs.put(balancer, nowMs);
            halvesMs.put(balancer, nowMs);
        });
    }

    /**
     * A balancer has renewed its lease.
     *
     * @param askedMs when the worker asked for it
     * @param leaseMs how long it runs from then
     * @return whether leases held until now; if not, all that was granted is void
     */
    public synchronized boolean renewed(String balancer, long askedMs, long leaseMs, long nowMs) {
        boolean held = hold(nowMs);
        if (!held) {
            releaseAll();
        }
        untilMs.merge(balancer, askedMs + leaseMs, Math::max);
        halvesMs.merge(balancer, askedMs + leaseMs / 2, Math::max);
        heldUntilMs = Collections.min(untilMs.values());
        sureUntilMs = Collections.min(halvesMs.values());
        return held;
    }

    /** Whether all leases hold. */
    public boolean hold(long nowMs) {
        return nowMs < heldUntilMs;
    }

    /**
     * Whether no lease is more than half over. If one is, it may end: what is in memory only is to be written while it still holds,
     * because another worker may answer for it from then on.
     */
    public boolean sure(long nowMs) {
        return nowMs < sureUntilMs;
    }

    /**
     * The state of a producer that may be kept in memory alone now, 0 for any other. The number differs whenever the producer was
     * away in between, or {@link #changed} was called.
     */
    public long state(long id, long nowMs) {
        Long state = granted.get(id);
        return state == null || !hold(nowMs) ? 0 : state;
    }

    /** The state of a producer that is granted, whether leases hold or not; 0 for any other. */
    long grantedState(long id) {
        return granted.getOrDefault(id, 0L);
    }

    /** A heartbeat of a producer has been taken: whatever was loaded before does not count any more. */
    void changed(long id) {
        granted.computeIfPresent(id, (key, state) -> nextState());
    }

    /** Called while an entry of the map is locked, so it takes a lock under which nobody takes another. */
    private long nextState() {
        synchronized (stateLock) {
            return ++states;
        }
    }

    /** A producer posts to a port of this worker and is not granted; it is asked for with the next claim. */
    public synchronized void want(long id, int port) {
        if (asked.size() + granted.size() < grantedMax) {
            asked.put(id, port);
        }
    }

    /** Up to so many producers that are wanted for a port, which are asked for now. One claim is under way at a time. */
    public synchronized List<Long> claim(int port, int max) {
        List<Long> some = asked.entrySet().stream()
                .filter(entry -> entry.getValue() == port)
                .limit(max)
                .map(Map.Entry::getKey)
                .toList();
        claimed.addAll(some);
        return some;
    }

    /** Grants have come. Those do not count that were released while they were under way, also if they are wanted again. */
    synchronized void grant(Collection<Long> ids) {
        for (long id : ids) {
            if (claimed.remove(id)) {
                asked.remove(id);
                granted.put(id, nextState());
            }
        }
    }

    /** A claim had no answer, or not all that was asked for is granted. What is wanted since a release stays wanted. */
    public synchronized void forget(Collection<Long> ids) {
        for (long id : ids) {
            if (claimed.remove(id)) {
                asked.remove(id);
            }
        }
    }

    synchronized void release(long id) {
        asked.remove(id);
        claimed.remove(id);
        granted.remove(id);
    }

    /** Gives up all; whether there were any. */
    public synchronized boolean releaseAll() {
        boolean any = !granted.isEmpty();
        asked.clear();
        claimed.clear();
        granted.clear();
        return any;
    }

    /** How many producers are granted. */
    public int granted() {
        return granted.size();
    }
}
