package io.bactrian.gateway.routes;

import java.util.List;

/**
 * How a worker keeps heartbeats.
 *
 * @param cacheMax how many producers' newest heartbeats are kept in memory
 * @param flushAlways whether each heartbeat is on disk before it is answered
 * @param flushMs how long a heartbeat may be in memory only
 * @param flushCount so many changed producers are written without waiting for that time
 * @param balancers the balancers that the worker registers with, as {@code http://host:port}
 * @param ports the ports that it registers
 * @param scheme {@code http} or {@code https}, as it listens
 * @param retryMs how often it tries to register with a balancer that does not answer, and registers again with one that does
 * @param depthMax how deep the JSON of a heartbeat may be
 * @param bodyBytesMax the largest body of a heartbeat
 * @param group the first part of the topics of published heartbeats
 */
record WorkerSettings(
        int cacheMax,
        boolean flushAlways,
        long flushMs,
        int flushCount,
        List<String> balancers,
        List<Integer> ports,
        String scheme,
        long retryMs,
        int depthMax,
        int bodyBytesMax,
        String group) {
    WorkerSettings {
        balancers = List.copyOf(balancers);
        ports = List.copyOf(ports);
    }
}
