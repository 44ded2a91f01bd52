package io.bactrian.pubsub.core;

import java.time.Duration;
import java.util.Map;

/**
 * The bounds of all topics: those of the longest prefix that fits, or the general ones.
 *
 * @param totalBytes what every subscription has is kept while the whole log has no more than these
 */
public record RetentionRules(Rule general, Map<String, Rule> byPrefix, long totalBytes, OnFull onFull) {
    /** The action at the bound of a topic. */
    public enum OnFull {
        /** The topic takes no more. */
        REFUSE,
        /** The slowest subscribers give up the oldest messages. */
        EXPIRE
    }

    /**
     * The bounds of a topic.
     *
     * @param age messages that every subscription has are kept so long
     * @param bytes and while the topic has no more than these
     */
    public record Rule(Duration age, long bytes) {}

    public RetentionRules {
        byPrefix = Map.copyOf(byPrefix);
    }

    Rule of(String topic) {
        return byPrefix.entrySet().stream()
                .filter(e -> topic.startsWith(e.getKey()))
                .max((a, b) -> Integer.compare(a.getKey().length(), b.getKey().length()))
                .map(Map.Entry::getValue)
                .orElse(general);
    }
}
