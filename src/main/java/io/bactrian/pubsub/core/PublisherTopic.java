package io.bactrian.pubsub.core;

import io.bactrian.wire.Batch;
import io.bactrian.wire.BatchBuilder;
import io.bactrian.wire.Code;
import io.bactrian.wire.Command;
import io.bactrian.wire.Headers;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One topic of a publisher: the batch that is being filled, and those that wait for an answer, oldest first. */
final class PublisherTopic {
    private static final @Nullable Object[] NONE = new Object[0];

    private final String name;
    private final boolean sparse;
    private final BatchBuilder builder;
    private final ArrayDeque<SealedBatch> waiting = new ArrayDeque<>();
    private @Nullable Object[] attachments = NONE;
    private int lastCount = 8;
    private long openBytes;
    private boolean openMultipart;
    private boolean openHeaders;
    private long next = 1;

    /** Up to here a former process has numbered what waits, under an epoch that this one goes on with; 0 if it does not. */
    long leftTo;
    /** The last sequence that the hub is known to have logged. */
    long accepted;
    /** The epoch under which batches are closed; 0 as long as the hub has never told where this topic stands. */
    long epoch;
    /** Whether the hub has opened it in the epoch in force. */
    boolean open;
    /** How many of the waiting batches, from the first, were sent since then. */
    int flights;

    private long retryAtMs;
    private long retryMs;
    /** The sequence from which a gap was repaired last, until something is accepted. */
    private long repairedFrom;
    /** The refusal that stands for good against one of the waiting batches. */
    Command.@Nullable Refuse refused;

    PublisherTopic(String publisher, String name, boolean sparse) {
        this.name = name;
        this.sparse = sparse;
        builder = new BatchBuilder(publisher, name, 0, 1);
    }

    String name() {
        return name;
    }

    boolean sparse() {
        return sparse;
    }

    ArrayDeque<SealedBatch> waiting() {
        return waiting;
    }

    BatchBuilder builder() {
        return builder;
    }

    boolean idle() {
        return waiting.isEmpty() && builder.isEmpty();
    }

    /** Whether something waits that a former process has left, to be sent under its epoch. */
    boolean left() {
        SealedBatch first = waiting.peek();
        return first != null && first.batch().sequence() <= leftTo;
    }

    /** Whether everything that waits was numbered by a former process under this epoch. */
    boolean leftUnder(long itsEpoch) {
        return !waiting.isEmpty()
                && waiting.stream().allMatch(batch -> batch.batch().epoch() == itsEpoch);
    }

    /** Up to where the hub is told that everything is accepted. */
    long knownAccepted() {
        SealedBatch first = waiting.peek();
        // What was numbered before that which is left was accepted, also where the outbox has kept no word of it.
        return first != null && left() && !sparse
                ? Math.max(accepted, first.batch().sequence() - 1)
                : accepted;
    }

    /** The sequence that the next batch will begin with. */
    long next() {
        return next;
    }

    void next(long sequence) {
        next = sequence;
    }

    /**
     * Whether the batch that is being filled can take this record, of which no more than {@code messageBytesMax} octets may be
     * there then: one that has headers takes also those that have none.
     */
    boolean takes(byte[] headers, int length, boolean multipart, int messageBytesMax) {
        if (builder.isEmpty()) {
            return true;
        }
        boolean fits = openHeaders
                ? headers.length > 0 || length + Headers.empty().length <= messageBytesMax
                : headers.length == 0;
        return fits && multipart == openMultipart;
    }

    /** Appends a record that it takes; returns the octets that it has there. */
    int append(byte[] headers, byte[] source, int offset, int length, boolean multipart, @Nullable Object attachment) {
        if (attachment != null) {
            int index = builder.count();
            if (index >= attachments.length) {
                attachments = Arrays.copyOf(attachments, Math.max(Math.max(8, lastCount), index * 2));
            }
            attachments[index] = attachment;
        }
        openMultipart = multipart;
        openHeaders = builder.isEmpty() ? headers.length > 0 : openHeaders;
        byte[] before = openHeaders && headers.length == 0 ? Headers.empty() : headers;
        builder.append(before, source, offset, length);
        int bytes = 4 + before.length + length;
        openBytes += bytes;
        return bytes;
    }

