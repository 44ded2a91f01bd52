package io.bactrian.discovery.core;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * The news that this router passes on: each entry so many times, those that were passed on least first, and what concerns
 * routers before all else, as a suspect must hear of it in time. An entry that a newer one has replaced is dropped.
 */
final class Broadcasts {
    /** The octets that each entry takes beside its content. */
    private static final int OVERHEAD = 24;

    private final RegistryReplica replica;
    private final int max;
    private final Lane urgent = new Lane();
    private final Lane other = new Lane();
    private long leftOut;

    /** Entries by how often they were passed on. */
    private static final class Lane {
        private final List<Deque<RegistryEntry>> byTimes = new ArrayList<>();
        private int size;

        private Deque<RegistryEntry> level(int level) {
            while (byTimes.size() <= level) {
                byTimes.add(new ArrayDeque<>());
            }
            return byTimes.get(level);
        }
    }

    /**
     * @param replica says which entries are the newest
     * @param max how many entries wait at most; what is more is left to the comparison of digests, which is cheaper for many
     */
    Broadcasts(RegistryReplica replica, int max) {
        this.replica = replica;
        this.max = max;
    }

    /** Passes an entry on from now, unless there are too many. */
    void add(RegistryEntry entry) {
        Lane lane = entry.content() instanceof Content.Router ? urgent : other;
        if (lane.size >= max) {
            leftOut++;
            return;
        }
        lane.level(0).addLast(entry);
        lane.size++;
    }

    boolean isEmpty() {
        return size() == 0;
    }

    int size() {
        return urgent.size + other.size;
    }

    /** How many entries were left to the comparison of digests. */
    long leftOut() {
        return leftOut;
    }

    /**
     * Takes what fits.
     *
     * @param room how many octets there are
     * @param times how often each entry is passed on
     */
    List<RegistryEntry> take(int room, int times) {
        if (isEmpty()) {
            return List.of();
        }
        List<RegistryEntry> taken = new ArrayList<>();
        int left = take(urgent, room, times, taken);
        take(other, left, times, taken);
        return taken;
    }

    private int take(Lane lane, int room, int times, List<RegistryEntry> taken) {
        int first = taken.size();
        int[] counts = new int[lane.byTimes.size()];
        int left = room;
        for (int level = 0; level < counts.length; level++) {
            Deque<RegistryEntry> waiting = lane.byTimes.get(level);
            while (!waiting.isEmpty()) {
                RegistryEntry entry = waiting.getFirst();
                if (replica.holds(entry)) {
                    if (octets(entry) > left) {
                        break;
                    }
                    left -= octets(entry);
                    taken.add(entry);
                    counts[level]++;
                }
                waiting.removeFirst();
                lane.size--;
            }
        }
        keep(lane, taken, first, counts, times);
        return left;
    }

    private static void keep(Lane lane, List<RegistryEntry> taken, int first, int[] counts, int times) {
        int index = first;
        for (int level = 0; level < counts.length; level++) {
            for (int i = 0; i < counts[level]; i++) {
                if (level + 1 < times) {
                    lane.level(level + 1).addLast(taken.get(index));
                    lane.size++;
                }
                index++;
            }
        }
    }

    static int octets(RegistryEntry entry) {
        return entry.encoded().length + OVERHEAD;
    }
}
