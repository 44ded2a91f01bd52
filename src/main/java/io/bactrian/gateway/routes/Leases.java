package io.bactrian.gateway.routes;

import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/**
 * Which producers this worker may keep in memory alone. Balancers grant them, and the worker renews a lease with each balancer
 * it has. While a lease is over nothing is granted, because that balancer may have given the producers to another worker.
 *
 * <p>A lease runs from the moment when the worker <em>asked</em> for it, by the worker's own clock; the balancer counts the same
 * time from when it was asked. So the worker's lease always ends first, however long messages or processes are held up. Any
 * thread.
 */
final class Leases {
    private final int grantedMax;
    private final Map<String, Long> untilNs = new ConcurrentHashMap<>();
    private final Set<Long> granted = ConcurrentHashMap.newKeySet();
    private final Map<Long, Integer> asked = new HashMap<>();

    /** No lease holds before each of the balancers has given one. */
    Leases(List<String> balancers, int grantedMax) {
        this.grantedMax = grantedMax;
        balancers.forEach(balancer -> untilNs.put(balancer, System.nanoTime()));
    }

    /**
     * A balancer has renewed its lease.
     *
     * @param askedNs when the worker asked for it
     * @param leaseMs how long it runs from then
     * @return whether leases held until now; if not, all that was granted is void
     */
    boolean renewed(String balancer, long askedNs, long leaseMs) {
        boolean held = hold();
        if (!held) {
            releaseAll();
        }
        untilNs.put(balancer, askedNs + TimeUnit.MILLISECONDS.toNanos(leaseMs));
        return held;
    }

    /** Whether all leases hold. */
    boolean hold() {
        long nowNs = System.nanoTime();
        for (long until : untilNs.values()) {
            if (until - nowNs <= 0) {
                return false;
            }
        }
        return !untilNs.isEmpty();
    }

    /** Whether a producer may be kept in memory alone now. */
    boolean covers(long id) {
        return granted.contains(id) && hold();
    }

    /** A producer posts to a port of this worker and is not granted; it is asked for with the next claim. */
    synchronized void want(long id, int port) {
        if (asked.size() + granted.size() < grantedMax) {
            asked.put(id, port);
        }
    }

    /** Up to so many producers that are wanted for a port. They stay wanted until they are granted, released or forgotten. */
    synchronized List<Long> wanted(int port, int max) {
        return asked.entrySet().stream()
                .filter(entry -> entry.getValue() == port)
                .limit(max)
                .map(Map.Entry::getKey)
                .toList();
    }

    /** Grants have come. Those do not count that were released while they were under way. */
    synchronized void grant(Collection<Long> ids) {
        for (long id : ids) {
            if (asked.remove(id) != null) {
                granted.add(id);
            }
        }
    }

    /** A claim had no answer, or not all that was asked for is granted. */
    synchronized void forget(Collection<Long> ids) {
        ids.forEach(asked::remove);
    }

    synchronized void release(long id) {
        asked.remove(id);
        granted.remove(id);
    }

    /** Gives up all; whether there were any. */
    synchronized boolean releaseAll() {
        boolean any = !granted.isEmpty();
        asked.clear();
        granted.clear();
        return any;
    }

    int granted() {
        return granted.size();
    }
}
