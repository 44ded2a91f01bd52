package io.bactrian.pubsub.core;

import io.bactrian.wire.Batch;
import io.bactrian.wire.Code;
import io.bactrian.wire.WireException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** What a publisher's outbox holds, entry after entry; {@link OutboxReplay} reads it back. */
public sealed interface OutboxEntry {
    /** A batch was closed. Its epoch is 0 as long as the hub has not said where this topic stands. */
    record Closed(Batch batch) implements OutboxEntry {}

    /**
     * Everything of this topic up to the sequence is accepted, and every refusal so far was told. Need not be synced at
     * once.
     */
    record Accepted(String topic, long sequence) implements OutboxEntry {}

    /**
     * What waits below {@code from} was refused for good, and what is at or above it is numbered anew from {@code to},
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
            byte[] topic = accepted.topic().getBytes(StandardCharsets.UTF_8);
            return ByteBuffer.allocate(10 + topic.length)
                    .put((byte) 0)
                    .put((byte) 1)
                    .putLong(accepted.sequence())
                    .put(topic)
                    .array();
        }
        Renumbered renumbered = (Renumbered) this;
        byte[] topic = renumbered.topic().getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(27 + topic.length)
                .put((byte) 0)
                .put((byte) 2)
                .put((byte) (renumbered.code() == null ? 0 : renumbered.code().number()))
                .putLong(renumbered.from())
                .putLong(renumbered.to())
                .putLong(renumbered.epoch())
                .put(topic)
                .array();
    }

    /**
     * Reads what {@link #encode} has written.
     *
     * @throws IllegalArgumentException if these are no octets of an entry
     */
    static OutboxEntry decode(byte[] octets) {
        if (octets.length > 10 && octets[0] == 0 && octets[1] == 1) {
            ByteBuffer in = ByteBuffer.wrap(octets, 2, octets.length - 2);
            return new Accepted(text(octets, 10), in.getLong(2));
        } else if (octets.length > 27 && octets[0] == 0 && octets[1] == 2) {
            ByteBuffer in = ByteBuffer.wrap(octets);
            return new Renumbered(text(octets, 27), in.getLong(3), in.getLong(11), in.getLong(19), code(octets[2]));
        }
        return new Closed(Batch.parseTrusted(octets));
    }

    private static @Nullable Code code(int number) {
        try {
            return number == 0 ? null : Code.of(number);
        } catch (WireException e) {
            throw new IllegalArgumentException("not an entry of an outbox", e);
        }
    }

    private static String text(byte[] octets, int from) {
        return new String(octets, from, octets.length - from, StandardCharsets.UTF_8);
    }
}
