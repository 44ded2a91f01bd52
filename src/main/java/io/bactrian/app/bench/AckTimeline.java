package io.bactrian.app.bench;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** When acknowledgements came: the latest of them, as many as there is room for. Thread-safe. */
final class AckTimeline {
    private final long[] times;
    private long count;

    AckTimeline(int room) {
        times = new long[room];
    }

    synchronized void add(long nanos) {
        times[(int) (count++ % times.length)] = nanos;
    }

    synchronized long latest() {
        return count == 0 ? Long.MIN_VALUE : times[(int) ((count - 1) % times.length)];
    }

    private synchronized long[] from(long nanos) {
        long[] kept = Arrays.copyOf(times, (int) Math.min(count, times.length));
        Arrays.sort(kept);
        return Arrays.stream(kept).filter(time -> time >= nanos).toArray();
    }

    /**
     * From a moment to the end of the longest time without an acknowledgement after it. What was under way at that moment may
     * come before.
     */
    long outageNs(long sinceNs) {
        long former = sinceNs;
        long longest = 0;
        long end = sinceNs;
        for (long time : from(sinceNs)) {
            if (time - former > longest) {
                longest = time - former;
                end = time;
            }
            former = time;
        }
        return end - sinceNs;
    }

    /** How many came in each millisecond around a moment. */
    List<Integer> perMillisecond(long aroundNs, int beforeMs, int afterMs) {
        Integer[] counts = new Integer[beforeMs + afterMs];
        Arrays.fill(counts, 0);
        long startNs = aroundNs - TimeUnit.MILLISECONDS.toNanos(beforeMs);
        for (long time : from(startNs)) {
            long slot = TimeUnit.NANOSECONDS.toMillis(time - startNs);
            if (slot < counts.length) {
                counts[(int) slot]++;
            }
        }
        return new ArrayList<>(Arrays.asList(counts));
    }
}
