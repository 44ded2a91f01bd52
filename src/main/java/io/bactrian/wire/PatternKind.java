package io.bactrian.wire;

/** What a subscription's pattern names. The numbers are those of the protocol and never change. */
public enum PatternKind {
    /** The one topic of this name. */
    TOPIC(0),
    /** Every topic that begins with these octets. */
    PREFIX(1);

    private static final PatternKind[] BY_NUMBER = values();

    private final int number;

    PatternKind(int number) {
        this.number = number;
    }

    /** The octet on the wire. */
    public int number() {
        return number;
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
