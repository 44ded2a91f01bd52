package io.bactrian.pubsub.core;

import io.bactrian.wire.Batch;
import io.bactrian.wire.Code;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads an outbox back after a start: feed it every entry in order, then hand it to a {@link PublisherCore}. */
public final class OutboxReplay {
    /** A batch that was refused for good, which the former life may not have told. */
    record Refused(Batch batch, Code code) {}

    /** What is known of one topic. */
    static final class Topic {
        final ArrayDeque<Batch> waiting = new ArrayDeque<>();
        final List<Refused> refused = new ArrayList<>();
        long accepted;
    }

    private final Map<String, Topic> topics = new LinkedHashMap<>();

    /** Takes the next entry. */
    public void read(OutboxEntry entry) {
        if (entry instanceof OutboxEntry.Closed closed) {
            topic(closed.batch().topic()).waiting.add(closed.batch());
        } else if (entry instanceof OutboxEntry.Accepted accepted) {
            topic(accepted.topic()).refused.clear();
            decided(topic(accepted.topic()), accepted.sequence());
        } else if (entry instanceof OutboxEntry.Renumbered renumbered) {
            Topic topic = topic(renumbered.topic());
            Code code = renumbered.code();
            while (code != null
                    && !topic.waiting.isEmpty()
                    && topic.waiting.element().last() < renumbered.from()) {
                topic.refused.add(new Refused(topic.waiting.remove(), code));
            }
            Batch partly = topic.waiting.peek();
            if (code != null && partly != null && partly.sequence() < renumbered.from()) {
                // It was cut after it was closed, and one of the pieces was refused.
                topic.waiting.remove();
                topic.waiting.addFirst(partly.from(renumbered.from()));
                topic.refused.add(new Refused(partly.slice(0, (int) (renumbered.from() - partly.sequence())), code));
            }
            List<Batch> moved = new ArrayList<>(topic.waiting);
            topic.waiting.clear();
            long shift = renumbered.to() - renumbered.from();
            for (Batch batch : moved) {
                topic.waiting.add(batch.numbered(renumbered.epoch(), batch.sequence() + shift));
            }
            if (shift != 0) {
                topic.accepted = renumbered.to() - 1;
            }
        }
    }

    private Topic topic(String name) {
        return topics.computeIfAbsent(name, key -> new Topic());
    }

    private static void decided(Topic topic, long sequence) {
        topic.accepted = Math.max(topic.accepted, sequence);
        while (!topic.waiting.isEmpty() && topic.waiting.element().last() <= sequence) {
            topic.waiting.remove();
        }
        Batch first = topic.waiting.peek();
        if (first != null && first.sequence() <= sequence) {
            topic.waiting.remove();
            topic.waiting.addFirst(first.from(sequence + 1));
        }
    }

    /** How many batches are not decided. */
    public int waiting() {
        return topics.values().stream().mapToInt(topic -> topic.waiting.size()).sum();
    }

    Map<String, Topic> topics() {
        return topics;
    }
}
