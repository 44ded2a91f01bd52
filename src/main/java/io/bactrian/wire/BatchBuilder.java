package io.bactrian.wire;

import java.util.Arrays;

/**
 * Puts records into the frame of a batch, and can be used again after each batch.
 *
 * <p>For one thread at a time. The buffer grows by doubling and is kept for the next batch, up to {@value
 * #KEPT_BYTES_MAX} octets. In a stream of records of one size all full batches have one length: then the buffer has it too,
 * and becomes the frame itself, without a copy.
 */
public final class BatchBuilder {
    private static final int KEPT_BYTES_MAX = 1 << 18;
    private static final byte[] NO_HEADERS = {};

    private final String publisher;
    private final String topic;
    private final int recordsAt;
    private byte[] buffer;
    private int size;
    /** The length of the last batch. */
    private int lastSize;

    private int count;
    private int flags;
    private long epoch;
    private long sequence;

    /**
     * Begins a batch.
     *
     * @param publisher 0 to 255 octets of UTF-8; empty only for plain peers
     * @param topic 1 to 255 octets of UTF-8
     * @param epoch not negative
     * @param sequence of the first record, at least 1; 0 for plain peers
     * @throws IllegalArgumentException if one of them is out of range
     */
    public BatchBuilder(String publisher, String topic, long epoch, long sequence) {
        byte[] publisherBytes = Text.check(publisher, 0, "publisher");
        byte[] topicBytes = Text.check(topic, 1, "topic");
        this.publisher = publisher;
        this.topic = topic;
        recordsAt = Batch.PUBLISHER_AT + 2 + publisherBytes.length + topicBytes.length;
        buffer = new byte[Math.max(1024, recordsAt * 2)];
        buffer[0] = (byte) Commands.MAGIC;
        buffer[1] = Commands.VERSION;
        buffer[2] = Batch.COMMAND;
        int at = Batch.PUBLISHER_AT;
        buffer[at++] = (byte) publisherBytes.length;
        System.arraycopy(publisherBytes, 0, buffer, at, publisherBytes.length);
        at += publisherBytes.length;
        buffer[at++] = (byte) topicBytes.length;
        System.arraycopy(topicBytes, 0, buffer, at, topicBytes.length);
        size = recordsAt;
        number(epoch, sequence);
    }

    /** Sets epoch and first sequence of the batch that is being built. */
    public BatchBuilder number(long epoch, long sequence) {
        if (epoch < 0 || sequence < (publisher.isEmpty() ? 0 : 1)) {
            throw new IllegalArgumentException("epoch or sequence is out of range");
        }
        this.epoch = epoch;
        this.sequence = sequence;
        return this;
    }

    /** Says that records are those of {@link Multipart}; holds until the batch is built. */
    public BatchBuilder multipart(boolean multipart) {
        flags = multipart ? flags | Batch.MULTIPART : flags & ~Batch.MULTIPART;
        return this;
    }

    /** Says that each record has {@link Headers} before its body; holds until the batch is built. */
    public BatchBuilder headers(boolean headers) {
        flags = headers ? flags | Batch.HEADERS : flags & ~Batch.HEADERS;
        return this;
    }

    /** Says that sequences may leave holes; the batch then holds one record. Holds until the batch is built. */
    public BatchBuilder sparse(boolean sparse) {
        flags = sparse ? flags | Batch.SPARSE : flags & ~Batch.SPARSE;
        return this;
    }

    /** Adds a record; its octets are copied. */
    public void append(byte[] record) {
        append(record, 0, record.length);
    }

    /** Adds a part of an array as a record; its octets are copied. */
    public void append(byte[] source, int offset, int length) {
        append(NO_HEADERS, source, offset, length);
    }

    /** Adds packed headers and a part of an array as a record; all octets are copied. */
    public void append(byte[] headers, byte[] source, int offset, int length) {
        int record = headers.length + length;
        int needed = size + 4 + record;
        if (needed > buffer.length || needed < 0) {
            grow(needed);
        }
        Octets.putInt(buffer, size, record);
        if (headers.length > 0) {
            System.arraycopy(headers, 0, buffer, size + 4, headers.length);
        }
        System.arraycopy(source, offset, buffer, size + 4 + headers.length, length);
        size = needed;
        count++;
    }

    private void grow(int needed) {
        if (needed < 0) {
            throw new IllegalArgumentException("batch would be above 2 GiB");
        }
        buffer = Arrays.copyOf(buffer, (int) Math.max(needed, Math.min(buffer.length * 2L, 1 << 30)));
    }

    public int count() {
        return count;
    }

    /** Octets of the frame so far. */
    public int bytes() {
        return size;
    }

    public boolean isEmpty() {
        return count == 0;
    }

    /** Octets that a batch of this builder has before its first record. */
    public int overheadBytes() {
        return recordsAt;
    }

    /**
     * The batch; the builder is empty afterwards and its next batch begins where this one ends.
     *
     * @throws IllegalStateException without a record, or with more than one in a sparse batch
     */
    public Batch build() {
        if (count == 0 || ((flags & Batch.SPARSE) != 0 && count != 1)) {
            throw new IllegalStateException("a batch of " + count + " records cannot be built");
        }
        buffer[Batch.FLAGS_AT] = (byte) flags;
        Octets.putLong(buffer, Batch.EPOCH_AT, epoch);
        Octets.putLong(buffer, Batch.SEQUENCE_AT, sequence);
        Octets.putInt(buffer, Batch.COUNT_AT, count);
        Octets.putInt(buffer, Batch.CRC_AT, Batch.checksum(buffer, size));
        byte[] frame = frame();
        sequence += publisher.isEmpty() ? 0 : count;
        clear();
        return Batch.built(frame, publisher, topic, recordsAt);
    }

    private byte[] frame() {
        boolean again = size == lastSize;
        lastSize = size;
        if (size == buffer.length) {
            byte[] frame = buffer;
            begin(size);
            return frame;
        }
        byte[] frame = Arrays.copyOf(buffer, size);
        if (again && size > buffer.length / 2) {
            begin(size);
        }
        return frame;
    }

    /** Goes on in a new buffer, of a length for which a batch fits exactly. */
    private void begin(int length) {
        byte[] fresh = new byte[Math.min(length, KEPT_BYTES_MAX)];
        System.arraycopy(buffer, 0, fresh, 0, recordsAt);
        buffer = fresh;
    }

    /** Drops what was appended. */
    public void clear() {
        if (buffer.length > KEPT_BYTES_MAX) {
            buffer = Arrays.copyOf(buffer, KEPT_BYTES_MAX);
        }
        size = recordsAt;
        count = 0;
        flags = 0;
    }
}
