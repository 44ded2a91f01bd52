package io.bactrian.pubsub.routes;

import io.bactrian.journal.log.NewEntry;
import io.bactrian.pubsub.core.HubMachine;
import io.bactrian.pubsub.core.IntakeRound;
import java.util.Iterator;

/**
 * The body of {@code take-in}: the commands and batches of publishers that are taken in together. The step {@code journal:hub}
 * appends what it iterates over, which is a batch an entry, and none before the step {@code admit}.
 *
 * @param hub the life of the hub that takes it in
 * @param arrivedNanos when it arrived, by {@link System#nanoTime}
 */
public record PublisherRound(HubMachine hub, IntakeRound round, long arrivedNanos) implements Iterable<NewEntry> {
    @Override
    public Iterator<NewEntry> iterator() {
        return round.admitted().stream()
                .map(batch -> new NewEntry(batch.count(), batch.bytes()))
                .iterator();
    }

    /** Numbers only, for logs. */
    @Override
    public String toString() {
        return "PublisherRound[" + round + "]";
    }
}
