package io.bactrian.wire;

/** What a subscription's pattern names. The order is that of the octets on the wire. */
public enum PatternKind {
    /** The one topic of this name. */
    TOPIC,
    /** Every topic that begins with these octets. */
    PREFIX;

    private static final PatternKind[] BY_NUMBER = values();

    /** The octet on the wire. */
    public int number() {
        return ordinal();
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
