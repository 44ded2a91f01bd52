package io.bactrian.ship.routes;

import io.bactrian.ship.core.ShipSummary;
import java.io.Serial;
import org.jspecify.annotations.Nullable;

/** Says that a folder was not shipped, or not all of it. */
public final class ShipFailedException extends Exception {
    @Serial
    private static final long serialVersionUID = 1L;

    private final transient @Nullable ShipSummary summary;

    ShipFailedException(String message, @Nullable ShipSummary summary) {
        super(message);
        this.summary = summary;
    }

    /** Returns the summary of what was done all the same; null if nothing is known of it. */
    public @Nullable ShipSummary summary() {
        return summary;
    }
}
