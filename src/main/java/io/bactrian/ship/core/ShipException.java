package io.bactrian.ship.core;

import java.io.Serial;

/** Says why a frame, a file or a whole round of shipping was refused; the cause is counted and goes over the wire. */
public final class ShipException extends Exception {
    @Serial
    private static final long serialVersionUID = 1L;

    private final ShipErrorCode cause;

    public ShipException(ShipErrorCode cause, String text) {
        super(text, null, false, false);
        this.cause = cause;
    }

    /** Octets that are no frame of shipping. */
    static ShipException malformed(String text) {
        return new ShipException(ShipErrorCode.MALFORMED, text);
    }

    /** The cause as it is counted. */
    public ShipErrorCode reason() {
        return cause;
    }

    /** The reason in words. */
    public String text() {
        String message = getMessage();
        return message == null ? cause.label() : message;
    }
}
