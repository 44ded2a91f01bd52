package io.bactrian.wire;

/** Where a new subscription begins. The numbers are those of the protocol and never change. */
public enum StartFrom {
    /** At the oldest message that the hub keeps. */
    OLDEST(0),
    /** At the next message that the hub logs. */
    NOW(1),
    /** At a given position of the log. */
    POSITION(2),
    /** At the first message that was logged at a given time or after it. */
    TIME(3);

    private static final StartFrom[] BY_NUMBER = values();

    private final int number;

    StartFrom(int number) {
        this.number = number;
    }

    /** The octet on the wire. */
    public int number() {
        return number;
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
