package io.bactrian.pubsub.core;

import java.io.Serial;

/** A life of a hub has ended, so nothing is logged in its name any more. Clients ask again, and are told. */
public final class LifeEndedException extends IllegalStateException {
    @Serial
    private static final long serialVersionUID = 1L;

    LifeEndedException(String message) {
        super(message);
    }
}
