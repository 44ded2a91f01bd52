package io.bactrian.journal.log;

/**
 * An entry of a journal.
 *
 * @param position the first position it takes, from 1
 * @param count how many positions it takes, at least 1
 * @param epoch the epoch of the log in which it was appended, from 1
 * @param timestampMs when it was appended, in milliseconds since 1970; never falls within a journal
 * @param payload what it holds; shared with other readers, so it must not be changed
 */
@SuppressWarnings("ArrayRecordComponent") // handed over, never compared
public record Entry(long position, int count, int epoch, long timestampMs, byte[] payload) {

    /** The last position that the entry takes. */
    public long last() {
        return position + count - 1;
    }
}
