package io.bactrian.pubsub.core;

import io.bactrian.wire.Batch;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** A batch whose boundaries are fixed, with what the caller attached to its records. */
public final class SealedBatch {
    private Batch batch;
    private final @Nullable Object @Nullable [] attachments;
    private final long recordBytes;
    private boolean maybeSent;
    private boolean sent;
    private long storeMark;

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

    /** What was attached to a record when it was offered, null if nothing was or it comes from the outbox. */
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
        long bytes = recordBytes * records / count();
        return new SealedBatch(
                batch.slice(0, records),
                attachments == null ? null : Arrays.copyOf(attachments, records),
                bytes,
                maybeSent);
    }

    /** The rest of it after {@link #head}. */
    SealedBatch tail(int records) {
        SealedBatch tail = new SealedBatch(
                batch.slice(records, count()),
                attachments == null ? null : Arrays.copyOfRange(attachments, records, attachments.length),
                recordBytes - recordBytes * records / count(),
                maybeSent);
        tail.storeMark = storeMark;
        return tail;
    }
}
