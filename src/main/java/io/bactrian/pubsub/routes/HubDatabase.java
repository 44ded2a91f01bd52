package io.bactrian.pubsub.routes;

import com.zaxxer.hikari.HikariDataSource;
import io.bactrian.pubsub.store.HubStore;
import io.bactrian.support.database.DatabaseSettings;
import io.bactrian.support.database.Databases;
import io.bactrian.support.database.StoreException;
import io.bactrian.support.text.FileErrors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The database of a hub, and what stands in for it. If a database server does not answer when a life of the hub begins, a file in the
 * data folder takes its place, which that life makes anew from the log. When the server answers again, it gets all that the file
 * holds, and the life goes on with it. No later process reads the file: it is deleted before it is used.
 *
 * <p>Thread-safe. {@link #look} may wait for the server; all else waits for nobody.
 */
final class HubDatabase implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(HubDatabase.class);

    /** The name of the file, without its ending. */
    static final String STAND_IN = "hub-stand-in";

    static final Duration BETWEEN_LOOKS = Duration.ofSeconds(5);

    /** H2's error code for a file that another process has open. */
    private static final int H2_IN_USE = 90_020;

    private record Open(HikariDataSource pool, HubStore store) {}

    private final DatabaseSettings settings;
    private final Path data;
    private final Duration betweenLooks;

    // Guarded by this.

    /** Null if it did not answer yet. */
    private @Nullable Open server;

    private @Nullable Open standIn;
    private boolean closed;
    private @Nullable String told;

    private volatile LifeStore present;
    private volatile long lookedNs;

    /**
     * Opens the database, or what stands in for it.
     *
     * @param data the folder for the file that stands in
     * @param betweenLooks how often it looks for a database that does not answer
     * @throws StoreException if the database cannot be opened, and waiting would not help; or it is no server
     */
    HubDatabase(DatabaseSettings settings, Path data, Duration betweenLooks) {
        this.settings = settings;
        this.data = data;
        this.betweenLooks = betweenLooks;
        LifeStore first;
        try {
            Open opened = open(settings);
            server = opened;
            first = new LifeStore(opened.store, false, () -> {});
        } catch (StoreException e) {
            if (!canStandIn(e)) {
                throw withNextStep(e);
            }
            first = standIn(e.getMessage());
        }
        present = first;
    }

    private static Open open(DatabaseSettings settings) {
        HikariDataSource pool = Databases.open(settings);
        try {
            return new Open(pool, HubStore.open(pool));
        } catch (RuntimeException e) {
            pool.close();
            throw e;
        }
    }

    private boolean canStandIn(StoreException e) {
        return !settings.isH2() && Databases.isAway(e);
    }

    private LifeStore standIn(@Nullable String reason) {
        lookedNs = System.nanoTime();
        deleteFile();
        Open opened = open(DatabaseSettings.file(data, STAND_IN));
        standIn = opened;
        LOG.warn(
                "the hub goes on without its database, from its log alone: {}. What the database knew and the log does not is not known"
                        + " until it answers: older events, and how far subscribers have come that do not come back. The hub looks for it"
                        + " every {} s",
                reason,
                betweenLooks.toSeconds());
        return new LifeStore(opened.store, true, this::moved);
    }

    private void deleteFile() {
        Path file = data.resolve(STAND_IN + ".mv.db");
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            throw new StoreException("Cannot delete " + file + ": " + FileErrors.say(e), e);
        }
    }

    /** The tables for a life that begins now. */
    synchronized LifeStore forLife() {
        if (!present.standsIn() && present.isAway() && !settings.isH2()) {
            present = standIn("the database " + settings.shown() + " does not answer");
        }
        return present;
    }

    /** Whether a file stands in for the database. */
    boolean isStandIn() {
        return present.standsIn();
    }

    /** The tables of the present life, for readers. */
    HubStore tables() {
        return present.tables();
    }

    /** The database as a person knows it. */
    String shown() {
        return settings.shown();
    }

    /**
     * Looks from time to time whether a database that has not answered does so now; the next checkpoint goes there then. To be called by a
     * timer.
     *
     * @param identity the number of the hub's log
     */
    void look(long identity) {
        if (!isStandIn() || System.nanoTime() - lookedNs < betweenLooks.toNanos()) {
            return;
        }
        try {
            HubStore found = reached();
            long other = found.logIdentity();
            if (other != 0 && other != identity) {
                tell("it belongs to another log: put back the log of this database, or name an empty database");
            } else {
                present.moveTo(found);
            }
        } catch (StoreException e) {
            tell(e.getMessage());
        } finally {
            lookedNs = System.nanoTime();
        }
    }

    /** Without the lock while it waits for the server. One thread at a time calls it. */
    private HubStore reached() {
        synchronized (this) {
            Open known = server;
            if (known != null) {
                return known.store;
            }
        }
        Open opened = open(settings);
        synchronized (this) {
            if (closed) {
                opened.pool.close();
                throw new StoreException("the hub is closed", new IllegalStateException("closed"));
            }
            server = opened;
        }
        return opened.store;
    }

    private synchronized void tell(@Nullable String why) {
        if (why != null && !why.equals(told)) {
            told = why;
            LOG.warn("the hub goes on without its database {}: {}", settings.shown(), why);
        }
    }

    private synchronized void moved() {
        LOG.info("the database answers again, and has what the hub knows database={}", settings.shown());
        told = null;
        Open former = standIn;
        standIn = null;
        if (former != null) {
            former.pool.close();
        }
    }

    @Override
    public synchronized void close() {
        closed = true;
        Open opened = server;
        if (opened != null) {
            opened.pool.close();
        }
        Open file = standIn;
        if (file != null) {
            file.pool.close();
        }
    }

    /** A failure to use the database; if it is one of H2, which may be a damaged file, with what to do. */
    RuntimeException withNextStep(StoreException failure) {
        if (!settings.isH2()) {
            return failure;
        }
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof SQLException sql && sql.getErrorCode() == H2_IN_USE) {
                return failure;
            }
        }
        return new StoreException(
                failure.getMessage()
                        + "; next: if nobody has changed the settings of the database, its file is damaged: restore a backup,"
                        + " or move the file away and start again: the database is then made anew from the log",
                failure);
    }
}
