package io.bactrian.discovery.core;

/**
 * The times and bounds of a router; all routers of a cluster should have the same.
 *
 * @param pingIntervalMs between two pings of a node that answers
 * @param pingRetryMs between two pings of a node that does not answer
 * @param pingAttempts a node is DOWN after so many pings in a row without an answer
 * @param suspectAfter a node is SUSPECT after so many pings in a row without an answer; other routers are asked then
 * @param helpers how many other routers are asked to ping a router or a node that does not answer
 * @param beatIntervalMs between two heartbeats to the next router of the ring
 * @param probeIntervalMs between two pings of other routers in turn (SWIM's protocol period)
 * @param probeTimeoutMs how long such a ping waits before helpers are asked
 * @param suspicionMinMs how long a router is suspect at least before it is DOWN
 * @param suspicionMaxMs how long a router is suspect at most, when nobody else suspects it
 * @param confirmations how many other routers must suspect it until the shortest time holds
 * @param localHealthMax how many times slower a router probes that finds itself slow or cut off
 * @param gossipIntervalMs between two rounds of news, while there is any
 * @param fanout how many routers get the news in a round
 * @param retransmitMult each piece of news is passed on so many times the decimal logarithm of the number of routers
 * @param syncIntervalMs between two comparisons of digests with another router, while something changes
 * @param quietSyncIntervalMs the same when nothing has changed for a while
 * @param tombstoneMs how long it is remembered that a node or router is gone
 * @param leaseMs the lease of a node that names none
 * @param nodesMax how many nodes are known at most
 * @param routersMax how many routers are known at most
 * @param datagramBytes the largest datagram
 * @param handback true if work goes back to its node when that returns, and is shared anew when one joins; false if it is
 *     kept by who has it
 */
public record RouterSettings(
        int pingIntervalMs,
        int pingRetryMs,
        int pingAttempts,
        int suspectAfter,
        int helpers,
        int beatIntervalMs,
        int probeIntervalMs,
        int probeTimeoutMs,
        int suspicionMinMs,
        int suspicionMaxMs,
        int confirmations,
        int localHealthMax,
        int gossipIntervalMs,
        int fanout,
        int retransmitMult,
        int syncIntervalMs,
        int quietSyncIntervalMs,
        long tombstoneMs,
        long leaseMs,
        int nodesMax,
        int routersMax,
        int datagramBytes,
        boolean handback) {

    /** The shipped defaults. */
    public static RouterSettings defaults() {
        return new RouterSettings(
                500, 100, 11, 3, 2, 300, 2_000, 80, 1_100, 2_400, 3, 4, 50, 3, 4, 400, 2_000, 600_000, 30_000, 10_000,
                200, 1_400, true);
    }

    /** The same with other bounds of the table. */
    public RouterSettings withBounds(int nodes, int routers, long lease, long tombstone, boolean handsBack) {
        return new RouterSettings(
                pingIntervalMs,
                pingRetryMs,
                pingAttempts,
                suspectAfter,
                helpers,
                beatIntervalMs,
                probeIntervalMs,
                probeTimeoutMs,
                suspicionMinMs,
                suspicionMaxMs,
                confirmations,
                localHealthMax,
                gossipIntervalMs,
                fanout,
                retransmitMult,
                syncIntervalMs,
                quietSyncIntervalMs,
                tombstone,
                lease,
                nodes,
                routers,
                datagramBytes,
                handsBack);
    }

    /** The same with other times of pings to nodes. */
    public RouterSettings withPings(int interval, int retry, int attempts) {
        return new RouterSettings(
                interval,
                retry,
                attempts,
                Math.min(suspectAfter, attempts),
                helpers,
                beatIntervalMs,
                probeIntervalMs,
                probeTimeoutMs,
                suspicionMinMs,
                suspicionMaxMs,
                confirmations,
                localHealthMax,
                gossipIntervalMs,
                fanout,
                retransmitMult,
                syncIntervalMs,
                quietSyncIntervalMs,
                tombstoneMs,
                leaseMs,
                nodesMax,
                routersMax,
                datagramBytes,
                handback);
    }
}
