package io.bactrian.app.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * The measured values of one case of the publish/subscribe benchmark; medians of its rounds.
 *
 * @param name {@code stream} or {@code one-at-a-time}
 * @param messageBytes octets of a body
 * @param subscribers each of which got every message
 * @param messagesPerSecond at the slowest subscriber
 * @param rawMessagesPerSecond the same with JeroMQ's PUB and SUB, one message a frame; 0 if it was not measured
 * @param ratio of the two, in the same round; 0 if raw was not measured
 * @param p50Micros from put to get, half of the messages take no longer
 * @param p99Micros 99 of 100 take no longer
 * @param acceptedP50Micros from put to accepted, one message at a time; 0 in a stream
 * @param acceptedP99Micros the same
 * @param syncMicros how long the disk took to sync 4 KiB meanwhile; 0 in a stream
 */
public record PubsubResult(
        String name,
        int messageBytes,
        int subscribers,
        double messagesPerSecond,
        double rawMessagesPerSecond,
        double ratio,
        double p50Micros,
        double p99Micros,
        double acceptedP50Micros,
        double acceptedP99Micros,
        double syncMicros) {

    static PubsubResult stream(List<RateResult> ours, List<RateResult> raw) {
        List<Double> ratios = new ArrayList<>();
        for (int i = 0; i < ours.size(); i++) {
            ratios.add(ours.get(i).delivered() / Math.max(1, raw.get(i).delivered()));
        }
        return of("stream", ours, Medians.of(raw, RateResult::delivered), Medians.of(ratios), 0);
    }

    static PubsubResult oneAtATime(List<RateResult> ours, double syncMicros) {
        return of("one-at-a-time", ours, 0, 0, syncMicros);
    }

    private static PubsubResult of(String name, List<RateResult> ours, double raw, double ratio, double syncMicros) {
        RateResult first = ours.get(0);
        return new PubsubResult(
                name,
                first.messageBytes(),
                first.subscribers(),
                Medians.of(ours, RateResult::delivered),
                raw,
                ratio,
                Medians.of(ours, RateResult::p50Micros),
                Medians.of(ours, RateResult::p99Micros),
                Medians.of(ours, RateResult::acceptedP50Micros),
                Medians.of(ours, RateResult::acceptedP99Micros),
                syncMicros);
    }

    private String json() {
        return String.format(
                Locale.ROOT,
                "{\"case\":\"%s\",\"messageBytes\":%d,\"subscribers\":%d,\"messagesPerSecond\":%.0f,"
                        + "\"rawMessagesPerSecond\":%.0f,\"ratio\":%.3f,\"p50Micros\":%.1f,\"p99Micros\":%.1f,"
                        + "\"acceptedP50Micros\":%.1f,\"acceptedP99Micros\":%.1f,\"syncMicros\":%.1f}",
                name,
                messageBytes,
                subscribers,
                messagesPerSecond,
                rawMessagesPerSecond,
                ratio,
                p50Micros,
                p99Micros,
                acceptedP50Micros,
                acceptedP99Micros,
                syncMicros);
    }

    /** A JSON array with one object for each case. */
    public static String json(List<PubsubResult> results) {
        return results.stream().map(PubsubResult::json).collect(Collectors.joining(",\n ", "[", "]"));
    }

    /** A table for people. */
    public static String table(List<PubsubResult> results) {
        StringBuilder table = new StringBuilder(String.format(
                Locale.ROOT,
                "%-14s %6s %11s %12s %12s %6s %10s %10s %12s %12s %9s%n",
                "case",
                "bytes",
                "subscribers",
                "messages/s",
                "raw",
                "ratio",
                "p50 us",
                "p99 us",
                "accepted p50",
                "accepted p99",
                "disk sync"));
        for (PubsubResult r : results) {
            table.append(String.format(
                    Locale.ROOT,
                    "%-14s %6d %11d %,12.0f %,12.0f %6.2f %,10.0f %,10.0f %,12.0f %,12.0f %,9.0f%n",
                    r.name,
                    r.messageBytes,
                    r.subscribers,
                    r.messagesPerSecond,
                    r.rawMessagesPerSecond,
                    r.ratio,
                    r.p50Micros,
                    r.p99Micros,
                    r.acceptedP50Micros,
                    r.acceptedP99Micros,
                    r.syncMicros));
        }
        return table.toString();
    }
}
