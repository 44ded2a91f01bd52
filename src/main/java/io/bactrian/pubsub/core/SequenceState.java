package io.bactrian.pubsub.core;

/**
 * The last sequence of a publisher in a topic that is in the log.
 *
 * @param lastSequence from 1 on
 */
public record SequenceState(String publisher, String topic, long lastSequence) {}
