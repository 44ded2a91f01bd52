package io.bactrian.pubsub.store;

/**
 * A durable subscriber as the hub's database knows it.
 *
 * @param id the subscriber's id, 1 to 255 characters
 * @param generation how often its cursor was rewound
 * @param logEpoch the log epoch in which the cursor counts
 * @param cursor the last position that it has processed, 0 if none; may be behind what it has told
 * @param passedTo up to here, and above the cursor, the log was deleted and held nothing for it; 0 if nothing was
 * @param hadTo what it had up to here, it had before the hub forgot it: a new pattern begins above; 0 if the hub did not
 * @param lastSeenMs when it was last heard, as of the last checkpoint, in ms since 1970
 */
public record SubscriberState(
        String id, long generation, long logEpoch, long cursor, long passedTo, long hadTo, long lastSeenMs) {}
