package io.bactrian.delivery;

import java.util.List;

/**
 * What the hub keeps of a subscriber for as long as it may be absent.
 *
 * @param generation how often its cursor was rewound
 * @param logEpoch the log epoch to which the cursor belongs
 * @param cursor the last position that it has processed, as far as the hub knows
 * @param lastSeenMs when it was last heard, in milliseconds of the epoch
 */
public record DurableSubscriber(
        String id,
        int generation,
        int logEpoch,
        long cursor,
        long lastSeenMs,
        List<DurableSubscription> subscriptions) {
    public DurableSubscriber {
        subscriptions = List.copyOf(subscriptions);
    }
}
