package io.bactrian.discovery.core;

/** Says why a registration, a query or a message of a peer is refused, in one line that may be sent to the peer. */
public final class RequestRefusedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public RequestRefusedException(String reason) {
        super(reason, null, false, false);
    }

    /** The reason in one line. */
    public String reason() {
        return String.valueOf(getMessage());
    }
}
