package io.bactrian.gateway.routes;

import io.bactrian.gateway.core.Backoff;
import java.util.function.DoubleSupplier;

/** When one producer or consumer is due, and how often it has failed. One attempt of each is under way at a time. */
final class ClientState {
    private final long id;
    private long dueMs;
    private long beganMs;
    private int failures;
    private int balancer;
    private boolean busy;
    private boolean ended;
    private String worker = "";

    ClientState(long id, long dueMs) {
        this.id = id;
        this.dueMs = dueMs;
    }

    long id() {
        return id;
    }

    /** Whether an attempt begins now. */
    synchronized boolean begin(long nowMs) {
        if (busy || ended || nowMs < dueMs) {
            return false;
        }
        busy = true;
        if (failures == 0) {
            beganMs = nowMs;
        }
        return true;
    }

    /** An attempt has succeeded; returns how long it took with all attempts before it. */
    synchronized long succeeded(long nowMs, long periodMs) {
        busy = false;
        failures = 0;
        // At the rate that is asked for, but never in a burst after a pause.
        dueMs = Math.max(dueMs + periodMs, nowMs);
        return nowMs - beganMs;
    }

    /** An attempt has failed; returns how many have in a row. The next one waits, and asks the next balancer. */
    synchronized int failed(long nowMs, Backoff backoff, DoubleSupplier random) {
        busy = false;
        failures++;
        balancer++;
        worker = "";
        dueMs = nowMs + backoff.waitMs(failures, random);
        return failures;
    }

    synchronized void end() {
        ended = true;
    }

    synchronized boolean ended() {
        return ended;
    }

    synchronized int balancer(int count) {
        return balancer % count;
    }

    synchronized String worker() {
        return worker;
    }

    synchronized void worker(String address) {
        worker = address;
    }
}
