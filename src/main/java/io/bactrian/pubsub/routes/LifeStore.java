package io.bactrian.pubsub.routes;

import io.bactrian.pubsub.core.Checkpoint;
import io.bactrian.pubsub.core.ControlRecord;
import io.bactrian.pubsub.core.HubSnapshots;
import io.bactrian.pubsub.core.HubState;
import io.bactrian.pubsub.store.HubStore;
import io.bactrian.support.database.Databases;
import io.bactrian.support.database.StoreException;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The tables of one life of a hub. A life keeps what it begins with: what it writes rests on what it has read. So other tables take their
 * place only when they have been given all that these hold. Thread-safe.
 */
final class LifeStore implements HubSnapshots {
    private final Runnable moved;

    /** Written while the monitor is held. */
    private volatile HubStore store;

    private volatile boolean standsIn;
    private volatile boolean isAway;
    private @Nullable HubStore offered;

    /**
     * Begins with tables.
     *
     * @param standsIn whether they stand in for those of a database that does not answer
     * @param moved is run when other tables have taken the place of those that stand in
     */
    LifeStore(HubStore store, boolean standsIn, Runnable moved) {
        this.store = store;
        this.standsIn = standsIn;
        this.moved = moved;
    }

    /** The tables as they are for readers. */
    HubStore tables() {
        return store;
    }

    /** Whether its database did not answer when it was asked last. */
    boolean isAway() {
        return isAway;
    }

    @Override
    public boolean standsIn() {
        return standsIn;
    }

    /** The next checkpoint goes to these tables, which get all that is held here first. */
    synchronized void moveTo(HubStore other) {
        offered = other;
    }

    @Override
    public HubState load() {
        return asking(() -> store.load());
    }

    @Override
    public void apply(List<ControlRecord> records) {
        telling(() -> store.apply(records));
    }

    @Override
    public void clear() {
        telling(() -> store.clear());
    }

    @Override
    public void checkpoint(Checkpoint checkpoint) {
        telling(() -> {
            HubStore next = offered;
            offered = null;
            if (next != null) {
                next.takeOver(store);
                store = next;
                standsIn = false;
                moved.run();
            }
            store.checkpoint(checkpoint);
        });
    }

    @Override
    public void touchPublishers(Map<String, Long> lastSeenMs) {
        telling(() -> store.touchPublishers(lastSeenMs));
    }

    private void telling(Runnable change) {
        asking(() -> {
            change.run();
            return "";
        });
    }

    private synchronized <T> T asking(Supplier<T> work) {
        try {
            T result = work.get();
            isAway = false;
            return result;
        } catch (StoreException e) {
            isAway = Databases.isAway(e);
            throw e;
        }
    }
}
