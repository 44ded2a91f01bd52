package io.bactrian.pubsub.client;

import java.util.concurrent.CompletableFuture;

/** What is attached to a message under way: the promise that its caller holds. */
final class PendingPut extends CompletableFuture<Accepted> {
    /** Whether the outbox is enough for it. */
    final boolean untilKept;

    PendingPut(boolean untilKept) {
        this.untilKept = untilKept;
    }
}
