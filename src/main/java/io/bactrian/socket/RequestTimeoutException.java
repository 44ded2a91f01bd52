package io.bactrian.socket;

/** A request had no answer in time. Whether the peer acted on it is unknown. */
public final class RequestTimeoutException extends SendFailedException {
    private static final long serialVersionUID = 1L;

    RequestTimeoutException(long timeoutMs, int retries) {
        super("no answer requestTimeout=" + timeoutMs + " ms retries=" + retries);
    }
}
