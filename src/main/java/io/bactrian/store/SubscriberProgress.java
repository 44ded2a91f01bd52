package io.bactrian.store;

/**
 * How far a subscriber has come, for a checkpoint. It counts only while the subscriber still has this generation, so
 * that a checkpoint under way never undoes a rewind.
 *
 * @param cursor the last position that it has processed
 * @param lastSeenMs when it was last heard, in ms since 1970
 */
public record SubscriberProgress(String id, long generation, long logEpoch, long cursor, long lastSeenMs) {}
