package io.bactrian.pubsub.client;

/** As much is waiting for the hub as may wait, and nothing was accepted for the whole block time. */
public final class WindowFullException extends BactrianException {
    private static final long serialVersionUID = 1;

    public WindowFullException(String message) {
        super(message);
    }
}
