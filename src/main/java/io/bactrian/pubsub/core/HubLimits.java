package io.bactrian.pubsub.core;

/**
 * The bounds of a hub. What reaches one is refused with an error that names it.
 *
 * @param messageBytesMax one record
 * @param batchBytesMax one batch, with its header
 * @param publishersMax known publishers
 * @param topicsMax topics, of the hub and of each publisher
 * @param sequencesMax last numbers, one for each publisher and topic
 * @param subscribersMax durable subscribers
 * @param subscriptionsMax patterns of one subscriber
 * @param windowBytesMax octets under way to one subscriber, whatever it asks for
 */
public record HubLimits(
        int messageBytesMax,
        int batchBytesMax,
        int publishersMax,
        int topicsMax,
        int sequencesMax,
        int subscribersMax,
        int subscriptionsMax,
        int windowBytesMax) {
    /** Returns the defaults. */
    public static HubLimits defaults() {
        return new HubLimits(8 << 20, 8 << 20, 10_000, 100_000, 1_000_000, 1_000, 1_000, 16 << 20);
    }
}
