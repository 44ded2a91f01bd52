package io.bactrian.pubsub.store;

/**
 * What a subscriber has processed last of one epoch of a publisher in one topic.
 *
 * @param epoch the publisher epoch under which it was numbered
 * @param sequence its number
 * @param logEpoch the log epoch in which it was processed
 * @param position where it lay in the log then
 */
public record ProcessedNumber(String publisher, String topic, long epoch, long sequence, long logEpoch, long position) {
    /** Who numbers, in which topic, and under which epoch. */
    public record Key(String publisher, String topic, long epoch) {}
}
