package io.bactrian.journal.log;

/**
 * An entry of a journal.
 *
 * @param position the first position it takes, from 1
 * @param count how many positions it takes, at least 1
 * @param epoch the epoch of the log in which it was appended, from 1
 * @param timestampMs when it was appended, in milliseconds since 1970; never falls within a journal. Negative for a gap: see
 *     {@link #isGap}
 * @param payload what it holds; shared with other readers, so it must not be changed
 */
@SuppressWarnings("ArrayRecordComponent") // handed over, never compared
public record Entry(long position, int count, int epoch, long timestampMs, byte[] payload) {

    /** Stands for positions that are lost. */
    static Entry gap(long from, long to, int epoch, long timestampMs) {
        return new Entry(from, Math.toIntExact(to - from + 1), epoch, -Math.max(1, timestampMs), new byte[0]);
    }

    /**
     * True if the entry only stands for positions that are lost: a repair has cut them out, or the journal skips damage. The
     * payload is empty then.
     */
    public boolean isGap() {
        return timestampMs < 0;
    }

    /** The last position that the entry takes. */
    public long last() {
        return position + count - 1;
    }
}
