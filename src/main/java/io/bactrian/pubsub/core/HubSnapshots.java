package io.bactrian.pubsub.core;

import java.util.List;
import java.util.Map;

/**
 * The place where a hub keeps its state beside its log: a database. Each method happens whole or not at all, and throws an
 * unchecked exception if it does not; the call can then be repeated.
 */
public interface HubSnapshots {
    /** All that is kept, as it was at one moment. */
    HubState load();

    /** Applies records in their order. They are durable on return. */
    void apply(List<ControlRecord> records);

    /**
     * Whether this place stands in for another one that cannot be reached, of which nobody knows what it holds. It is empty at first, and
     * what is kept here is later all that is kept there.
     */
    default boolean standsIn() {
        return false;
    }

    /** Forgets all that is kept, as its log is another one. Durable on return. */
    void clear();

    /** Keeps a checkpoint. It is durable on return. */
    void checkpoint(Checkpoint checkpoint);

    /** Keeps when publishers were last heard, in ms since 1970. Need not be durable on return. */
    void touchPublishers(Map<String, Long> lastSeenMs);
}
