package io.bactrian.wire;

import java.util.regex.Pattern;

/** The kind of a subscription's pattern. The numbers are those of the protocol and never change. */
public enum PatternKind {
    /** The one topic of this name. */
    TOPIC(0),
    /** Every topic that begins with these octets. */
    PREFIX(1);

    private static final PatternKind[] BY_NUMBER = values();
    private static final Pattern BACKSLASHES_AT_END = Pattern.compile("\\\\+\\z");

    private final int number;

    PatternKind(int number) {
        this.number = number;
    }

    /** The octet on the wire. */
    public int number() {
        return number;
    }

    /** Whether a pattern of this kind speaks of a topic. */
    public boolean covers(String pattern, String topic) {
        return this == TOPIC ? topic.equals(pattern) : topic.startsWith(pattern);
    }

    /**
     * Throws unless a subscription can name this.
     *
     * @throws IllegalArgumentException if the text is empty, but for the prefix of all topics, or too long, or no text
     */
    public void check(String pattern) {
        if (this == TOPIC) {
            Text.check(pattern, 1, "topic");
        } else {
            Text.check(pattern, 0, "prefix");
        }
    }

    /**
     * A pattern as people give it: a prefix has an asterisk at its end. A topic that itself ends in an asterisk has a
     * backslash before
     * it, and each backslash there has another.
     */
    public String write(String pattern) {
        if (this == TOPIC && !pattern.endsWith("*")) {
            return pattern;
        }
        String before = this == TOPIC ? pattern.substring(0, pattern.length() - 1) : pattern;
        return BACKSLASHES_AT_END.matcher(before).replaceFirst("$0$0") + (this == TOPIC ? "\\*" : "*");
    }

    /**
     * The value of an octet.
     *
     * @throws WireException {@link Code#MALFORMED} if there is none
     */
    public static PatternKind of(int number) throws WireException {
        if (number < 0 || number >= BY_NUMBER.length) {
            throw new WireException(Code.MALFORMED, "no pattern kind " + number);
        }
        return BY_NUMBER[number];
    }
}
