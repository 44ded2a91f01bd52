package io.bactrian.pubsub.core;

import java.util.List;
import java.util.Map;

/**
 * The figures of a hub: counts since its start, and its state.
 *
 * @param accepted messages of publishers that were logged
 * @param duplicates messages that came again and were dropped
 * @param lastMessage the position of the last message in the log; what the hub itself has logged after it does not count as behind
 * @param outstanding positions up to that one that subscribers have not acknowledged, all of them together
 * @param publishers known publishers
 * @param subscribers durable subscribers as they stand
 * @param attached the windows in octets of the durable subscribers that are attached, by their ids
 * @param ephemeral subscribers that are attached and forgotten when they go
 * @param topics topics that the log holds
 * @param publicationsDropped messages that plain subscribers were not sent, as too many waited to be committed
 * @param checkpoint the position of the last durable checkpoint
 * @param logEpoch the log epoch in force, as clients are told
 */
public record HubFigures(
        long accepted,
        long duplicates,
        FeedCounters fed,
        long lastMessage,
        long outstanding,
        int publishers,
        List<DurableSubscriber> subscribers,
        Map<String, Integer> attached,
        int ephemeral,
        int topics,
        long publicationsDropped,
        long checkpoint,
        int logEpoch) {
    /** How many positions a subscriber is behind the last message. */
    public long behind(DurableSubscriber subscriber) {
        return Math.max(0, lastMessage - subscriber.cursor());
    }
}
