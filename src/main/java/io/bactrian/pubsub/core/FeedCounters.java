package io.bactrian.pubsub.core;

/**
 * What a feed has done since its start.
 *
 * @param delivered messages sent to durable subscribers, repeats included
 * @param retransmitted messages among them that had been sent before
 * @param resends gaps that subscribers reported
 * @param ignored acknowledgements and requests that were refused
 */
public record FeedCounters(long delivered, long retransmitted, long resends, long ignored) {}
