package io.bactrian.simulation;

import java.io.Serial;

/** A promise was broken in a run; the message names the seed that replays it. */
final class Broken extends AssertionError {
    @Serial
    private static final long serialVersionUID = 1L;

    Broken(String message) {
        super(message);
    }

    Broken(String message, Throwable cause) {
        super(message, cause);
    }
}
