package io.bactrian.pubsub.store;

/**
 * How far a subscriber has come, for a checkpoint. It counts only while the subscriber still has this generation, so
 * that a checkpoint under way never undoes a rewind.
 *
 * @param cursor the last position that it has processed
 * @param passedTo up to here, and above the cursor, the log was deleted and held nothing for it; 0 if nothing was
 * @param lastSeenMs when it was last heard, in ms since 1970
 */
public record SubscriberProgress(
        String id, long generation, long logEpoch, long cursor, long passedTo, long lastSeenMs) {}
