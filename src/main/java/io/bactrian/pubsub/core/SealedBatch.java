package io.bactrian.pubsub.core;

import io.bactrian.wire.Batch;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** A batch whose boundaries are fixed, with what the caller attached to its records. */
public final class SealedBatch {
    private Batch batch;
    private final @Nullable Object @Nullable [] attachments;
    private final long recordBytes;
    private boolean maybeSent;
    private boolean sent;
    private long storeMark;
    private long sealedMs;

    SealedBatch(Batch batch, @Nullable Object @Nullable [] attachments, long recordBytes, boolean maybeSent) {
        this.batch = batch;
        this.attachments = attachments;
        this.recordBytes = recordBytes;
        this.maybeSent = maybeSent;
    }

    public Batch batch() {
        return batch;
    }

    public String topic() {
        return batch.topic();
    }

    public int count() {
        return batch.count();
    }

    /** Returns the attachment of a record that was offered, null if nothing was or it comes from the outbox. */
    public @Nullable Object attachment(int index) {
        return attachments == null || index >= attachments.length ? null : attachments[index];
    }

    /** Octets of the records, as they count in the window. */
    long recordBytes() {
        return recordBytes;
    }

    /** Whether a hub may have it: sent in this life, or perhaps in a former one. */
    boolean maybeSent() {
        return maybeSent;
    }

    /** Whether it was sent since the topic was opened. */
    boolean sent() {
        return sent;
    }

    void sent(boolean nowSent) {
        sent = nowSent;
        maybeSent |= nowSent;
    }

    /** When it was closed; if a former life has left it, when this one began. */
    long sealedMs() {
        return sealedMs;
    }

    void sealedMs(long atMs) {
        sealedMs = atMs;
    }

    /** The number of the outbox entry that must be synced before it may be sent. */
    long storeMark() {
        return storeMark;
    }

    void storeMark(long mark) {
        storeMark = mark;
    }

    void number(long epoch, long sequence) {
        batch = batch.numbered(epoch, sequence);
    }

    /** The first {@code records} of it, as a batch of its own that is used only to tell their fate. */
    SealedBatch head(int records) {
        return part(0, records);
    }

    /** The rest of it after {@link #head}. */
    SealedBatch tail(int records) {
        return part(records, count());
    }

    private SealedBatch part(int from, int to) {
        Batch slice = batch.slice(from, to);
        long overhead = batch.bytes().length - recordBytes;
        boolean attached = attachments != null && from < attachments.length;
        SealedBatch part = new SealedBatch(
                slice,
                attached ? Arrays.copyOfRange(attachments, from, to) : null,
                slice.bytes().length - overhead,
                maybeSent);
        part.storeMark = storeMark;
        part.sealedMs = sealedMs;
        return part;
    }

    /** Whether a hub with these bounds takes it. */
    boolean fits(int batchBytesMax, int messageBytesMax) {
        return batch.bytes().length <= batchBytesMax
                && (recordBytes - 4 <= messageBytesMax || lengths().max().orElse(0) <= messageBytesMax);
    }

    private IntStream lengths() {
        IntStream.Builder lengths = IntStream.builder();
        batch.forEachRecord((buffer, offset, length) -> lengths.accept(length));
        return lengths.build();
    }

    /**
     * It in pieces that fit, in order. A record that does not fit is a piece of its own; all records keep their sequences, so
     * a copy of the whole that is under way does no harm.
     */
    List<SealedBatch> cut(int batchBytesMax, int messageBytesMax) {
        long overhead = batch.bytes().length - recordBytes;
        List<SealedBatch> parts = new ArrayList<>();
        int from = 0;
        long bytes = overhead;
        int[] lengths = lengths().toArray();
        for (int i = 0; i < lengths.length; i++) {
            boolean alone = lengths[i] > messageBytesMax;
            if (i > from && (alone || bytes + 4 + lengths[i] > batchBytesMax)) {
                parts.add(part(from, i));
                from = i;
                bytes = overhead;
            }
            bytes += 4L + lengths[i];
            if (alone) {
                parts.add(part(i, i + 1));
                from = i + 1;
                bytes = overhead;
            }
        }
        if (from < lengths.length) {
            parts.add(part(from, lengths.length));
        }
        return parts;
    }
}
