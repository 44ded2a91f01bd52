package io.bactrian.app.bench;

import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * What one case of the publish/subscribe benchmark measured.
 *
 * @param name {@code stream} or {@code one-at-a-time}
 * @param messageBytes octets of a body
 * @param subscribers each of which got every message
 * @param messagesPerSecond at the slowest subscriber, from put to get
 * @param rawMessagesPerSecond the same with JeroMQ's PUB and SUB, one message a frame; 0 if it was not measured
 * @param p50Micros from put to get, half of the messages take no longer
 * @param p99Micros 99 of 100 take no longer
 * @param acceptedP50Micros from put to accepted, one message at a time; 0 in a stream
 */
public record PubsubResult(
        String name,
        int messageBytes,
        int subscribers,
        double messagesPerSecond,
        double rawMessagesPerSecond,
        double p50Micros,
        double p99Micros,
        double acceptedP50Micros) {

    /** Ours divided by raw, 0 if raw was not measured. */
    public double ratio() {
        return rawMessagesPerSecond == 0 ? 0 : messagesPerSecond / rawMessagesPerSecond;
    }

    private String json() {
        return String.format(
                Locale.ROOT,
                "{\"case\":\"%s\",\"messageBytes\":%d,\"subscribers\":%d,\"messagesPerSecond\":%.0f,"
                        + "\"rawMessagesPerSecond\":%.0f,\"ratio\":%.3f,\"p50Micros\":%.1f,\"p99Micros\":%.1f,"
                        + "\"acceptedP50Micros\":%.1f}",
                name,
                messageBytes,
                subscribers,
                messagesPerSecond,
                rawMessagesPerSecond,
                ratio(),
                p50Micros,
                p99Micros,
                acceptedP50Micros);
    }

    /** A JSON array with one object for each case. */
    public static String json(List<PubsubResult> results) {
        return results.stream().map(PubsubResult::json).collect(Collectors.joining(",\n ", "[", "]"));
    }

    /** A table for people. */
    public static String table(List<PubsubResult> results) {
        StringBuilder table = new StringBuilder(String.format(
                Locale.ROOT,
                "%-14s %6s %11s %12s %12s %6s %10s %10s %12s%n",
                "case",
                "bytes",
                "subscribers",
                "messages/s",
                "raw",
                "ratio",
                "p50 us",
                "p99 us",
                "accepted p50"));
        for (PubsubResult r : results) {
            table.append(String.format(
                    Locale.ROOT,
                    "%-14s %6d %11d %,12.0f %,12.0f %5.0f%% %,10.0f %,10.0f %,12.0f%n",
                    r.name,
                    r.messageBytes,
                    r.subscribers,
                    r.messagesPerSecond,
                    r.rawMessagesPerSecond,
                    100 * r.ratio(),
                    r.p50Micros,
                    r.p99Micros,
                    r.acceptedP50Micros));
        }
        return table.toString();
    }
}
