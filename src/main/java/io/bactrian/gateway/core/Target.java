package io.bactrian.gateway.core;

import java.util.function.IntUnaryOperator;

/** One of those among whom a {@link TargetPool} balances: a worker, or an endpoint of a route. Belongs to its pool. */
final class Target {
    private static final int PERCENT = 100;

    /** In slow start a target gets at least this share of its turns, or it would never get warm. */
    private static final int SLOW_PERCENT_MIN = 10;

    private final String name;
    private final long hash;
    private final long slowStartMs;
    private long warmSinceMs;
    private long assigned;
    private long underWay;

    private boolean draining;
    private boolean down;
    private long ejectedUntilMs = Long.MIN_VALUE;
    private int ejections;
    private int errorsInARow;

    Target(String name, long slowStartMs, long warmSinceMs) {
        this.name = name;
        this.slowStartMs = slowStartMs;
        this.warmSinceMs = warmSinceMs;
        long fnv = 0xcbf29ce484222325L;
        for (int i = 0; i < name.length(); i++) {
            fnv = (fnv ^ name.charAt(i)) * 0x100000001b3L;
        }
        hash = fnv;
    }

    String name() {
        return name;
    }

    long hash() {
        return hash;
    }

    /** What it has to do, more in slow start than there is, so that others are preferred. */
    double load(long nowMs) {
        return (assigned + underWay + 1) * (double) PERCENT / percent(nowMs);
    }

    boolean accepts(IntUnaryOperator random, long nowMs) {
        int percent = percent(nowMs);
        return percent == PERCENT || random.applyAsInt(PERCENT) < percent;
    }

    private int percent(long nowMs) {
        long warmMs = nowMs - warmSinceMs;
        if (warmMs >= slowStartMs) {
            return PERCENT;
        }
        return (int) Math.max(SLOW_PERCENT_MIN, PERCENT * Math.max(0, warmMs) / slowStartMs);
    }

    boolean usable(long nowMs) {
        return !draining && !down && nowMs >= ejectedUntilMs;
    }

    /** Whether those that have it already can go on with it. */
    boolean serves(long nowMs) {
        return !down && nowMs >= ejectedUntilMs;
    }

    boolean ejected(long nowMs) {
        return nowMs < ejectedUntilMs;
    }

    boolean down() {
        return down;
    }

    boolean draining() {
        return draining;
    }

    void drain() {
        draining = true;
    }

    void fall() {
        down = true;
    }

    void rise(long nowMs) {
        if (down) {
            warmSinceMs = nowMs;
        }
        down = false;
    }

    /** Ends {@link #drain}. */
    void resume(long nowMs) {
        if (draining) {
            warmSinceMs = nowMs;
        }
        draining = false;
    }

    void assign(int change) {
        assigned = Math.max(0, assigned + change);
    }

    void begin() {
        underWay++;
    }

    void end() {
        underWay = Math.max(0, underWay - 1);
    }

    long assigned() {
        return assigned;
    }

    /** Counts an error; returns how many there were in a row. */
    int error() {
        return ++errorsInARow;
    }

    void success() {
        errorsInARow = 0;
    }

    /** Ejects it for longer each time, up to a limit; returns for how long. */
    long eject(long nowMs, long baseMs, long maxMs) {
        ejections++;
        long ms = Math.min(maxMs, baseMs * ejections);
        ejectedUntilMs = nowMs + ms;
        warmSinceMs = ejectedUntilMs;
        errorsInARow = 0;
        return ms;
    }

    /** Forgets one ejection after a long time without errors, so that an old trouble does not count for ever. */
    void forgive(long nowMs, long afterMs) {
        if (ejections > 0 && nowMs - ejectedUntilMs >= afterMs) {
            ejections--;
            ejectedUntilMs = nowMs;
        }
    }
}
