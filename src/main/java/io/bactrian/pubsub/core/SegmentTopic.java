package io.bactrian.pubsub.core;

/**
 * The share of one topic in a closed segment of the log; retention decides by it without reading segments.
 *
 * @param segmentPosition the first position of the segment
 * @param bytes octets of the topic's batches in the segment
 * @param messages messages of the topic in the segment
 * @param lastTimestampMs when the last of them was logged, in ms since 1970
 */
public record SegmentTopic(long segmentPosition, String topic, long bytes, long messages, long lastTimestampMs) {}
