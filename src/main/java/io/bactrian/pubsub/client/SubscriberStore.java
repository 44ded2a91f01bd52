package io.bactrian.pubsub.client;

import com.zaxxer.hikari.HikariDataSource;
import io.bactrian.pubsub.core.ConfirmedPattern;
import io.bactrian.pubsub.core.CursorChanges;
import io.bactrian.pubsub.core.LastProcessed;
import io.bactrian.pubsub.core.SubscriberCursor;
import io.bactrian.pubsub.store.CursorStore;
import io.bactrian.pubsub.store.StoredCursor;
import io.bactrian.support.database.DatabaseSettings;
import io.bactrian.support.database.Databases;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * The state that a subscriber keeps from one life to the next: its cursor, and what belongs to it. It lies in a
 * database of its own, or in the
 * data source that it was given; an ephemeral subscriber keeps nothing. Thread-safe.
 */
final class SubscriberStore implements AutoCloseable {
    private final ClientSettings settings;
    private final @Nullable HikariDataSource ownDatabase;
    private final @Nullable CursorStore store;

    /**
     * Opens it.
     *
     * @throws io.bactrian.support.database.StoreException if the database cannot be opened, also because another process has it
     */
    SubscriberStore(ClientSettings settings) {
        this.settings = settings;
        if (settings.ephemeral) {
            ownDatabase = null;
            store = null;
        } else if (settings.dataSource == null) {
            ownDatabase = Databases.open(DatabaseSettings.file(settings.data, "subscriber-" + settings.fileName()));
            store = CursorStore.open(ownDatabase, true);
        } else {
            ownDatabase = null;
            store = CursorStore.shared(settings.dataSource);
        }
    }

    /**
     * The cursor that was saved last, at 0 if none was. The length of an output that has none saved with it is saved.
     *
     * @throws OutputWithoutCursorException if an output has something in it, and no cursor was saved; the database is closed then
     */
    StoredCursor load() {
        Optional<StoredCursor> found = store == null ? Optional.empty() : store.load(settings.id);
        StoredCursor stored = found.orElse(row(SubscriberCursor.NONE, -1));
        if (settings.outputLength > 0 && !settings.outputAppends && found.isEmpty()) {
            close();
            throw new OutputWithoutCursorException(
                    "there is no cursor of subscriber " + settings.id + " in " + settings.data + ", but its output has "
                            + settings.outputLength + " octets: what is in it may come again");
        }
        if (store != null && settings.outputLength >= 0 && stored.outputLength().isEmpty()) {
            stored = row(stored.cursor(), settings.outputLength);
            store.save(settings.id, stored);
        }
        return stored;
    }

    private static StoredCursor row(SubscriberCursor cursor, long outputLength) {
        return new StoredCursor(cursor, outputLength < 0 ? OptionalLong.empty() : OptionalLong.of(outputLength));
    }

    /** The patterns that were saved with the cursor. */
    List<ConfirmedPattern> patterns() {
        return store == null ? List.of() : store.patterns(settings.id);
    }

    /** What was saved with the cursor of {@link CursorChanges#last}, the one that was quiet longest first. */
    List<LastProcessed> last() {
        return store == null ? List.of() : store.last(settings.id);
    }

    /**
     * Saves a cursor and what has changed with it, in one transaction: that of the calling thread if it has one.
     *
     * @param outputLength of the file that holds the effect of what is processed, in octets; -1 if there is no file
     * @throws io.bactrian.support.database.StoreException if it cannot be saved
     */
    void save(SubscriberCursor cursor, long outputLength, CursorChanges changes) {
        if (store != null) {
            store.save(settings.id, row(cursor, outputLength), changes);
        }
    }

    /** Closes the database if it is the subscriber's own. */
    @Override
    public void close() {
        if (ownDatabase != null) {
            ownDatabase.close();
        }
    }
}
