package io.bactrian.pubsub.store;

import io.bactrian.pubsub.core.SubscriberCursor;
import java.util.OptionalLong;

/**
 * Where a subscriber stands, as its own database keeps it.
 *
 * @param outputLength the length of the output file in octets when the position was processed, if there is a file
 */
public record StoredCursor(SubscriberCursor cursor, OptionalLong outputLength) {}
