package io.bactrian.app;

import org.jspecify.annotations.Nullable;

/** Ends a command with a message for the person who called it, and no stack trace. */
public final class CommandFailedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public CommandFailedException(String message) {
        super(message);
    }

    public CommandFailedException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
