package io.bactrian.gateway.core;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The health of workers, as a balancer knows it from talking to them: whether they answer, and until when each may
 * keep producers in
 * memory alone. A worker that refuses connections is out at once, because its process is gone; one that is silent is out when
 * two probes in a row had no answer and its lease is over, too. One that is out has no lease, and is back only when it
 * answers a probe:
 * what it says of itself is not enough. Time is passed in, in milliseconds of a clock that only moves on.
 * One thread at a time.
 */
public final class WorkerHealth {
    private static final int SILENCES = 2;

    /** A worker that calls, but has not answered so many probes in a row, cannot be reached: not by clients, either. */
    private static final int UNREACHABLE = 10;

    /** The worker is told a shorter lease than the balancer waits for: their clocks need not run alike. */
    private static final int TOLD_PERCENT = 95;

    private final TargetPool pool;
    private final long leaseMs;
    private final Map<String, Contact> contacts = new LinkedHashMap<>();

    /** Nobody is known yet. */
    public WorkerHealth(TargetPool pool, long leaseMs) {
        this.pool = pool;
        this.leaseMs = leaseMs;
    }

    /** One worker. */
    private static final class Contact {
        private long leaseUntilMs;
        private int silences;
        private int unanswered;
        private int revocations;
        private boolean probing;

        Contact(long leaseUntilMs) {
            this.leaseUntilMs = leaseUntilMs;
        }
    }

    /**
     * The change that an answer to a probe has made.
     *
     * @param risen whether the worker was down before
     * @param ejectedMs for how long it is ejected because of the answer, 0 if it is not
     */
    public record Answer(boolean risen, long ejectedMs) {}

    /**
     * A worker has called, and may have asked for a lease, which begins now at the latest.
     *
     * @return how long its lease is in milliseconds, from when it asked; 0 if it has none, because it is out or cannot be reached
     */
    public long contacted(String worker, boolean leases, long nowMs) {
        Contact contact = contacts.computeIfAbsent(worker, name -> new Contact(nowMs));
        contact.silences = 0;
        if (!leases || contact.revocations > 0 || contact.unanswered >= UNREACHABLE || pool.isDown(worker)) {
            return 0;
        }
        contact.leaseUntilMs = nowMs + leaseMs;
        return leaseMs * TOLD_PERCENT / 100;
    }

    /** A worker of before a restart: whatever was promised to it then holds for as long as a lease. */
    public void remember(String worker, long nowMs) {
        contacts.put(worker, new Contact(nowMs + leaseMs));
    }

    /** A worker has left. */
    public void forget(String worker) {
        contacts.remove(worker);
    }

    /** Whether a worker is there that has not left. */
    public boolean knows(String worker) {
        return contacts.containsKey(worker);
    }

    /** The workers to be probed now: all that are not being probed. */
    public List<String> probe() {
        List<String> due = new ArrayList<>();
        contacts.forEach((worker, contact) -> {
            if (!contact.probing) {
                contact.probing = true;
                due.add(worker);
            }
        });
        return due;
    }

    /**
     * A worker has answered a probe.
     *
     * @param failed whether it says that it cannot work, as one does that has just started
     */
    public Answer answered(String worker, boolean failed, long nowMs) {
        Contact contact = contacts.get(worker);
        if (contact == null) {
            return new Answer(false, 0);
        }
        contact.probing = false;
        contact.silences = 0;
        contact.unanswered = 0;
        boolean risen = !failed && pool.rise(worker, nowMs);
        return new Answer(risen, pool.report(worker, failed, nowMs));
    }

    /**
     * A worker has not answered a probe.
     *
     * @param gone whether it refuses connections
     * @return whether it is out now and was not before
     */
    public boolean silent(String worker, boolean gone, long nowMs) {
        Contact contact = contacts.get(worker);
        if (contact == null) {
            return false;
        }
        contact.probing = false;
        contact.silences++;
        contact.unanswered++;
        if (gone) {
            contact.leaseUntilMs = Math.min(contact.leaseUntilMs, nowMs);
        }
        boolean silent = contact.silences >= SILENCES || contact.unanswered >= UNREACHABLE;
        return (gone || (silent && leaseLeftMs(worker, nowMs) == 0)) && pool.fall(worker);
    }

    /** The workers that may have something in memory alone. */
    public List<String> holders(long nowMs) {
        return contacts.keySet().stream()
                .filter(worker -> leaseLeftMs(worker, nowMs) > 0)
                .toList();
    }

    /** For how long a worker may still keep what was granted to it; 0 if it may not. */
    public long leaseLeftMs(String worker, long nowMs) {
        Contact contact = contacts.get(worker);
        return contact == null ? 0 : Math.max(0, contact.leaseUntilMs - nowMs);
    }

    /**
     * A worker does not release what it must: its lease is not renewed until {@link #restore}.
     *
     * @return how long its lease still runs; then whatever was granted to it can be moved
     */
    public long revoke(String worker, long nowMs) {
        Contact contact = contacts.get(worker);
        if (contact == null) {
            return 0;
        }
        contact.revocations++;
        return leaseLeftMs(worker, nowMs);
    }

    /** The wait that began with {@link #revoke} is over. */
    public void restore(String worker) {
        Contact contact = contacts.get(worker);
        if (contact != null && contact.revocations > 0) {
            contact.revocations--;
        }
    }
}
