package io.bactrian.pubsub.core;

/**
 * The last sequence that a subscriber has processed of one epoch of a publisher in one topic.
 *
 * <p>An epoch is granted once and to one instance, which never gives a number twice under it. So a record of the same
 * source and epoch whose sequence is not above this one's was processed, wherever it lies in the log now.
 *
 * @param epoch the publisher epoch of the batch that held it
 * @param sequence its number
 * @param logEpoch the log epoch in which it was processed
 * @param position where it lay then
 */
public record LastProcessed(MessageSource source, long epoch, long sequence, int logEpoch, long position) {
    /** The publisher that numbers, and the topic. */
    public record MessageSource(String publisher, String topic) {}

    /** The source and the epoch, within which sequences go on without a break. */
    public record Key(MessageSource source, long epoch) {}

    public Key key() {
        return new Key(source, epoch);
    }
}
