package io.bactrian.pubsub.core;

import io.bactrian.wire.Code;
import org.jspecify.annotations.Nullable;

/** Says whether a topic takes more. */
@FunctionalInterface
public interface TopicBounds {
    /**
     * Asks for room, which is taken if there is some.
     *
     * @param bytes what would be appended
     * @return null if there is room, otherwise the bound that was reached
     */
    @Nullable Code refuses(String topic, int bytes, long nowMs);
}
