package io.bactrian.pubsub.client;

import io.bactrian.wire.PatternKind;

/**
 * What a subscription names.
 *
 * @param text a topic, or the octets with which topics begin; empty for the prefix of all
 */
public record Pattern(PatternKind kind, String text) {
    /** Reads a topic, or a prefix if it ends in an asterisk: {@code readings/*}; a lone asterisk is every topic. */
    public static Pattern parse(String topicOrPrefix) {
        return topicOrPrefix.endsWith("*")
                ? new Pattern(PatternKind.PREFIX, topicOrPrefix.substring(0, topicOrPrefix.length() - 1))
                : new Pattern(PatternKind.TOPIC, topicOrPrefix);
    }

    @Override
    public String toString() {
        return kind == PatternKind.PREFIX ? text + "*" : text;
    }
}
