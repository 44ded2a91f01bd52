package io.bactrian.pubsub.core;

/**
 * The counts of a subscriber since its start.
 *
 * @param delivered records handed to the owner
 * @param duplicates records dropped because they had been received before
 * @param gaps deliveries dropped because something before them was missing
 * @param stale frames of another session or log epoch
 * @param overruns deliveries dropped because the hub had exceeded the window
 * @param attachments sessions: 1 without trouble
 * @param broken frames of the hub that could not be read
 * @param waitingBytes octets of batches handed out and not processed
 */
public record SubscriberCounters(
        long delivered,
        long duplicates,
        long gaps,
        long stale,
        long overruns,
        long attachments,
        long broken,
        long waitingBytes) {}
