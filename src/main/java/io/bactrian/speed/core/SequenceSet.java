package io.bactrian.speed.core;

import java.util.Map;
import java.util.TreeMap;

/** Sequence numbers that were seen, as ranges; of many ranges the lowest is forgotten. */
final class SequenceSet {
    private static final int RANGES_MAX = 64;

    private final TreeMap<Long, Long> ranges = new TreeMap<>();

    boolean contains(long number) {
        Map.Entry<Long, Long> below = ranges.floorEntry(number);
        return below != null && below.getValue() >= number;
    }

    void add(long number) {
        addRange(number, number);
    }

    void addRange(long first, long last) {
        long from = first;
        long to = last;
        Map.Entry<Long, Long> below = ranges.floorEntry(first);
        if (below != null && below.getValue() >= first - 1) {
            from = below.getKey();
            to = Math.max(to, below.getValue());
            ranges.remove(below.getKey());
        }
        Map.Entry<Long, Long> above = ranges.ceilingEntry(from);
        while (above != null && above.getKey() <= to + 1) {
            to = Math.max(to, above.getValue());
            ranges.remove(above.getKey());
            above = ranges.ceilingEntry(from);
        }
        ranges.put(from, to);
        if (ranges.size() > RANGES_MAX) {
            ranges.pollFirstEntry();
        }
    }

    Map<Long, Long> ranges() {
        return ranges;
    }
}
