package io.bactrian.app.bench;

import java.util.List;
import java.util.Locale;

/**
 * The measured values of a subscriber that came back while messages flowed; medians.
 *
 * @param rate messages due in a second
 * @param caughtUpPerSecond messages that the subscriber got in a second until it was as far as the live ones
 * @param seconds it took
 * @param aloneDelivered messages in a second to a live subscriber before
 * @param besideDelivered and meanwhile
 * @param aloneP99Micros from due to got, before
 * @param besideP99Micros and meanwhile
 */
public record CatchUpResult(
        long rate,
        double caughtUpPerSecond,
        double seconds,
        double aloneDelivered,
        double besideDelivered,
        double aloneP99Micros,
        double besideP99Micros) {

    static CatchUpResult of(
            long rate, List<RateResult> alone, List<RateResult> beside, double caughtUpPerSecond, double seconds) {
        return new CatchUpResult(
                rate,
                caughtUpPerSecond,
                seconds,
                Medians.of(alone, RateResult::delivered),
                Medians.of(beside, RateResult::delivered),
                Medians.of(alone, RateResult::p99Micros),
                Medians.of(beside, RateResult::p99Micros));
    }

    /** A few lines for people. */
    public String text() {
        return String.format(
                Locale.ROOT,
                "due %,d/s; the subscriber that returned got %,.0f/s, %.2f times as many, and had caught up after %.1f s%n"
                        + "live subscribers before:    %,.0f/s, p99 %,.0f us%n"
                        + "live subscribers meanwhile: %,.0f/s (%.2f of it), p99 %,.0f us",
                rate,
                caughtUpPerSecond,
                caughtUpPerSecond / rate,
                seconds,
                aloneDelivered,
                aloneP99Micros,
                besideDelivered,
                besideDelivered / Math.max(1, aloneDelivered),
                besideP99Micros);
    }

    /** A JSON object. */
    public String json() {
        return String.format(
                Locale.ROOT,
                "{\"case\":\"catch-up\",\"rate\":%d,\"caughtUpPerSecond\":%.0f,\"seconds\":%.3f,\"aloneDelivered\":%.0f,"
                        + "\"besideDelivered\":%.0f,\"aloneP99Micros\":%.0f,\"besideP99Micros\":%.0f}",
                rate,
                caughtUpPerSecond,
                seconds,
                aloneDelivered,
                besideDelivered,
                aloneP99Micros,
                besideP99Micros);
    }
}
