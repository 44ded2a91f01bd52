package io.bactrian.zeromq.socket;

/** A request had no answer in time. Whether the peer acted on it is unknown. */
public final class RequestTimeoutException extends SendFailedException {
    private static final long serialVersionUID = 1L;

    private final long timeoutMs;

    RequestTimeoutException(long timeoutMs, int retries) {
        super("no answer requestTimeout=" + timeoutMs + " ms retries=" + retries);
        this.timeoutMs = timeoutMs;
    }

    /** How long the answer was awaited; for each try if there were several. */
    public long timeoutMs() {
        return timeoutMs;
    }
}
