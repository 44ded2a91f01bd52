package io.bactrian.pubsub.core;

import java.util.ArrayList;
import java.util.List;

/**
 * The bounds and times of a subscriber.
 *
 * @param subscriber its id, 1 to 255 octets of UTF-8
 * @param windowBytes octets of batches that may be under way to it or wait in it; one batch always may
 * @param heartbeatMs milliseconds of silence until it asks the hub how far the log goes
 * @param retryMsMin milliseconds without an answer until the first repeat
 * @param retryMsMax milliseconds to which the time between repeats doubles
 * @param sourcesMax of how many publishers' topics the last sequence is kept, former epochs of a publisher counted; those
 *     are forgotten first, then those that are quiet longest
 * @param ephemeral whether the hub is to forget it when its session ends
 */
public record SubscriberSettings(
        String subscriber,
        int windowBytes,
        long heartbeatMs,
        long retryMsMin,
        long retryMsMax,
        int sourcesMax,
        boolean ephemeral) {
    private static final int SOURCES_MAX = 10_000;

    /** Checks all bounds; the exception names every one that is wrong. */
    public SubscriberSettings {
        List<String> wrong = new ArrayList<>();
        atLeast(wrong, "windowBytes", windowBytes, 1024);
        atLeast(wrong, "heartbeatMs", heartbeatMs, 1);
        atLeast(wrong, "retryMsMin", retryMsMin, 1);
        atLeast(wrong, "retryMsMax", retryMsMax, retryMsMin);
        atLeast(wrong, "sourcesMax", sourcesMax, 1);
        if (!wrong.isEmpty()) {
            throw new IllegalArgumentException(String.join("; ", wrong));
        }
    }

    /** A durable subscriber. */
    public SubscriberSettings(
            String subscriber, int windowBytes, long heartbeatMs, long retryMsMin, long retryMsMax, int sourcesMax) {
        this(subscriber, windowBytes, heartbeatMs, retryMsMin, retryMsMax, sourcesMax, false);
    }

    /** Keeps the last sequences of 10,000 publishers' topics. */
    public SubscriberSettings(String subscriber, int windowBytes, long heartbeatMs, long retryMsMin, long retryMsMax) {
        this(subscriber, windowBytes, heartbeatMs, retryMsMin, retryMsMax, SOURCES_MAX);
    }

    private static void atLeast(List<String> wrong, String name, long value, long min) {
        if (value < min) {
            wrong.add(name + " is " + value + ", at least " + min + " is needed");
        }
    }

    /** A window of 4 MiB, a heartbeat of 500 ms, repeats after 200 ms to 5 s. */
    public static SubscriberSettings of(String subscriber) {
        return new SubscriberSettings(subscriber, 4 << 20, 500, 200, 5000);
    }
}
