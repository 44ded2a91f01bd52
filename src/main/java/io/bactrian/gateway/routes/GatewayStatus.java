package io.bactrian.gateway.routes;

import io.bactrian.gateway.core.BalancerCore;
import io.bactrian.gateway.core.TargetStatus;

/** A line for a person who watches balancer, workers, producers and consumers in one process. */
public final class GatewayStatus {
    private final BalancerService balancer;
    private final WorkerService worker;
    private final HeartbeatProducers producers;
    private final DataConsumers consumers;
    private long lastHeartbeats;
    private long lastReads;

    GatewayStatus(
            BalancerService balancer, WorkerService worker, HeartbeatProducers producers, DataConsumers consumers) {
        this.balancer = balancer;
        this.worker = worker;
        this.producers = producers;
        this.consumers = consumers;
    }

    /** What has happened since the last call, and how long reads took. */
    public synchronized String line() {
        BalancerCore core = balancer.balancer().core();
        long up;
        int known;
        int mapped;
        synchronized (core) {
            up = core.pool().status(balancer.balancer().contacts().nowMs()).stream()
                    .filter(target -> target.state() == TargetStatus.State.UP)
                    .count();
            known = core.pool().names().size();
            mapped = core.producers();
        }
        long heartbeats = worker.worker().accepted.sum();
        long reads = consumers.latencies().count();
        WorkerStore store = worker.store();
        String line = "workers=" + up + "/" + known + " producers=" + mapped + " heartbeats/s="
                + (heartbeats - lastHeartbeats) + " reads/s=" + (reads - lastReads) + " p50Ms="
                + consumers.latencies().percentile(50) + " p99Ms="
                + consumers.latencies().percentile(99)
                + " inMemoryOnly=" + (store == null ? 0 : store.unwritten()) + " failed="
                + (producers.failures() + consumers.failures());
        lastHeartbeats = heartbeats;
        lastReads = reads;
        return line;
    }
}
