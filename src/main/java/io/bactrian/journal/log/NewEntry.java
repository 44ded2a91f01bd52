package io.bactrian.journal.log;

/**
 * An entry to be appended.
 *
 * @param count how many positions the entry takes, at least 1
 * @param payload what it holds; the journal keeps this array in its memory tail, so it must not be changed afterwards
 */
@SuppressWarnings("ArrayRecordComponent") // handed over, never compared
public record NewEntry(int count, byte[] payload) {
    public NewEntry {
        if (count < 1) {
            throw new IllegalArgumentException("count=" + count + " must be at least 1");
        }
    }
}
