package io.bactrian.pubsub.core;

import java.util.HashMap;
import java.util.Map;

/** How much a take adds to each topic before it is in the log. Not thread-safe. */
public final class TopicBytes {
    private final Map<String, Long> topics = new HashMap<>();
    private int fresh;

    /**
     * Adds to a topic.
     *
     * @param isNew whether the log holds nothing of the topic
     */
    void add(String topic, long bytes, boolean isNew) {
        if (topics.put(topic, of(topic) + bytes) == null && isNew) {
            fresh++;
        }
    }

    boolean holds(String topic) {
        return topics.containsKey(topic);
    }

    long of(String topic) {
        return topics.getOrDefault(topic, 0L);
    }

    /** How many of the topics are new to the log. */
    int fresh() {
        return fresh;
    }

    void clear() {
        topics.clear();
        fresh = 0;
    }
}
