package io.bactrian.pubsub.core;

/**
 * The counts of a feed since its start.
 *
 * @param delivered messages sent to durable subscribers, repeats included
 * @param retransmitted messages among them that had been sent before
 * @param resends gaps that subscribers reported
 * @param ignored acknowledgements and requests that were refused
 */
public record FeedCounters(long delivered, long retransmitted, long resends, long ignored) {}
