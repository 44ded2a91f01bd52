package io.bactrian.simulation;

import java.util.ArrayList;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.function.Supplier;

/** Time, chance and the order of events of one run; everything that happens follows from the seed. */
final class World {
    private record Event(long atMs, long number, Runnable action) {}

    private static final boolean WHOLE = Boolean.getBoolean("bactrian.simulation.trace");
    private static final int TAIL_MAX = 120;

    private final Random random;
    private final PriorityQueue<Event> events = new PriorityQueue<>(
            (a, b) -> a.atMs() != b.atMs() ? Long.compare(a.atMs(), b.atMs()) : Long.compare(a.number(), b.number()));
    private final boolean noted;
    private final List<String> tail = new ArrayList<>();
    private long nowMs;
    private long numbers;
    private long fingerprint;

    /**
     * A world at its beginning.
     *
     * @param noted whether it keeps what is noted: a run that fails is run once more for it, as sentences cost more than all else
     */
    World(long seed, boolean noted) {
        this.noted = noted;
        // Neighbouring seeds would draw nearly the same at first.
        random = new Random(seed * 0x9E3779B97F4A7C15L);
    }

    long nowMs() {
        return nowMs;
    }

    int draw(int bound) {
        return random.nextInt(bound);
    }

    long drawLong() {
        return random.nextLong();
    }

    boolean chance(double probability) {
        return random.nextDouble() < probability;
    }

    void in(long delayMs, Runnable action) {
        events.add(new Event(nowMs + delayMs, numbers++, action));
    }

    void runUntil(long atMs) {
        while (!events.isEmpty() && events.peek().atMs() <= atMs) {
            Event event = events.remove();
            nowMs = event.atMs();
            fingerprint = fingerprint * 31 + nowMs;
            event.action().run();
        }
        nowMs = atMs;
    }

    /** Notes what happened, for the report of a failure. */
    void note(Supplier<String> what) {
        if (noted) {
            tail.add(nowMs + " " + what.get());
            if (!WHOLE && tail.size() > TAIL_MAX) {
                tail.subList(0, TAIL_MAX / 2).clear();
            }
        }
    }

    /** By which two runs that have ended are compared: the times of all that happened, and what would be drawn next. */
    long fingerprint() {
        return fingerprint * 31 + random.nextLong();
    }

    List<String> tail() {
        return tail;
    }
}
