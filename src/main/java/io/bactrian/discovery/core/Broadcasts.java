package io.bactrian.discovery.core;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * The news that this router passes on: each entry so many times, those that were passed on least first. An entry that a newer
 * one has replaced is dropped.
 */
final class Broadcasts {
    /** The octets that each entry takes beside its content. */
    private static final int OVERHEAD = 24;

    private final Replica replica;
    private final int max;
    private final List<Deque<Entry>> byTimes = new ArrayList<>();
    private int size;

    /**
     * @param replica says which entries are the newest
     * @param max how many entries wait at most; what is more is left to the comparison of digests
     */
    Broadcasts(Replica replica, int max) {
        this.replica = replica;
        this.max = max;
    }

    /** Passes an entry on from now; false if there are too many. */
    boolean add(Entry entry) {
        if (size >= max) {
            return false;
        }
        level(0).addLast(entry);
        size++;
        return true;
    }

    boolean isEmpty() {
        return size == 0;
    }

    int size() {
        return size;
    }

    /**
     * Takes what fits.
     *
     * @param room how many octets there are
     * @param times how often each entry is passed on
     */
    List<Entry> take(int room, int times) {
        if (size == 0) {
            return List.of();
        }
        List<Entry> taken = new ArrayList<>();
        int[] counts = new int[byTimes.size()];
        int left = room;
        for (int level = 0; level < counts.length; level++) {
            Deque<Entry> waiting = byTimes.get(level);
            while (!waiting.isEmpty()) {
                Entry entry = waiting.getFirst();
                if (replica.get(entry.key()) == entry) {
                    if (octets(entry) > left) {
                        break;
                    }
                    left -= octets(entry);
                    taken.add(entry);
                    counts[level]++;
                }
                waiting.removeFirst();
                size--;
            }
        }
        keep(taken, counts, times);
        return taken;
    }

    private void keep(List<Entry> taken, int[] counts, int times) {
        int index = 0;
        for (int level = 0; level < counts.length; level++) {
            for (int i = 0; i < counts[level]; i++) {
                if (level + 1 < times) {
                    level(level + 1).addLast(taken.get(index));
                    size++;
                }
                index++;
            }
        }
    }

    static int octets(Entry entry) {
        return entry.encoded().length + OVERHEAD;
    }

    private Deque<Entry> level(int level) {
        while (byTimes.size() <= level) {
            byTimes.add(new ArrayDeque<>());
        }
        return byTimes.get(level);
    }
}
