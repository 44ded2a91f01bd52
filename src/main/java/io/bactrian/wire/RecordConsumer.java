package io.bactrian.wire;

/** Takes the records of a batch without a copy. */
@FunctionalInterface
public interface RecordConsumer {
    /**
     * Called for each record in order.
     *
     * @param buffer the batch's own octets, to be read only
     * @param offset where the record begins: its body, or its {@link Headers} if the batch has them
     * @param length octets of the record
     */
    void accept(byte[] buffer, int offset, int length);
}
