package io.bactrian.pubsub.client;

import io.bactrian.wire.PatternKind;

/**
 * The pattern of a subscription.
 *
 * @param text a topic, or the octets with which topics begin; empty for the prefix of all
 */
public record Pattern(PatternKind kind, String text) {
    private static final String ALL = "*";

    /**
     * Reads a topic, or a prefix if it ends in an asterisk: {@code readings/*}; a lone asterisk is every topic. A topic that
     * itself ends in an asterisk is written with a backslash before it, and a backslash there with another.
     */
    public static Pattern parse(String topicOrPrefix) {
        if (!topicOrPrefix.endsWith(ALL)) {
            return new Pattern(PatternKind.TOPIC, topicOrPrefix);
        }
        String before = topicOrPrefix.substring(0, topicOrPrefix.length() - 1);
        String text = before.replaceFirst("\\\\+\\z", "");
        int escapes = before.length() - text.length();
        String literal = text + "\\".repeat(escapes / 2);
        return escapes % 2 == 1
                ? new Pattern(PatternKind.TOPIC, literal + ALL)
                : new Pattern(PatternKind.PREFIX, literal);
    }

    /**
     * The topic that a text names, as {@link #parse} reads it.
     *
     * @throws IllegalArgumentException if it names none, or a prefix
     */
    static String topic(String text) {
        Pattern pattern = parse(text);
        if (text.isEmpty() || pattern.kind() == PatternKind.PREFIX) {
            throw new IllegalArgumentException("the topic '" + text + "' is "
                    + (text.isEmpty() ? "empty" : "a prefix")
                    + ": a producer needs a topic, and one that ends in an asterisk is written \\*");
        }
        return pattern.text();
    }

    /** As {@link #parse} reads it. */
    @Override
    public String toString() {
        return kind.write(text);
    }
}
