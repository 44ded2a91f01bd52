package io.bactrian.pubsub.core;

/**
 * Where a subscriber stands; it is kept in the subscriber's own database, in the transaction of what it has processed.
 *
 * @param generation how often the cursor was rewound
 * @param logEpoch the log epoch to which the position belongs, 0 before the first attachment
 * @param position the last position that is processed, 0 if none
 */
public record SubscriberCursor(int generation, int logEpoch, long position) {
    /** Of a subscriber that was never attached. */
    public static final SubscriberCursor NONE = new SubscriberCursor(0, 0, 0);

    public SubscriberCursor {
        if (generation < 0 || logEpoch < 0 || position < 0) {
            throw new IllegalArgumentException("a cursor is never negative");
        }
    }
}
