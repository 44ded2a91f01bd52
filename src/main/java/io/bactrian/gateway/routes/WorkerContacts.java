package io.bactrian.gateway.routes;

import io.bactrian.gateway.core.BalancerCore;
import java.net.ConnectException;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a balancer knows of its workers from talking to them: whether they answer, and until when each may keep producers in
 * memory alone. A worker that refuses connections is out at once, because its process is gone; one that is silent is out when
 * its lease is over, too. Any thread.
 */
final class WorkerContacts {
    private static final Logger LOG = LoggerFactory.getLogger(WorkerContacts.class);
    private static final int SILENCES = 2;
    private static final int SERVER_ERROR = 500;

    private final BalancerCore core;
    private final PeerClient client;
    private final Duration probeTimeout;
    private final long leaseNs;
    private final Map<String, Contact> contacts = new ConcurrentHashMap<>();
    private final long startNs = System.nanoTime();

    final LongAdder probes = new LongAdder();
    final LongAdder probeFailures = new LongAdder();
    final LongAdder falls = new LongAdder();
    final LongAdder ejections = new LongAdder();

    WorkerContacts(BalancerCore core, PeerClient client, BalancerSettings settings) {
        this.core = core;
        this.client = client;
        this.probeTimeout = Duration.ofMillis(settings.probeTimeoutMs());
        this.leaseNs = TimeUnit.MILLISECONDS.toNanos(settings.leaseMs());
    }

    /** One worker. Its fields are written by whoever has just heard of it, or not. */
    private static final class Contact {
        private volatile long leaseUntilNs;
        private final AtomicInteger silences = new AtomicInteger();
        private volatile boolean revoked;
        private volatile boolean probing;

        Contact(long leaseUntilNs) {
            this.leaseUntilNs = leaseUntilNs;
        }
    }

    /** The clock of this balancer, which only moves on. */
    long nowMs() {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startNs);
    }

    /** Whether a worker is in use. */
    boolean serving(String worker) {
        synchronized (core) {
            return core.pool().serves(worker, nowMs());
        }
    }

    /**
     * A worker has called, and may have asked for a lease, which begins now at the latest.
     *
     * @return how long its lease is in milliseconds, 0 if it has none
     */
    long heard(String worker, boolean leases) {
        Contact contact = contacts.computeIfAbsent(worker, name -> new Contact(System.nanoTime()));
        contact.silences.set(0);
        if (!leases || contact.revoked) {
            return 0;
        }
        contact.leaseUntilNs = System.nanoTime() + leaseNs;
        return TimeUnit.NANOSECONDS.toMillis(leaseNs);
    }

    /** A worker of before a restart: whatever was promised to it then holds for as long as a lease. */
    void remember(String worker) {
        contacts.put(worker, new Contact(System.nanoTime() + leaseNs));
    }

    void forget(String worker) {
        contacts.remove(worker);
    }

    /** Probes every worker that is not being probed. */
    void probe() {
        contacts.forEach((worker, contact) -> {
            if (!contact.probing) {
                contact.probing = true;
                probes.increment();
                Steps.watch(
                        "probe " + worker,
                        client.get(worker + "/ready", probeTimeout).handle((answer, failure) -> {
                            contact.probing = false;
                            if (failure == null) {
                                answered(worker, contact, answer);
                            } else {
                                silent(worker, contact, failure);
                            }
                            return null;
                        }));
            }
        });
    }

    private void answered(String worker, Contact contact, HttpResponse<String> answer) {
        contact.silences.set(0);
        boolean risen;
        long ejectedMs;
        synchronized (core) {
            boolean failed = answer.statusCode() >= SERVER_ERROR;
            // One that has just started answers 503 until it can work.
            risen = !failed && core.pool().rise(worker, nowMs());
            ejectedMs = core.pool().report(worker, failed, nowMs());
        }
        if (risen) {
            LOG.info("worker is back worker={}", worker);
        }
        if (ejectedMs > 0) {
            ejections.increment();
            LOG.warn(
                    "worker ejected for ms={} worker={}: it answers probes with status {}",
                    ejectedMs,
                    worker,
                    answer.statusCode());
        }
    }

    private void silent(String worker, Contact contact, Throwable failure) {
        probeFailures.increment();
        boolean gone = isRefused(failure);
        if (gone) {
            contact.leaseUntilNs = System.nanoTime();
        }
        int silences = contact.silences.incrementAndGet();
        if (gone || (silences >= SILENCES && leaseOver(contact))) {
            boolean fallen;
            synchronized (core) {
                fallen = core.pool().fall(worker);
            }
            if (fallen) {
                falls.increment();
                LOG.warn("worker is out worker={}: {}", worker, gone ? "it refuses connections" : "it does not answer");
            }
        }
    }

    private static boolean isRefused(Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        return cause instanceof ConnectException && !(cause instanceof java.net.http.HttpConnectTimeoutException);
    }

    private static boolean leaseOver(Contact contact) {
        return contact.leaseUntilNs - System.nanoTime() <= 0;
    }

    /** Has a worker release producers, or waits until its lease is over. */
    void release(String worker, List<Long> ids) {
        Contact contact = contacts.get(worker);
        if (contact == null || leaseOver(contact)) {
            return;
        }
        String body = ids.stream().map(String::valueOf).collect(Collectors.joining(","));
        Throwable failure = null;
        try {
            HttpResponse<String> answer =
                    client.post(worker + "/release", body, probeTimeout).join();
            if (answer.statusCode() == Answers.OK) {
                return;
            }
        } catch (CompletionException e) {
            failure = e;
        }
        if (failure != null && isRefused(failure)) {
            return;
        }
        LOG.debug("worker={} does not release producers, waits for the end of its lease", worker);
        awaitLeaseEnd(contact);
    }

    private static void awaitLeaseEnd(Contact contact) {
        contact.revoked = true;
        try {
            TimeUnit.NANOSECONDS.sleep(Math.max(0, contact.leaseUntilNs - System.nanoTime()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            contact.revoked = false;
        }
    }
}
