package io.bactrian.pubsub.core;

import java.util.List;

/**
 * The state of a subscriber that the hub keeps for as long as the subscriber may be absent.
 *
 * @param generation how often its cursor was rewound
 * @param logEpoch the log epoch to which the cursor belongs
 * @param cursor the last position that it has processed, as far as the hub knows
 * @param purgedUpTo up to here, and above the cursor, the log was deleted and held nothing for it; 0 if nothing was
 * @param receivedUpTo what it had up to here, it had before the hub forgot it: a new pattern begins above; 0 if the hub did not
 * @param lastSeenMs when it was last heard, in milliseconds of the epoch
 */
public record DurableSubscriber(
        String id,
        int generation,
        int logEpoch,
        long cursor,
        long purgedUpTo,
        long receivedUpTo,
        long lastSeenMs,
        List<DurableSubscription> subscriptions) {
    public DurableSubscriber {
        subscriptions = List.copyOf(subscriptions);
    }

    /** The same without its patterns. */
    DurableSubscriber withoutPatterns() {
        return subscriptions.isEmpty()
                ? this
                : new DurableSubscriber(
                        id, generation, logEpoch, cursor, purgedUpTo, receivedUpTo, lastSeenMs, List.of());
    }

    /** The same, seen so much later. */
    DurableSubscriber seenLater(long ms) {
        return new DurableSubscriber(
                id, generation, logEpoch, cursor, purgedUpTo, receivedUpTo, lastSeenMs + ms, subscriptions);
    }

    /** The same when the log, deleted up to a position, had nothing for it above its cursor. */
    DurableSubscriber purgedUpTo(long upTo) {
        return new DurableSubscriber(id, generation, logEpoch, cursor, upTo, receivedUpTo, lastSeenMs, subscriptions);
    }

    /** The same over a log that has lost what came after {@code end}: itself if it says nothing of that. */
    DurableSubscriber cutTo(long end, int newLogEpoch) {
        List<DurableSubscription> cut = subscriptions.stream()
                .map(pattern -> pattern.cutTo(end))
                // One that had ended and now covers nothing would be the same as one that took its place.
                .filter(pattern -> !pattern.ended() || pattern.start() <= pattern.processedUpTo())
                .toList();
        return cursor <= end && purgedUpTo <= end && receivedUpTo <= end && cut.equals(subscriptions)
                ? this
                : new DurableSubscriber(
                        id,
                        generation,
                        newLogEpoch,
                        Math.min(cursor, end),
                        Math.min(purgedUpTo, end),
                        Math.min(receivedUpTo, end),
                        lastSeenMs,
                        cut);
    }
}
