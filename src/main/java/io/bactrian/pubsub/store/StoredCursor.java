package io.bactrian.pubsub.store;

import java.util.OptionalLong;

/**
 * Where a subscriber stands, as its own database keeps it.
 *
 * @param generation how often the hub has rewound this cursor
 * @param logEpoch the log epoch in which the position counts
 * @param position the last position that is processed, 0 if none
 * @param outputLength the length of the output file in octets when the position was processed, if there is a file
 */
public record StoredCursor(long generation, long logEpoch, long position, OptionalLong outputLength) {
    /** A cursor of a subscriber without an output file. */
    public StoredCursor(long generation, long logEpoch, long position) {
        this(generation, logEpoch, position, OptionalLong.empty());
    }
}
