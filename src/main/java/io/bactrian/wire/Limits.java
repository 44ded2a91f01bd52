package io.bactrian.wire;

/**
 * The bounds of a batch.
 *
 * @param messageBytesMax octets of one record, its headers and its body together, at least 1
 * @param batchBytesMax octets of a whole batch frame, at least 1024
 */
public record Limits(int messageBytesMax, int batchBytesMax) {
    /** No hub takes a larger batch, so that its clients can bound the frames that they take of it. */
    public static final int BATCH_BYTES_MAX = 60 << 20;

    /** A message of 1 MiB, a batch of 2 MiB. */
    public static final Limits DEFAULT = new Limits(1 << 20, 1 << 21);

    public Limits {
        if (messageBytesMax < 1) {
            throw new IllegalArgumentException("messageBytesMax must be at least 1, is " + messageBytesMax);
        }
        if (batchBytesMax < 1024) {
            throw new IllegalArgumentException("batchBytesMax must be at least 1024, is " + batchBytesMax);
        }
    }
}
