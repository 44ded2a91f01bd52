package io.bactrian.app.bench;

import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * The measured values of one case.
 *
 * @param name kebab-case name of the case
 * @param messageBytes octets of a message
 * @param messagesPerSecond through the component, median of the rounds
 * @param rawMessagesPerSecond through the raw JeroMQ loop, median of the rounds
 * @param floor the ratio that the case must reach, 0 for none
 * @param p50Micros one message at a time through the component, half of them are faster
 * @param p99Micros 99 of 100 are faster
 * @param rawP50Micros one message at a time through the raw loop
 */
public record CaseResult(
        String name,
        int messageBytes,
        double messagesPerSecond,
        double rawMessagesPerSecond,
        double floor,
        double p50Micros,
        double p99Micros,
        double rawP50Micros) {

    /** Component divided by raw. */
    public double ratio() {
        return messagesPerSecond / rawMessagesPerSecond;
    }

    /** Whether the ratio is not below the floor. */
    public boolean reached() {
        return ratio() >= floor;
    }

    private String json() {
        return String.format(
                Locale.ROOT,
                "{\"case\":\"%s\",\"messageBytes\":%d,\"messagesPerSecond\":%.0f,\"rawMessagesPerSecond\":%.0f,"
                        + "\"ratio\":%.3f,\"floor\":%.2f,\"p50Micros\":%.1f,\"p99Micros\":%.1f,\"rawP50Micros\":%.1f}",
                name,
                messageBytes,
                messagesPerSecond,
                rawMessagesPerSecond,
                ratio(),
                floor,
                p50Micros,
                p99Micros,
                rawP50Micros);
    }

    /** A JSON array with one object for each case. */
    public static String json(List<CaseResult> results) {
        return results.stream().map(CaseResult::json).collect(Collectors.joining(",\n ", "[", "]"));
    }

    /** A table for people. */
    public static String table(List<CaseResult> results) {
        StringBuilder table = new StringBuilder(String.format(
                Locale.ROOT,
                "%-20s %6s %12s %12s %6s %6s %8s %8s %8s%n",
                "case",
                "bytes",
                "messages/s",
                "raw",
                "ratio",
                "floor",
                "p50 us",
                "p99 us",
                "raw p50"));
        for (CaseResult r : results) {
            table.append(String.format(
                    Locale.ROOT,
                    "%-20s %6d %,12.0f %,12.0f %5.0f%% %5.0f%% %8.0f %8.0f %8.0f%n",
                    r.name,
                    r.messageBytes,
                    r.messagesPerSecond,
                    r.rawMessagesPerSecond,
                    100 * r.ratio(),
                    100 * r.floor,
                    r.p50Micros,
                    r.p99Micros,
                    r.rawP50Micros));
        }
        return table.toString();
    }
}
