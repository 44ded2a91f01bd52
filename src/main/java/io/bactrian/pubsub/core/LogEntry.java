package io.bactrian.pubsub.core;

/**
 * One batch in the hub's log.
 *
 * @param position the position of its first record, from 1
 * @param count the number of positions it takes, at least 1
 * @param payload the octets of the batch; shared, not to be changed
 * @param timestampMs when it was logged, in ms since 1970; negative for a gap
 */
@SuppressWarnings("ArrayRecordComponent") // shared on purpose: a copy for each subscriber would cost more than the send
public record LogEntry(long position, int count, byte[] payload, long timestampMs) {
    /** An entry of which nobody asks when it was logged. */
    public LogEntry(long position, int count, byte[] payload) {
        this(position, count, payload, 0);
    }

    /** True if it only stands for positions that the disk has lost. */
    public boolean isGap() {
        return timestampMs < 0;
    }

    /** The position of its last record. */
    public long last() {
        return position + count - 1;
    }
}
