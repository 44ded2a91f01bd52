package io.bactrian.speed.core;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The last Average of each of the latest seconds. It is made of the log, so both nodes of a pair have it. One thread. */
public final class AverageHistory {
    /** The value of a second without an Average. */
    public static final long NONE = -1;

    private final long[] times;
    private final long[] values;

    /** Remembers so many seconds. */
    public AverageHistory(int seconds) {
        times = new long[seconds];
        values = new long[seconds];
        clear();
    }

    public void clear() {
        Arrays.fill(times, Long.MIN_VALUE);
    }

    /** An Average was made in a second. */
    public void add(long second, long average) {
        int slot = (int) Math.floorMod(second, (long) times.length);
        if (second >= times[slot]) {
            times[slot] = second;
            values[slot] = average;
        }
    }

    /** The Averages of the seconds up to one, the oldest first; {@link #NONE} where there was none. */
    public List<Long> until(long second) {
        List<Long> all = new ArrayList<>(times.length);
        for (long time = second - times.length + 1; time <= second; time++) {
            int slot = (int) Math.floorMod(time, (long) times.length);
            all.add(times[slot] == time ? values[slot] : NONE);
        }
        return all;
    }
}
