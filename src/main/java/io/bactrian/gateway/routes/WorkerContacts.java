package io.bactrian.gateway.routes;

import io.bactrian.gateway.core.BalancerCore;
import io.bactrian.gateway.core.WorkerHealth;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Probes the workers of a balancer and has them release producers, as {@link WorkerHealth} decides. Any thread. */
final class WorkerContacts {
    private static final Logger LOG = LoggerFactory.getLogger(WorkerContacts.class);
    private static final int SERVER_ERROR = 500;

    private final BalancerCore core;
    private final WorkerHealth health;
    private final PeerClient client;
    private final Duration probeTimeout;
    private final Executor threads;
    private final LongSupplier clock;
    private final SharedRounds flushes = new SharedRounds(this::flushRound);
    private final WorkerMonitor monitor;
    private volatile Consumer<String> drained = worker -> {};

    final LongAdder probes = new LongAdder();
    final LongAdder probeFailures = new LongAdder();
    final LongAdder falls = new LongAdder();
    final LongAdder ejections = new LongAdder();

    /**
     * Contacts to nobody yet.
     *
     * @param core guards all that is decided
     * @param threads wait for the ends of leases
     * @param clock milliseconds, which only move on
     */
    WorkerContacts(
            BalancerCore core, PeerClient client, BalancerSettings settings, Executor threads, LongSupplier clock) {
        this.core = core;
        this.health = new WorkerHealth(core.pool(), settings.leaseMs());
        this.monitor = new WorkerMonitor(settings.requestTimeoutMs(), this::gone);
        this.client = client;
        this.threads = threads;
        this.probeTimeout = Duration.ofMillis(settings.probeTimeoutMs());
        this.clock = clock;
    }

    /** The clock of this balancer, which only moves on. */
    long nowMs() {
        return clock.getAsLong();
    }

    /**
     * A worker has called, and may have asked for a lease.
     *
     * @return how long its lease is in milliseconds, 0 if it has none
     */
    long contacted(String worker, boolean leases) {
        synchronized (core) {
            return health.contacted(worker, leases, nowMs());
        }
    }

    /** A worker of before a restart. */
    void remember(String worker) {
        synchronized (core) {
            health.remember(worker, nowMs());
        }
    }

    void forget(String worker) {
        synchronized (core) {
            health.forget(worker);
            monitor.forget(worker);
            core.notifyAll();
        }
    }

    /** Probes every worker that is not being probed. */
    void probe() {
        List<String> due;
        synchronized (core) {
            due = health.probe();
        }
        for (String worker : due) {
            probes.increment();
            Steps.watch(
                    "probe " + worker,
                    client.get(worker + "/ready", probeTimeout).handle((answer, failure) -> {
                        if (failure == null) {
                            answered(worker, answer.statusCode());
                        } else {
                            silent(worker, CallFailures.isRefused(failure));
                        }
                        return null;
                    }));
        }
    }

    /**
     * Looks whether a worker's process has just ended, without waiting.
     *
     * @return null if nothing says so; else it is done when that is decided, or has taken too long
     */
    @Nullable CompletableFuture<@Nullable Void> doubt(String worker) {
        CompletableFuture<@Nullable Void> doubted = monitor.doubt(worker);
        return doubted == null
                ? null
                : doubted.copy().completeOnTimeout(null, probeTimeout.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** Has somebody told of each worker that got no new producers any more and whose process has ended. */
    void whenDrained(Consumer<String> told) {
        drained = told;
    }

    /** Watches connections until {@link #stop}. The task of a thread of its own. */
    void monitor() {
        monitor.run();
    }

    void stop() {
        monitor.stop();
    }

    private void gone(String worker) {
        silent(worker, true);
    }

    private void answered(String worker, int status) {
        WorkerHealth.Answer change;
        synchronized (core) {
            change = health.answered(worker, status >= SERVER_ERROR, nowMs());
            if (health.knows(worker)) {
                monitor.add(worker);
            }
        }
        if (change.risen()) {
            LOG.info("worker is back worker={}", worker);
        }
        if (change.ejectedMs() > 0) {
            ejections.increment();
            LOG.warn(
                    "worker ejected for ms={} worker={}: it answers probes with status {}",
                    change.ejectedMs(),
                    worker,
                    status);
        }
    }

    private void silent(String worker, boolean gone) {
        probeFailures.increment();
        boolean fallen;
        boolean ended;
        synchronized (core) {
            fallen = health.silent(worker, gone, nowMs());
            ended = gone && core.pool().isDraining(worker);
            core.notifyAll();
        }
        if (fallen) {
            falls.increment();
            LOG.warn("worker is out worker={}: {}", worker, gone ? "it refuses connections" : "it does not answer");
        }
        if (ended) {
            drained.accept(worker);
        }
    }

    /** Has a worker release producers, or waits until its lease is over. */
    void release(String worker, List<Long> ids) {
        synchronized (core) {
            if (health.leaseLeftMs(worker, nowMs()) == 0) {
                return;
            }
        }
        String body = ids.stream().map(String::valueOf).collect(Collectors.joining(","));
        giveUp(worker, "/release", body).join();
    }

    /**
     * Has every worker write what it has in memory only of some locations. Done when all have, or their leases are over: then the table
     * has the newest heartbeat of each of them.
     */
    CompletableFuture<@Nullable Void> flush(Collection<String> locations) {
        return flushes.ask(locations);
    }

    private CompletableFuture<@Nullable Void> flushRound(Set<String> locations) {
        List<String> holders;
        synchronized (core) {
            holders = health.holders(nowMs());
        }
        String body = String.join("\n", locations);
        return CompletableFuture.allOf(
                holders.stream().map(worker -> giveUp(worker, "/flush", body)).toArray(CompletableFuture[]::new));
    }

    /** Done when a worker has done what it is told, and has nothing of it in memory alone any more, or when its lease is over. */
    private CompletableFuture<@Nullable Void> giveUp(String worker, String path, String body) {
        return client.post(worker + path, body, probeTimeout)
                .handle((answer, failure) ->
                        failure == null ? answer.statusCode() == HttpAnswers.OK : CallFailures.isRefused(failure))
                .thenCompose(done -> done
                        ? CompletableFuture.<@Nullable Void>completedFuture(null)
                        : CompletableFuture.runAsync(() -> awaitLeaseEnd(worker), threads));
    }

    /** It ends by time, or at once when the worker leaves or its process is seen to be gone. */
    private void awaitLeaseEnd(String worker) {
        LOG.debug("worker={} does not write what it has in memory, waits for the end of its lease", worker);
        synchronized (core) {
            try {
                long leftMs = health.revoke(worker, nowMs());
                while (leftMs > 0) {
                    core.wait(leftMs);
                    leftMs = health.leaseLeftMs(worker, nowMs());
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } finally {
                health.restore(worker);
            }
        }
    }
}
