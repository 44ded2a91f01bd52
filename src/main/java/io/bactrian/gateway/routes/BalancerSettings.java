package io.bactrian.gateway.routes;

import io.bactrian.gateway.core.TargetPoolSettings;
import java.util.List;

/**
 * How a balancer works.
 *
 * @param name of its rows in the database
 * @param pool how it balances
 * @param producersMax how many producers it knows at most
 * @param probeMs how often each worker is probed
 * @param probeTimeoutMs when a probe has failed
 * @param leaseMs for how long a worker may keep producers in memory alone without asking again
 * @param requestTimeoutMs how long a server of the gateway waits for a request
 * @param peers the other balancers of the pair, as {@code http://host:port}
 */
record BalancerSettings(
        String name,
        TargetPoolSettings pool,
        int producersMax,
        long probeMs,
        long probeTimeoutMs,
        long leaseMs,
        long requestTimeoutMs,
        List<String> peers) {
    BalancerSettings {
        peers = List.copyOf(peers);
    }
}
