package io.bactrian.pubsub.client;

/** The output of a subscriber has content, but its cursor, which says what is in it, is not there. */
public final class OutputWithoutCursorException extends BactrianException {
    private static final long serialVersionUID = 1;

    OutputWithoutCursorException(String message) {
        super(message);
    }
}
