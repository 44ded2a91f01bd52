package io.bactrian.support.text;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * Decides which lines about peers go to a log, so that no peer fills it: within a minute one line for each cause and peer,
 * {@link #LINES_OF_A_CAUSE} for each cause whatever the peers call themselves, and {@link #LINES} in all. The lines that
 * were left out are counted, and told with the next line of their cause. It remembers a bounded number of peers and causes;
 * the oldest is forgotten first. Thread-safe.
 */
public final class RateLimitedLog {
    /** Lines of one cause in a minute, over all peers. */
    public static final int LINES_OF_A_CAUSE = 10;
    /** Lines in a minute, over all causes. */
    public static final int LINES = 60;

    private static final long INTERVAL_MS = 60_000;
    private static final int REMEMBERED_MAX = 1_000;

    private static final class CauseCount {
        private long sinceMs;
        private int lines;
        private long left;
    }

    private final LongSupplier clockMs;
    private final Map<String, Long> loggedAt = new LinkedHashMap<>();
    private final Map<String, CauseCount> causes = new LinkedHashMap<>();
    private final CauseCount all = new CauseCount();

    /** @param clockMs a clock in ms that never goes back */
    public RateLimitedLog(LongSupplier clockMs) {
        this.clockMs = clockMs;
        all.sinceMs = clockMs.getAsLong();
    }

    /**
     * Asks for a line.
     *
     * @return how many lines of this cause were left out since the last one; -1 if this one is to be left out
     */
    public synchronized long admit(String causeName, String peer) {
        long nowMs = clockMs.getAsLong();
        CauseCount cause = causes.get(causeName);
        if (cause == null) {
            cause = new CauseCount();
            cause.sinceMs = nowMs;
            remember(causes, causeName, cause);
        }
        begin(cause, nowMs);
        begin(all, nowMs);
        String key = causeName + '\n' + peer;
        Long last = loggedAt.get(key);
        if ((last != null && nowMs - last < INTERVAL_MS) || cause.lines >= LINES_OF_A_CAUSE || all.lines >= LINES) {
            cause.left++;
            return -1;
        }
        loggedAt.remove(key);
        remember(loggedAt, key, nowMs);
        cause.lines++;
        all.lines++;
        long left = cause.left;
        cause.left = 0;
        return left;
    }

    private static void begin(CauseCount cause, long nowMs) {
        if (nowMs - cause.sinceMs >= INTERVAL_MS) {
            cause.sinceMs = nowMs;
            cause.lines = 0;
        }
    }

    private static <V> void remember(Map<String, V> map, String key, V value) {
        map.put(key, value);
        if (map.size() > REMEMBERED_MAX) {
            map.remove(map.keySet().iterator().next());
        }
    }
}
