package io.bactrian.pubsub.client;

import java.util.concurrent.CompletableFuture;

/** The promise that the caller of a put holds, attached to the message under way. */
final class PendingPut extends CompletableFuture<Accepted> {
    /** Whether the outbox is enough for it. */
    final boolean untilKept;

    PendingPut(boolean untilKept) {
        this.untilKept = untilKept;
    }
}
