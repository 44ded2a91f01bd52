package io.bactrian.wire;

import java.io.Serial;

/** Says that octets from outside break the protocol, and with which code to answer. */
public final class WireException extends Exception {
    @Serial
    private static final long serialVersionUID = 1L;

    private final Code code;

    public WireException(Code code, String text) {
        super(text, null, false, false);
        this.code = code;
    }

    /** Octets that are no frame of the protocol. */
    static WireException malformed(String text) {
        return new WireException(Code.MALFORMED, text);
    }

    public Code code() {
        return code;
    }

    /** The reason in words; never holds octets of the frame. */
    public String text() {
        String message = getMessage();
        return message == null ? code.label() : message;
    }
}
