package io.bactrian.wire;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Records of one publisher and one topic, in the octets that are sent, logged and delivered.
 *
 * <p>Immutable: the frame that was given is kept, not copied, and must not be written to afterwards; the same
 * holds for what {@link #bytes()} returns. Layout of the frame: {@code docs/reference/protocol.md}, "The batch".
 */
public final class Batch {
    /** The command octet of a batch. */
    public static final int COMMAND = 0x10;

    static final int MULTIPART = 1;
    static final int SPARSE = 2;
    static final int HEADERS = 4;

    static final int CRC_AT = 3;
    static final int FLAGS_AT = 7;
    static final int EPOCH_AT = 8;
    static final int SEQUENCE_AT = 16;
    static final int COUNT_AT = 24;
    static final int PUBLISHER_AT = 28;

    private final byte[] frame;
    private final String publisher;
    private final String topic;
    private final int recordsAt;

    private Batch(byte[] frame, String publisher, String topic, int recordsAt) {
        this.frame = frame;
        this.publisher = publisher;
        this.topic = topic;
        this.recordsAt = recordsAt;
    }

    /**
     * Checks every octet of a frame that came from outside.
     *
     * @throws WireException {@link Code#UNSUPPORTED_VERSION}; {@link Code#MALFORMED} if header, lengths, text or
     *     checksum are wrong, so that no field can be believed; {@link Code#BATCH_TOO_LARGE} or {@link
     *     Code#MESSAGE_TOO_LARGE} if only the size is wrong: then {@link #parseTrusted} still reads the header
     */
    public static Batch parse(byte[] frame, Limits limits) throws WireException {
        Commands.checkHeader(frame);
        if ((frame[2] & 0xFF) != COMMAND) {
            throw malformed("not a batch");
        }
        if (frame.length < PUBLISHER_AT + 2) {
            throw malformed("batch is too short");
        }
        if (Octets.getInt(frame, CRC_AT) != checksum(frame, frame.length)) {
            throw malformed("checksum of the batch is wrong");
        }
        int publisherEnd = PUBLISHER_AT + 1 + (frame[PUBLISHER_AT] & 0xFF);
        if (publisherEnd >= frame.length) {
            throw malformed("batch is too short");
        }
        int topicLength = frame[publisherEnd] & 0xFF;
        int recordsAt = publisherEnd + 1 + topicLength;
        if (topicLength == 0 || recordsAt > frame.length) {
            throw malformed("batch has no topic");
        }
        Batch batch = new Batch(
                frame,
                Text.decode(frame, PUBLISHER_AT + 1, publisherEnd - PUBLISHER_AT - 1),
                Text.decode(frame, publisherEnd + 1, topicLength),
                recordsAt);
        batch.checkNumbers();
        int longest = batch.checkRecords();
        if (frame.length > limits.batchBytesMax()) {
            throw new WireException(
                    Code.BATCH_TOO_LARGE,
                    "batch of " + frame.length + " octets, at most " + limits.batchBytesMax() + " are allowed");
        }
        if (longest > limits.messageBytesMax()) {
            throw new WireException(
                    Code.MESSAGE_TOO_LARGE,
                    "message of " + longest + " octets, at most " + limits.messageBytesMax() + " are allowed");
        }
        return batch;
    }

    /**
     * Reads a frame that was checked before, such as one from our own log, without looking at checksum and records.
     *
     * @throws IllegalArgumentException if it is too short to be a batch or has another command
     */
    public static Batch parseTrusted(byte[] frame) {
        if (!isBatch(frame) || frame.length < PUBLISHER_AT + 2) {
            throw new IllegalArgumentException("not a batch");
        }
        try {
            int publisherLength = frame[PUBLISHER_AT] & 0xFF;
            int topicAt = PUBLISHER_AT + 2 + publisherLength;
            int topicLength = frame[topicAt - 1] & 0xFF;
            return new Batch(
                    frame,
                    Text.decode(frame, PUBLISHER_AT + 1, publisherLength),
                    Text.decode(frame, topicAt, topicLength),
                    topicAt + topicLength);
        } catch (WireException | IndexOutOfBoundsException e) {
            throw new IllegalArgumentException("not a batch", e);
        }
    }

    /** Whether the frame says that it is a batch of our version; nothing else is looked at. */
    public static boolean isBatch(byte[] frame) {
        return frame.length > 2
                && (frame[0] & 0xFF) == Commands.MAGIC
                && frame[1] == Commands.VERSION
                && frame[2] == COMMAND;
    }

    static Batch built(byte[] frame, String publisher, String topic, int recordsAt) {
        return new Batch(frame, publisher, topic, recordsAt);
    }

    /** The checksum of the first {@code length} octets of a frame. */
    static int checksum(byte[] frame, int length) {
        return Octets.crc32c(frame, FLAGS_AT, length - FLAGS_AT);
    }

    private void checkNumbers() throws WireException {
        int flags = frame[FLAGS_AT];
        if ((flags & ~(MULTIPART | SPARSE | HEADERS)) != 0) {
            throw malformed("unknown flags of a batch");
        }
        long lowest = publisher.isEmpty() ? 0 : 1;
        if (epoch() < 0 || sequence() < lowest || count() < 1 || last() < 0) {
            throw malformed("epoch, sequence or count of the batch is out of range");
        }
        if (sparse() && count() != 1) {
            throw malformed("a sparse batch has more than one record");
        }
    }

    /** Walks all lengths; returns the longest record. */
    private int checkRecords() throws WireException {
        int at = recordsAt;
        int longest = 0;
        int count = count();
        for (int i = 0; i < count; i++) {
            int length = frame.length - at < 4 ? -1 : Octets.getInt(frame, at);
            at += 4;
            if (length < 0 || length > frame.length - at) {
                throw malformed("records of the batch do not fit its length");
            }
            int body = hasHeaders() ? Headers.check(frame, at, at + length) : at;
            if (multipart()) {
                checkParts(body, at + length);
            }
            at += length;
            longest = Math.max(longest, length);
        }
        if (at != frame.length) {
            throw malformed((frame.length - at) + " octets after the last record");
        }
        return longest;
    }

    private void checkParts(int from, int end) throws WireException {
        int at = from;
        do {
            int length = end - at < 4 ? -1 : Octets.getInt(frame, at);
            at += 4;
            if (length < 0 || length > end - at) {
                throw malformed("parts of a record do not fit its length");
            }
            at += length;
        } while (at < end);
    }

    private static WireException malformed(String text) {
        return new WireException(Code.MALFORMED, text);
    }

    /** The publisher's epoch; 0 where none was granted. */
    public long epoch() {
        return Octets.getLong(frame, EPOCH_AT);
    }

    /** The sequence of the first record; 0 in a batch of plain peers, which nobody numbered. */
    public long sequence() {
        return Octets.getLong(frame, SEQUENCE_AT);
    }

    /** The sequence of the last record. */
    public long last() {
        return sequence() + count() - 1;
    }

    public int count() {
        return Octets.getInt(frame, COUNT_AT);
    }

    /** Empty in a batch of plain ZeroMQ peers, which only a hub makes. */
    public String publisher() {
        return publisher;
    }

    public String topic() {
        return topic;
    }

    /** Whether each record holds the frames of a ZeroMQ message: see {@link Multipart}. */
    public boolean multipart() {
        return (frame[FLAGS_AT] & MULTIPART) != 0;
    }

    /** Whether each record has {@link Headers} before its body. */
    public boolean hasHeaders() {
        return (frame[FLAGS_AT] & HEADERS) != 0;
    }

    /** Whether sequences of this publisher and topic may leave holes. */
    public boolean sparse() {
        return (frame[FLAGS_AT] & SPARSE) != 0;
    }

    /** The frame itself, not a copy; to be read only. */
    public byte[] bytes() {
        return frame;
    }

    /** Copies of all records, in order; each is a body, with {@link Headers} before it if the batch has them. */
    public List<byte[]> records() {
        List<byte[]> records = new ArrayList<>(count());
        forEachRecord((buffer, offset, length) -> records.add(Arrays.copyOfRange(buffer, offset, offset + length)));
        return records;
    }

    /** Walks all records in order without a copy. */
    public void forEachRecord(RecordConsumer consumer) {
        int count = count();
        int at = recordsAt;
        for (int i = 0; i < count; i++) {
            int length = Octets.getInt(frame, at);
            consumer.accept(frame, at + 4, length);
            at += 4 + length;
        }
    }

    /**
     * The batch without the records before {@code sequence}: itself if there are none, else a copy.
     *
     * @throws IllegalArgumentException if nothing would be left
     */
    public Batch from(long sequence) {
        if (sequence <= sequence()) {
            return this;
        }
        if (sequence > last()) {
            throw new IllegalArgumentException("batch ends at " + last() + ", before " + sequence);
        }
        return slice((int) (sequence - sequence()), count());
    }

    /**
     * A copy with some of the records, in order. The sequence moves with the first of them, but stays 0 in a batch of a
     * plain peer.
     *
     * @param from the index of the first record, from 0
     * @param to the index after the last record, above {@code from}
     */
    public Batch slice(int from, int to) {
        if (from < 0 || to <= from || to > count()) {
            throw new IllegalArgumentException("no records " + from + " to " + to + " in a batch of " + count());
        }
        int start = skip(recordsAt, from);
        int end = skip(start, to - from);
        byte[] copy = new byte[recordsAt + end - start];
        System.arraycopy(frame, 0, copy, 0, recordsAt);
        System.arraycopy(frame, start, copy, recordsAt, end - start);
        Octets.putLong(copy, SEQUENCE_AT, publisher.isEmpty() ? 0 : sequence() + from);
        Octets.putInt(copy, COUNT_AT, to - from);
        return sealed(copy);
    }

    /** The same bodies without their headers, for a peer that has not asked for them: itself if there are none, else a copy. */
    public Batch withoutHeaders() {
        if (!hasHeaders()) {
            return this;
        }
        byte[] copy = new byte[frame.length];
        System.arraycopy(frame, 0, copy, 0, recordsAt);
        copy[FLAGS_AT] &= ~HEADERS;
        int at = recordsAt;
        int to = recordsAt;
        for (int i = 0; i < count(); i++) {
            int end = at + 4 + Octets.getInt(frame, at);
            int body = Headers.bodyAt(frame, at + 4);
            Octets.putInt(copy, to, end - body);
            System.arraycopy(frame, body, copy, to + 4, end - body);
            to += 4 + end - body;
            at = end;
        }
        return sealed(Arrays.copyOf(copy, to));
    }

    private int skip(int at, int records) {
        int next = at;
        for (int i = 0; i < records; i++) {
            next += 4 + Octets.getInt(frame, next);
        }
        return next;
    }

    /** The same records under another epoch and first sequence: itself if nothing changes, else a copy. */
    public Batch numbered(long epoch, long sequence) {
        if (epoch == epoch() && sequence == sequence()) {
            return this;
        }
        byte[] copy = frame.clone();
        Octets.putLong(copy, EPOCH_AT, epoch);
        Octets.putLong(copy, SEQUENCE_AT, sequence);
        return sealed(copy);
    }

    private Batch sealed(byte[] copy) {
        Octets.putInt(copy, CRC_AT, checksum(copy, copy.length));
        return new Batch(copy, publisher, topic, recordsAt);
    }

    /** Numbers and sizes only, for logs. */
    @Override
    public String toString() {
        return "Batch[publisher=" + publisher + " topic=" + topic + " epoch=" + epoch() + " sequence=" + sequence()
                + " count=" + count() + " bytes=" + frame.length + "]";
    }
}
