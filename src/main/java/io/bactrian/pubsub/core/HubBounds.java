package io.bactrian.pubsub.core;

import io.bactrian.wire.Code;
import io.bactrian.wire.Command;

/**
 * The bounds of a hub, as it has told them.
 *
 * @param batchBytesMax octets of a batch
 * @param messageBytesMax octets of a record
 */
record HubBounds(int batchBytesMax, int messageBytesMax) {
    /** Of a hub that has said nothing yet. */
    static final HubBounds NONE = new HubBounds(Integer.MAX_VALUE, Integer.MAX_VALUE);

    static HubBounds of(Command.Welcome welcome) {
        return new HubBounds(welcome.maxBatch(), welcome.maxMessage());
    }

    boolean fits(SealedBatch batch) {
        return batch.fits(batchBytesMax, messageBytesMax);
    }

    /** The refusal of a batch of one record that does not fit. */
    OutboxOrder.Failure refusal(SealedBatch batch) {
        long record = batch.recordBytes() - 4;
        if (record > messageBytesMax) {
            return new OutboxOrder.Failure(
                    batch,
                    Code.MESSAGE_TOO_LARGE,
                    "message of " + record + " octets, at most " + messageBytesMax
                            + " are allowed: see bactrian.hub.message.max");
        }
        return new OutboxOrder.Failure(
                batch,
                Code.BATCH_TOO_LARGE,
                "message that makes a batch of " + batch.batch().bytes().length + " octets, at most " + batchBytesMax
                        + " are allowed: see bactrian.hub.batch.max");
    }
}
