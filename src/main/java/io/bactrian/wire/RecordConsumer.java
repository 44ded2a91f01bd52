package io.bactrian.wire;

/** Takes the records of a batch without a copy. */
@FunctionalInterface
public interface RecordConsumer {
    /**
     * Called for each record in order.
     *
     * @param buffer the batch's own octets, to be read only
     * @param offset where the record's body begins
     * @param length octets of the body
     */
    void accept(byte[] buffer, int offset, int length);
}
