package io.bactrian.gateway.routes;

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

    /** Returns a line of the counts since the last call, and how long reads took. */
    public synchronized String line() {
        long heartbeats = worker.worker().accepted.sum();
        long reads = consumers.latencies().count();
        String line = "workers=" + balancer.workers(true) + "/" + balancer.workers(false) + " producers="
                + balancer.producers() + " heartbeats/s="
                + (heartbeats - lastHeartbeats) + " reads/s=" + (reads - lastReads) + " p50Ms="
                + consumers.latencies().percentile(50) + " p99Ms="
                + consumers.latencies().percentile(99)
                + " inMemoryOnly=" + worker.store().unwritten() + " failed="
                + (producers.failures() + consumers.failures());
        lastHeartbeats = heartbeats;
        lastReads = reads;
        return line;
    }
}