    /** Closes the batch that is being filled. */
    SealedBatch seal() {
        int count = builder.count();
        Batch batch = builder.number(epoch, next)
                .sparse(sparse)
                .multipart(openMultipart)
                .headers(openHeaders)
                .build();
        SealedBatch sealed = new SealedBatch(batch, attachments.length == 0 ? null : attachments, openBytes, false);
        attachments = NONE;
        lastCount = count;
        openBytes = 0;
        next += count;
        waiting.add(sealed);
        return sealed;
    }

    /** Takes back a batch that a former life has left. */
    void recovered(Batch batch) {
        waiting.add(new SealedBatch(batch, null, batch.bytes().length - builder.overheadBytes(), batch.epoch() > 0));
        epoch = Math.max(epoch, batch.epoch());
        next = batch.last() + 1;
    }

    /** Cuts what is not sent now and does not fit a hub with these bounds. */
    void cut(HubBounds bounds) {
        List<SealedBatch> all = new ArrayList<>();
        for (SealedBatch batch : waiting) {
            if (batch.count() == 1 || batch.sent() || bounds.fits(batch)) {
                all.add(batch);
            } else {
                all.addAll(batch.cut(bounds.batchBytesMax(), bounds.messageBytesMax()));
            }
        }
        waiting.clear();
        waiting.addAll(all);
    }

    /** The hub has opened it in the epoch in force: what was sent before does not count. */
    void open() {
        open = true;
        repairedFrom = 0;
        unsend();
    }

    /** It is to be opened again. */
    void close() {
        open = false;
        unsend();
    }

    /**
     * Whether a gap that the hub tells of is to be repaired now: not twice from one sequence, until something is accepted or a
     * repeat is due.
     */
    boolean beginRepair(long expected) {
        long from = Math.max(1, expected);
        if (!open || repairedFrom == from) {
            return false;
        }
        repairedFrom = from;
        return true;
    }

    void endRepair() {
        repairedFrom = 0;
    }

    /** What is under way is sent again after so long without an answer. */
    void retryAfter(long ms, long nowMs) {
        retryMs = ms;
        retryAtMs = nowMs + ms;
    }

    long retryMs() {
        return retryMs;
    }

    long retryAtMs() {
        return retryAtMs;
    }

    /** Whether something under way is to be sent again. */
    boolean isDue(long nowMs) {
        return flights > 0 && nowMs >= retryAtMs;
    }

    /** Takes out the next batch, or the part of one, that may have been sent before and is logged up to a sequence; null if none is. */
    @Nullable SealedBatch takeLogged(long last) {
        SealedBatch first = waiting.peek();
        // Sparse sequences are the caller's: what the hub has is a repeat even if we never sent it.
        if (first == null || !(first.maybeSent() || sparse) || first.batch().sequence() > last) {
            return null;
        }
        waiting.remove();
        flights = Math.max(0, flights - 1);
        if (first.batch().last() <= last) {
            return first;
        }
        int records = (int) (last - first.batch().sequence() + 1);
        waiting.addFirst(first.tail(records));
        return first.head(records);
    }

    /** Takes out the batch that stands refused; null if none does, or it was logged after all. */
    OutboxOrder.@Nullable Failure takeRefused(HubBounds bounds) {
        Command.Refuse refusal = refused;
        refused = null;
        SealedBatch first = waiting.peek();
        if (refusal == null || first == null || first.batch().sequence() != refusal.sequence()) {
            return null;
        }
        boolean size = refusal.reason() == Code.MESSAGE_TOO_LARGE || refusal.reason() == Code.BATCH_TOO_LARGE;
        if (first.count() > 1 && size && !bounds.fits(first)) {
            // The hub has told other bounds since it was closed: it is cut to them, and only what is too large fails.
            return null;
        }
        waiting.remove();
        return new OutboxOrder.Failure(first, refusal.reason(), refusal.text());
    }

    /** Forgets that anything was sent. */
    void unsend() {
        flights = 0;
        waiting.forEach(batch -> batch.sent(false));
    }

    /** Numbers all waiting batches under the epoch; the first gets {@code sequence} unless the topic is sparse. */
    void renumber(long newEpoch, long sequence) {
        long at = sequence;
        for (SealedBatch batch : waiting) {
            batch.number(newEpoch, sparse ? batch.batch().sequence() : at);
            at += batch.count();
        }
        epoch = newEpoch;
        if (!sparse) {
            next = at;
        }
    }
}
