package io.bactrian.store;

/**
 * A durable subscriber as the hub's database knows it.
 *
 * @param id the subscriber's id, 1 to 255 characters
 * @param generation how often its cursor was rewound
 * @param logEpoch the log epoch in which the cursor counts
 * @param cursor the last position that it has processed, 0 if none; may be behind what it has told
 * @param lastSeenMs when it was last heard, as of the last checkpoint, in ms since 1970
 */
public record SubscriberState(String id, long generation, long logEpoch, long cursor, long lastSeenMs) {}
