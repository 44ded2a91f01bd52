package io.bactrian.ship.core;

/** Why something was refused or failed. The numbers are those of the protocol and never change. */
public enum ShipErrorCode {
    MALFORMED(1, "malformed"),
    UNSUPPORTED_VERSION(2, "unsupported-version"),
    UNKNOWN_SESSION(3, "unknown-session"),
    BUSY(4, "busy"),
    TOO_MANY_SESSIONS(5, "too-many-sessions"),
    TOO_MANY_ENTRIES(6, "too-many-entries"),
    BAD_NAME(7, "bad-name"),
    NAME_COLLISION(8, "name-collision"),
    IN_THE_WAY(9, "in-the-way"),
    TOO_LARGE(10, "too-large"),
    NO_SPACE(11, "no-space"),
    IO_ERROR(12, "io-error"),
    BASE_CHANGED(13, "base-changed"),
    VERIFY_FAILED(14, "verify-failed"),
    NOT_ADMITTED(15, "not-admitted"),
    TOO_MANY_FILES(16, "too-many-files");

    private static final ShipErrorCode[] BY_NUMBER = values();

    private final int number;
    private final String label;

    ShipErrorCode(int number, String label) {
        this.number = number;
        this.label = label;
    }

    /** The octet on the wire. */
    public int number() {
        return number;
    }

    /** The name in the protocol, in logs and in counters. */
    public String label() {
        return label;
    }

    /**
     * The cause of an octet.
     *
     * @throws ShipException {@link #MALFORMED} if there is no such cause
     */
    static ShipErrorCode of(int number) throws ShipException {
        if (number < 1 || number > BY_NUMBER.length) {
            throw new ShipException(MALFORMED, "no cause " + number);
        }
        return BY_NUMBER[number - 1];
    }
}
