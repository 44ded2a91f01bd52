package io.bactrian.pubsub.core;

import org.jspecify.annotations.Nullable;

/**
 * Something that an operator must be able to see later, above all a range that is lost.
 *
 * @param atMs when, in ms since 1970
 * @param what the kind of event in kebab-case, such as {@code range-lost} or {@code subscriber-expired}
 * @param publisher whose sequences the range counts, null if it counts positions
 * @param subscriber who misses the range, null if it is a publisher's
 * @param topic the topic, null if it is about all of them
 * @param from the first number of the range, 0 if there is none
 * @param to the last number of the range, 0 if there is none
 * @param cause why, at most 1,000 characters; longer ones are cut
 */
public record HubEvent(
        long atMs,
        String what,
        @Nullable String publisher,
        @Nullable String subscriber,
        @Nullable String topic,
        long from,
        long to,
        String cause) {
    private static final int CAUSE_MAX = 1000;

    public HubEvent {
        if (cause.length() > CAUSE_MAX) {
            cause = cause.substring(0, CAUSE_MAX);
        }
    }

    /** Positions {@code from} to {@code to} are gone for a subscriber. */
    public static HubEvent subscriberLost(long atMs, String subscriber, long from, long to, String cause) {
        return new HubEvent(atMs, "range-lost", null, subscriber, null, from, to, cause);
    }

    /** Sequences {@code from} to {@code to} of a publisher in a topic are gone. */
    public static HubEvent publisherLost(long atMs, String publisher, String topic, long from, long to, String cause) {
        return new HubEvent(atMs, "range-lost", publisher, null, topic, from, to, cause);
    }
}
