package io.bactrian.pubsub.routes;

import io.bactrian.journal.log.NewEntry;
import io.bactrian.pubsub.core.HubMachine;
import io.bactrian.wire.Batch;
import java.util.Iterator;
import java.util.List;

/**
 * The body of {@code take-plain}: the batches that were made of the messages of plain PUB peers. The step {@code journal:hub}
 * appends what it iterates over, which is a batch an entry.
 *
 * @param hub the life of the hub that takes them in
 */
public record PlainRound(HubMachine hub, List<Batch> batches) implements Iterable<NewEntry> {
    @Override
    public Iterator<NewEntry> iterator() {
        return batches.stream()
                .map(batch -> new NewEntry(batch.count(), batch.bytes()))
                .iterator();
    }

    /** Numbers, sizes and topics only, for logs. */
    @Override
    public String toString() {
        return "PlainRound" + batches;
    }
}
