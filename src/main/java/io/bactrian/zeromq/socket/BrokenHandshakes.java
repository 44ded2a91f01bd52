package io.bactrian.zeromq.socket;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Counts by host the handshakes that were broken off since the last complete one. A peer that connects to a busy machine may lose
 * its patience once or twice and tries again, which is nothing that an operator should look at. Any thread.
 */
final class BrokenHandshakes {
    private static final int USUAL = 2;
    private static final int HOSTS_MAX = 1_000;

    private final Map<String, Integer> counts = new LinkedHashMap<>();

    /** Counts one more; returns whether they are more than usual now. */
    synchronized boolean brokenOff(String host) {
        Integer former = counts.remove(host);
        int count = former == null ? 1 : former + 1;
        counts.put(host, count);
        if (counts.size() > HOSTS_MAX) {
            counts.remove(counts.keySet().iterator().next());
        }
        return count > USUAL;
    }

    /** The host has completed a handshake. */
    synchronized void completed(String host) {
        counts.remove(host);
    }
}
