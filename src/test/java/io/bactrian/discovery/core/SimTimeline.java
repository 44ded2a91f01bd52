package io.bactrian.discovery.core;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/** What is to happen in a simulation, a queue for each millisecond; what is due in the same one happens in the order of coming. */
final class SimTimeline {
    /** Nothing is due later than so far ahead; a power of two. */
    private static final int AHEAD_MS = 1 << 14;

    private final List<@Nullable Queue<Runnable>> queues = new ArrayList<>();
    private long nowMs;

    SimTimeline(long nowMs) {
        this.nowMs = nowMs;
        for (int i = 0; i < AHEAD_MS; i++) {
            queues.add(null);
        }
    }

    void add(long atMs, Runnable event) {
        if (atMs < nowMs || atMs - nowMs >= AHEAD_MS) {
            throw new IllegalArgumentException("due at " + atMs + ", and it is " + nowMs);
        }
        int index = (int) (atMs % AHEAD_MS);
        Queue<Runnable> queue = queues.get(index);
        if (queue == null) {
            queue = new ArrayDeque<>();
            queues.set(index, queue);
        }
        queue.add(event);
    }

    /** Takes the next event that is due now; null if there is none. Time goes on by a millisecond, and never back. */
    @Nullable Runnable next(long atMs) {
        nowMs = atMs;
        int index = (int) (atMs % AHEAD_MS);
        Queue<Runnable> queue = queues.get(index);
        Runnable event = queue == null ? null : queue.poll();
        if (event == null) {
            queues.set(index, null);
        }
        return event;
    }
}
