package io.bactrian.gateway.core;

/** Says what is wrong with a request, in words for the one who sent it. It is the caller's fault and no event for an operator. */
public final class BadRequestException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public BadRequestException(String message) {
        // Made for each bad request of a peer, so it must cost little.
        super(message, null, false, false);
    }
}
