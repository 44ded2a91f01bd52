package io.bactrian.app.bench;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * The measured values at one rate; of several subscribers the slowest counts. Times are from when a message was due to when it
 * was got, in microseconds; processor times are those of a message.
 *
 * @param system what carried the messages
 * @param rate messages due in a second, or {@link RateLoad#FASTEST} or {@link RateLoad#ONE_AT_A_TIME}
 * @param delivered messages got in a second
 * @param acceptedP50Micros from put to accepted, one at a time; else 0
 */
public record RateResult(
        String system,
        long rate,
        int messageBytes,
        int subscribers,
        double delivered,
        double p50Micros,
        double p99Micros,
        double p999Micros,
        double maxMicros,
        double acceptedP50Micros,
        double acceptedP99Micros,
        double hubCpuMicros,
        double publisherCpuMicros,
        double subscribersCpuMicros) {
    static RateResult of(
            String system,
            long rate,
            int size,
            List<Map<String, Double>> published,
            List<Map<String, Double>> got,
            double hubCpuSeconds) {
        double messages = Math.max(1, sum(published, "put"));
        return new RateResult(
                system,
                rate,
                size,
                got.size(),
                got.stream().mapToDouble(f -> f.getOrDefault("rate", 0.0)).min().orElse(0),
                slowest(got, "p50"),
                slowest(got, "p99"),
                slowest(got, "p999"),
                slowest(got, "max"),
                slowest(published, "accepted50"),
                slowest(published, "accepted99"),
                hubCpuSeconds * 1e6 / messages,
                sum(published, "cpu") * 1e6 / messages,
                sum(got, "cpu") * 1e6 / messages);
    }

    private static double sum(List<Map<String, Double>> figures, String name) {
        return figures.stream().mapToDouble(f -> f.getOrDefault(name, 0.0)).sum();
    }

    private static double slowest(List<Map<String, Double>> figures, String name) {
        return figures.stream()
                .mapToDouble(f -> f.getOrDefault(name, 0.0))
                .max()
                .orElse(0);
    }

    private static String header() {
        return String.format(
                Locale.ROOT,
                "%-10s %12s %12s %10s %10s %10s %10s %8s %8s %8s",
                "system",
                "due/s",
                "delivered/s",
                "p50 us",
                "p99 us",
                "p99.9 us",
                "max us",
                "hub us",
                "pub us",
                "subs us");
    }

    /** A line of the table. */
    String line() {
        return String.format(
                Locale.ROOT,
                "%-10s %,12d %,12.0f %,10.0f %,10.0f %,10.0f %,10.0f %8.2f %8.2f %8.2f",
                system,
                rate,
                delivered,
                p50Micros,
                p99Micros,
                p999Micros,
                maxMicros,
                hubCpuMicros,
                publisherCpuMicros,
                subscribersCpuMicros);
    }

    /** A table for people; the last three columns are processor time of a message. */
    public static String table(List<RateResult> results) {
        return results.stream().map(RateResult::line).collect(Collectors.joining("\n", header() + "\n", ""));
    }

    private String json() {
        return String.format(
                Locale.ROOT,
                "{\"case\":\"rate\",\"system\":\"%s\",\"messageBytes\":%d,\"subscribers\":%d,\"rate\":%d,\"delivered\":%.0f,"
                        + "\"p50Micros\":%.0f,\"p99Micros\":%.0f,\"p999Micros\":%.0f,\"maxMicros\":%.0f,"
                        + "\"hubCpuMicros\":%.3f,\"publisherCpuMicros\":%.3f,\"subscribersCpuMicros\":%.3f}",
                system,
                messageBytes,
                subscribers,
                rate,
                delivered,
                p50Micros,
                p99Micros,
                p999Micros,
                maxMicros,
                hubCpuMicros,
                publisherCpuMicros,
                subscribersCpuMicros);
    }

    /** A JSON array with one object for each rate. */
    public static String json(List<RateResult> results) {
        return results.stream().map(RateResult::json).collect(Collectors.joining(",\n ", "[", "]"));
    }
}
