package io.bactrian.gateway.routes;

import io.bactrian.gateway.core.Backoff;
import java.util.List;

/**
 * How producers and consumers call the gateway.
 *
 * @param balancers where they ask first, as {@code http://host:port}; the next one is asked when one does not answer
 * @param firstId the id of the first
 * @param count how many there are, with consecutive ids
 * @param periodMs how often each posts or asks
 * @param timeoutMs when a request has failed
 * @param retriesMax how many failures in a row end one of them; 0 for none
 * @param backoff how long it waits after a failure
 * @param summaryMs how often a summary is logged, in milliseconds; 0 for only at the end
 * @param location where producers say they are
 */
record GatewayClientSettings(
        List<String> balancers,
        long firstId,
        int count,
        long periodMs,
        long timeoutMs,
        int retriesMax,
        Backoff backoff,
        long summaryMs,
        String location) {
    GatewayClientSettings {
        balancers = List.copyOf(balancers);
        if (balancers.isEmpty()) {
            throw new IllegalArgumentException("bactrian.gateway.balancers must name a balancer");
        }
    }
}
