package io.bactrian.pubsub.core;

import io.bactrian.wire.Batch;
import io.bactrian.wire.Code;
import io.bactrian.wire.FrameReader;
import io.bactrian.wire.FrameWriter;
import io.bactrian.wire.WireException;
import org.jspecify.annotations.Nullable;

/** An entry of a publisher's outbox; {@link OutboxReplay} reads it back. */
public sealed interface OutboxEntry {
    /** The first octet of what is no batch. */
    int CONTROL = 0;

    /** A kind, the second octet. */
    int ACCEPTED = 1;

    /** A kind, the second octet. */
    int RENUMBERED = 2;

    /** A batch was closed. Its epoch is 0 as long as the hub has not said where this topic stands. */
    record Closed(Batch batch) implements OutboxEntry {}

    /**
     * Everything of this topic up to the sequence is accepted, and every refusal so far was told. Need not be synced at
     * once.
     */
    record Accepted(String topic, long sequence) implements OutboxEntry {}

    /**
     * Records that what waits below {@code from} was refused for good, and that the rest is numbered anew from {@code to},
     * under an epoch that is not 0.
     *
     * @param code why it was refused, null if nothing was
     */
    record Renumbered(
            String topic,
            long from,
            long to,
            long epoch,
            @Nullable Code code) implements OutboxEntry {}

    /** The octets to store: a batch as on the wire, or 0, a kind, its numbers and the topic. */
    default byte[] encode() {
        if (this instanceof Closed closed) {
            return closed.batch().bytes();
        } else if (this instanceof Accepted accepted) {
            return new FrameWriter(64)
                    .u8(CONTROL)
                    .u8(ACCEPTED)
                    .u64(accepted.sequence())
                    .text(accepted.topic())
                    .done();
        }
        Renumbered renumbered = (Renumbered) this;
        Code code = renumbered.code();
        return new FrameWriter(64)
                .u8(CONTROL)
                .u8(RENUMBERED)
                .u8(code == null ? 0 : code.number())
                .u64(renumbered.from())
                .u64(renumbered.to())
                .u64(renumbered.epoch())
                .text(renumbered.topic())
                .done();
    }

    /**
     * Reads what {@link #encode} has written.
     *
     * @throws IllegalArgumentException if these are no octets of an entry
     */
    static OutboxEntry decode(byte[] octets) {
        if (octets.length == 0 || octets[0] != CONTROL) {
            return new Closed(Batch.parseTrusted(octets));
        }
        FrameReader<IllegalArgumentException> in = new FrameReader<>(octets, 1, octets.length, OutboxEntry::malformed);
        int kind = in.u8();
        if (kind == ACCEPTED) {
            long sequence = in.bits64();
            return new Accepted(in.text(in.remaining()), sequence);
        } else if (kind == RENUMBERED) {
            Code code = code(in.u8());
            long from = in.bits64();
            long to = in.bits64();
            long epoch = in.bits64();
            return new Renumbered(in.text(in.remaining()), from, to, epoch, code);
        }
        throw malformed("kind " + kind + " is not known");
    }

    private static IllegalArgumentException malformed(String text) {
        return new IllegalArgumentException("not an entry of an outbox: " + text);
    }

    private static @Nullable Code code(int number) {
        try {
            return number == 0 ? null : Code.of(number);
        } catch (WireException e) {
            throw new IllegalArgumentException("not an entry of an outbox", e);
        }
    }
}
