package io.bactrian.pubsub.routes;

import java.util.concurrent.atomic.LongAdder;

/** The counts of a hub since its start. Thread-safe. */
final class HubCounters {
    private final LongAdder plainIn = new LongAdder();
    private final LongAdder plainOut = new LongAdder();

    void plainIn(long messages) {
        plainIn.add(messages);
    }

    void plainOut(long messages) {
        plainOut.add(messages);
    }

    /** Messages of plain PUB peers that are logged. */
    long plainIn() {
        return plainIn.sum();
    }

    /** Messages handed to plain SUB peers. */
    long plainOut() {
        return plainOut.sum();
    }
}
