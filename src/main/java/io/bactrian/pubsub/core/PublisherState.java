package io.bactrian.pubsub.core;

/**
 * A publisher as the hub's database knows it.
 *
 * @param id the publisher's id, 1 to 255 characters
 * @param grantedEpoch the highest epoch granted to it
 * @param openEpoch the epoch in force, 0 if none was opened yet
 * @param createdMs when it first said hello, in ms since 1970
 * @param lastSeenMs when it was last heard, as of the last checkpoint, in ms since 1970
 */
public record PublisherState(String id, long grantedEpoch, long openEpoch, long createdMs, long lastSeenMs) {}
