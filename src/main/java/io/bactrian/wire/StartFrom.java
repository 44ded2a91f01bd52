package io.bactrian.wire;

/** Where a new subscription begins. The order is that of the octets on the wire. */
public enum StartFrom {
    /** At the oldest message that the hub keeps. */
    OLDEST,
    /** At the next message that the hub logs. */
    NOW,
    /** At a given position of the log. */
    POSITION;

    private static final StartFrom[] BY_NUMBER = values();

    /** The octet on the wire. */
    public int number() {
        return ordinal();
    }

    /**
     * The value of an octet.
     *
     * @throws WireException {@link Code#MALFORMED} if there is none
     */
    public static StartFrom of(int number) throws WireException {
        if (number < 0 || number >= BY_NUMBER.length) {
            throw new WireException(Code.MALFORMED, "no start " + number);
        }
        return BY_NUMBER[number];
    }
}
