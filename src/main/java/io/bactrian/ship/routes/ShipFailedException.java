package io.bactrian.ship.routes;

import java.io.Serial;

/** Says that a folder was not shipped, or not all of it. */
public final class ShipFailedException extends Exception {
    @Serial
    private static final long serialVersionUID = 1L;

    ShipFailedException(String message) {
        super(message);
    }
}
