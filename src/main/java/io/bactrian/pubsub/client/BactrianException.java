package io.bactrian.pubsub.client;

import org.jspecify.annotations.Nullable;

/** Something that a client was asked for cannot be done; the message says what and why. */
public class BactrianException extends RuntimeException {
    private static final long serialVersionUID = 1;

    public BactrianException(String message) {
        super(message);
    }

    public BactrianException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
