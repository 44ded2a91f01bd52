package io.bactrian.pubsub.core;

/**
 * A batch, or the part of it that a subscriber has not had, on its way to that subscriber.
 *
 * <p>Between {@link HubFeed#plan} and {@link HubFeed#deliver} it may be held back for good: the subscriber is then told
 * that there was nothing for it.
 *
 * @param subscriber the id of the durable subscriber
 * @param plan which plan of its session it belongs to; one of a former plan is stale
 * @param topic the topic of the batch
 * @param position the position of the first record
 * @param last the position of the last record
 * @param timeMs when it was logged, in ms since 1970
 * @param payload the octets of the batch, not to be changed
 */
@SuppressWarnings("ArrayRecordComponent") // shared on purpose: a copy for each subscriber would cost more than the send
public record Delivery(
        String subscriber, long plan, String topic, long position, long last, long timeMs, byte[] payload) {}
