package io.bactrian.pubsub.core;

import io.bactrian.wire.Code;
import java.util.ArrayDeque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The order between a publisher's outbox and the hub: a batch is sent once the outbox has it, and a refusal is told once the outbox
 * cannot bring the batch back. Not thread-safe.
 */
final class OutboxOrder {
    /** A batch that was refused for good. */
    record Failure(SealedBatch batch, Code code, String text) {}

    private final PublisherOutput output;
    /** Topics that have something to send once the outbox is synced. */
    private final Set<PublisherTopic> waiting = new LinkedHashSet<>();

    private final ArrayDeque<SealedBatch> unsynced = new ArrayDeque<>();
    private final ArrayDeque<Failure> failures = new ArrayDeque<>();
    private long written;
    private long synced;

    OutboxOrder(PublisherOutput output) {
        this.output = output;
    }

    /** A topic waits for the next sync. */
    void waits(PublisherTopic topic) {
        waiting.add(topic);
    }

    /** A batch was closed. */
    void closed(PublisherTopic topic, SealedBatch batch) {
        unsynced.add(batch);
        batch.storeMark(++written);
        waiting.add(topic);
        output.store(new OutboxEntry.Closed(batch.batch()));
    }

    /** The hub has all of a topic up to a sequence. */
    void accepted(PublisherTopic topic, long sequence) {
        written++;
        output.store(new OutboxEntry.Accepted(topic.name(), sequence));
    }

    /**
     * The batches that wait in a topic have other sequences or another epoch.
     *
     * @param refused why the first was taken out, null if it was not
     */
    void renumbered(PublisherTopic topic, long from, long to, long epoch, @Nullable Code refused) {
        written++;
        topic.waiting().forEach(batch -> batch.storeMark(written));
        waiting.add(topic);
        output.store(new OutboxEntry.Renumbered(topic.name(), from, to, epoch, refused));
    }

    /** A refusal to be told once everything up to now is synced. */
    void tellLater(Failure failure) {
        failure.batch().storeMark(written);
        failures.add(failure);
    }

    /** A refusal of a former life, which may not have told it. */
    void recovered(Failure failure) {
        failures.add(failure);
    }

    /**
     * So much is synced.
     *
     * @param entries the number of entries given to {@link PublisherOutput#store} since the start that are safe
     */
    void synced(long entries) {
        synced = Math.max(synced, entries);
        while (!unsynced.isEmpty() && isSynced(unsynced.element())) {
            output.kept(unsynced.remove());
        }
    }

    boolean isSynced(SealedBatch batch) {
        return batch.storeMark() <= synced;
    }

    /** Whether every closed batch is synced. */
    boolean isIdle() {
        return unsynced.isEmpty();
    }

    /** Takes the next refusal that may be told; null if there is none. */
    @Nullable Failure nextFailure() {
        return failures.isEmpty() || !isSynced(failures.element().batch()) ? null : failures.remove();
    }

    boolean hasFailures() {
        return !failures.isEmpty();
    }

    /** The topics that wait for a sync, as they are now. */
    List<PublisherTopic> waiting() {
        return List.copyOf(waiting);
    }

    /** A topic waits no longer if everything in it is closed and synced. */
    void dropIfSynced(PublisherTopic topic) {
        if (topic.builder().isEmpty()
                && (topic.waiting().isEmpty() || isSynced(topic.waiting().getLast()))) {
            waiting.remove(topic);
        }
    }
}
