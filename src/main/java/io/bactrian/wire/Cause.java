package io.bactrian.wire;

/** Why a range of positions is gone. The order is that of the octets on the wire. */
public enum Cause {
    /** Nothing is gone. */
    NONE,
    /** The log that held them was lost in a takeover or a restore. */
    CUT,
    /** Retention had deleted them. */
    PURGED,
    /** A full topic gave them up ({@code onFull=expire}). */
    EXPIRED;

    private static final Cause[] BY_NUMBER = values();

    /** The octet on the wire. */
    public int number() {
        return ordinal();
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
