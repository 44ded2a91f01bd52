package io.bactrian.simulation;

import java.util.ArrayList;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Random;

/** Time, chance and the order of events of one run; everything that happens follows from the seed. */
final class World {
    private record Event(long atMs, long number, Runnable action) {}

    private final Random random;
    private final PriorityQueue<Event> events = new PriorityQueue<>(
            (a, b) -> a.atMs() != b.atMs() ? Long.compare(a.atMs(), b.atMs()) : Long.compare(a.number(), b.number()));
    private final List<String> tail = new ArrayList<>();
    private final boolean traced = Boolean.getBoolean("bactrian.simulation.trace");
    private long nowMs;
    private long numbers;
    private long fingerprint;

    World(long seed) {
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
            event.action().run();
        }
        nowMs = atMs;
    }

    /** Notes what happened: in the fingerprint, by which two runs are compared, and for the report of a failure. */
    void note(String what) {
        String line = nowMs + " " + what;
        fingerprint = fingerprint * 31 + line.hashCode();
        tail.add(line);
        if (!traced && tail.size() > 120) {
            tail.subList(0, 60).clear();
        }
    }

    long fingerprint() {
        return fingerprint;
    }

    List<String> tail() {
        return tail;
    }
}
