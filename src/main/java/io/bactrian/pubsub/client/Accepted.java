package io.bactrian.pubsub.client;

/**
 * A message is kept: the hub has it on its disk, or, if that was asked for, the outbox has it.
 *
 * @param topic where it was put
 * @param sequence its number among the publisher's messages of this topic; 0 if only the outbox has it
 */
public record Accepted(String topic, long sequence) {}
