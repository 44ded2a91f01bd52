package io.bactrian.pubsub.client;

import io.bactrian.wire.Code;

/** The hub refuses a message or a request for good. */
public final class RefusedException extends BactrianException {
    private static final long serialVersionUID = 1;

    private final Code code;

    public RefusedException(String what, Code code, String text) {
        super(what + ": " + code.label() + ": " + text);
        this.code = code;
    }

    /** The protocol's code. */
    public Code code() {
        return code;
    }
}
