package io.bactrian.wire;

/** Why a range of positions is gone. The numbers are those of the protocol and never change. */
public enum Cause {
    /** Nothing is gone. */
    NONE(0),
    /** The log that held them was lost in a takeover or a restore. */
    CUT(1),
    /** Retention had deleted them. */
    PURGED(2),
    /** A full topic gave them up ({@code onFull=expire}). */
    EXPIRED(3),
    /** The hub's disk has damaged them, and they were cut out or skipped. */
    DAMAGED(4);

    private static final Cause[] BY_NUMBER = values();

    private final int number;

    Cause(int number) {
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
    public static Cause of(int number) throws WireException {
        if (number < 0 || number >= BY_NUMBER.length) {
            throw new WireException(Code.MALFORMED, "no cause " + number);
        }
        return BY_NUMBER[number];
    }
}
