package io.bactrian.pubsub.store;

import io.bactrian.pubsub.core.Checkpoint;
import io.bactrian.pubsub.core.ControlRecord;
import io.bactrian.pubsub.core.HubEvent;
import io.bactrian.pubsub.core.HubSnapshots;
import io.bactrian.pubsub.core.HubState;
import io.bactrian.pubsub.core.LogLife;
import io.bactrian.support.database.DatabaseSync;
import io.bactrian.support.database.Migrations;
import io.bactrian.support.database.StoreException;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import javax.sql.DataSource;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.TransactionException;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * The hub's tables. Every method is one transaction of its own, also when the caller is in another one, and can be
 * called by any thread; writers wait for each other. "Synced" means that what was written is safe against a power cut
 * when the method returns; the others are safe against a crash of the process, and are made safe against a power cut
 * by the next synced method.
 *
 * <p>Names are 1 to 255 characters without U+0000, which PostgreSQL cannot hold: {@link IllegalArgumentException}
 * otherwise. All methods throw {@link StoreException} if the database fails; what was to be written is then there
 * whole or not at all, and the call can be repeated.
 */
public final class HubStore implements HubSnapshots {
    /** Names the migrations of these tables. */
    static final String CAPABILITY = "pubsub";

    private static final int NAME_LENGTH_MAX = 255;

    /** More than a hub grants between a backup and its restore. */
    private static final long EPOCHS_OF_A_LIFE = 1L << 32;

    private final ReentrantLock writing = new ReentrantLock();
    private final TransactionTemplate transactions;
    private final DatabaseSync sync;
    private final PublisherTables publishers;
    private final SubscriberTables subscribers;
    private final LogTables log;
    private final CounterTable counters;
    private final EventTable events;
    private final StateTables state;

    private HubStore(DataSource dataSource) {
        JdbcTemplate jdbc = new JdbcTemplate(dataSource);
        DataSourceTransactionManager manager = new DataSourceTransactionManager(dataSource);
        transactions = new TransactionTemplate(manager);
        transactions.setPropagationBehavior(TransactionDefinition.PROPAGATION_REQUIRES_NEW);
        sync = DatabaseSync.of(dataSource);
        publishers = new PublisherTables(jdbc);
        subscribers = new SubscriberTables(jdbc);
        log = new LogTables(jdbc);
        counters = new CounterTable(jdbc);
        events = new EventTable(jdbc);
        state = new StateTables(jdbc, manager, sync.needed());
    }

    /**
     * Brings the tables to the newest version and returns the store over them.
     *
     * @param dataSource stays the caller's, who closes it after the last call
     */
    public static HubStore open(DataSource dataSource) {
        migrate(dataSource);
        return new HubStore(dataSource);
    }

    /** Also where an earlier migration was cut. */
    static void migrate(DataSource dataSource) {
        try {
            CutMigration.clear(dataSource);
        } catch (SQLException e) {
            throw new StoreException(
                    "Cannot clear what a cut migration of the hub's tables left: " + e.getMessage(), e);
        }
        Migrations.migrate(dataSource, CAPABILITY);
    }

    /** Everything that is known, in one consistent view. */
    @Override
    public HubState load() {
        return transaction("read the hub's tables", () -> {
            LogTables.Saved saved = log.checkpoint();
            return new HubState(
                    saved.logEpoch(),
                    saved.position(),
                    saved.atMs(),
                    publishers.all(),
                    publishers.grants(),
                    publishers.lastEpoch(),
                    publishers.formerEpochs(),
                    publishers.sequences(),
                    subscribers.all(),
                    log.segments(),
                    counters.reached(),
                    counters.logIdentity(),
                    counters.lives(counters.logIdentity()),
                    counters.purgedBefore(counters.logIdentity()),
                    counters.applied());
        });
    }

    /** Applies records in their order, together. Synced. */
    @Override
    public void apply(List<ControlRecord> records) {
        records.forEach(HubStore::check);
        synced(
                "keep what has changed",
                () -> records.stream().mapToInt(this::apply).sum());
    }

    private int apply(ControlRecord record) {
        if (record instanceof ControlRecord.Granted granted) {
            return publishers.granted(granted);
        } else if (record instanceof ControlRecord.Opened opened) {
            return publishers.opened(opened);
        } else if (record instanceof ControlRecord.PublisherForgotten forgotten) {
            return publishers.forget(forgotten.publisher());
        } else if (record instanceof ControlRecord.SubscriberSaved saved) {
            return subscribers.save(saved);
        } else if (record instanceof ControlRecord.SubscriberForgotten forgotten) {
            return subscribers.forget(forgotten.subscriber());
        } else if (record instanceof ControlRecord.LogCut cut) {
            return counters.raise(CounterTable.REACHED + cut.logEpoch(), cut.reached());
        } else if (record instanceof ControlRecord.LogNamed named) {
            return counters.set(CounterTable.LOG_IDENTITY, named.identity());
        } else if (record instanceof ControlRecord.LogLives lives) {
            return counters.setLife(lives.identity(), lives.fromEpoch(), lives.life());
        } else if (record instanceof ControlRecord.LogPurged purged) {
            return counters.purged(purged.identity(), purged.before());
        } else if (record instanceof ControlRecord.EpochsRaised raised) {
            return counters.raise(CounterTable.PUBLISHER_EPOCH, raised.epoch())
                    + counters.raise(PublisherTables.FORMER_EPOCHS, raised.epoch());
        } else if (record instanceof ControlRecord.EpochsUsed used) {
            return counters.raise(CounterTable.PUBLISHER_EPOCH, used.epoch());
        } else if (record instanceof ControlRecord.Sequences sequences) {
            return publishers.saveSequences(sequences.last());
        } else if (record instanceof ControlRecord.Applied applied) {
            return counters.applied(applied.upTo());
        } else if (record instanceof ControlRecord.Noted noted) {
            return events.add(noted.event());
        }
        throw new IllegalArgumentException("no table takes a " + record.getClass());
    }

    /** Forgets all. Synced. */
    @Override
    public void clear() {
        synced("forget what belongs to another log", () -> {
            state.clear();
            log.begin();
            return counters.set(CounterTable.PUBLISHER_EPOCH, 0);
        });
    }

    private static void check(ControlRecord record) {
        if (record instanceof ControlRecord.Granted granted) {
            checkName("publisher", granted.publisher());
        } else if (record instanceof ControlRecord.Opened opened) {
            checkName("publisher", opened.publisher());
        } else if (record instanceof ControlRecord.SubscriberSaved saved) {
            checkName("subscriber", saved.subscriber().id());
            saved.fresh().forEach(pattern -> checkText("pattern", pattern.pattern()));
        }
    }

    /** Records when publishers were last heard, in ms since 1970; those that are not known are left out. Not synced. */
    @Override
    public void touchPublishers(Map<String, Long> lastSeenMs) {
        Map<String, Long> seen = Map.copyOf(lastSeenMs);
        transaction("touch publishers", () -> publishers.touch(seen));
    }

    /** Records how far the tables reflect the log, and all that has changed up to there, together. Synced. */
    @Override
    public void checkpoint(Checkpoint checkpoint) {
        synced("write a checkpoint", () -> {
            publishers.saveSequences(checkpoint.sequences());
            subscribers.saveProgress(checkpoint.subscribers());
            counters.applied(checkpoint.applied());
            return log.save(checkpoint);
        });
    }

    /** The newest events, newest first. */
    public List<HubEvent> events(int limit) {
        return transaction("read the events", () -> events.newest(limit));
    }

    /** Gives all that the tables hold as it is at one moment. Writers go on meanwhile. */
    public void export(StateTaker taker) {
        state.export(taker);
    }

    /** The position up to which the tables know the log. */
    public long position() {
        return transaction(
                "read how far its tables know the log", () -> log.checkpoint().position());
    }

    /** The number of the log to which the tables belong, 0 if nobody has named one. */
    public long logIdentity() {
        return transaction("read to which log it belongs", counters::logIdentity);
    }

    /** Replaces all that the tables hold by what others hold; events that are older than theirs stay. Synced. */
    public void takeOver(HubStore other) {
        synced("take over what stood in for it", () -> {
            state.clearButEventsBefore(other.transaction("read its oldest event", other.events::oldestMs));
            RowBatches batches = new RowBatches(state::replace);
            other.export(batches);
            batches.end();
            return 0;
        });
    }

    /** The names of the tables that {@link #export} gives, in its order. */
    public static List<String> exported() {
        return StateTables.names();
    }

    /** Whether nothing was ever written. */
    public boolean isEmpty() {
        return transaction("look at its tables", state::empty);
    }

    /**
     * Replaces all that the tables hold by what was exported from these or others, whole or not at all. Epochs that are
     * granted to publishers from now on were never granted before: neither after the export nor after another restore;
     * {@link HubState#formerEpochs} says which those are. Synced.
     *
     * @param tables of {@link #exported}, in that order; columns that an older version had not may be missing
     * @param logEpoch the log epoch that this restore begins, above that of any other
     * @param event recorded as the newest
     * @return what is added to the log epochs from this one on, see {@link LogLife}
     * @throws IllegalArgumentException if the tables are of a later version
     */
    public int restore(Iterable<StateRows> tables, int logEpoch, HubEvent event) {
        return synced("restore its tables", () -> {
            state.clear();
            tables.forEach(state::replace);
            state.raisePublisherEpochs(
                    EPOCHS_OF_A_LIFE, Math.max(logEpoch, LogLife.at(event.atMs())) * EPOCHS_OF_A_LIFE);
            int life = beginLife(logEpoch, event.atMs());
            events.add(event);
            return life;
        });
    }

    /** Clients that were here after the backup was made know higher log epochs: those to come are above them. */
    private int beginLife(int logEpoch, long nowMs) {
        long identity = counters.logIdentity();
        int former = counters.lives(identity).values().stream().reduce(0, Math::max);
        int life = LogLife.at(nowMs);
        if (identity == 0 || life <= former) {
            return former;
        }
        counters.setLife(identity, logEpoch, life);
        return life;
    }

    private <T> T synced(String what, Supplier<T> work) {
        T result = transaction(what, work);
        sync.run();
        return result;
    }

    private <T> T transaction(String what, Supplier<T> work) {
        writing.lock();
        try {
            return transactions.execute(status -> work.get());
        } catch (DataAccessException | TransactionException e) {
            throw new StoreException("The database could not " + what + ": " + e.getMessage(), e);
        } finally {
            writing.unlock();
        }
    }

    private static void checkName(String what, String name) {
        if (name.isEmpty()) {
            throw new IllegalArgumentException("A " + what + " needs a name");
        }
        checkText(what, name);
    }

    /** A prefix may be empty: it matches every topic. */
    private static void checkText(String what, String text) {
        if (text.length() > NAME_LENGTH_MAX || text.indexOf('\0') >= 0) {
            throw new IllegalArgumentException(
                    "The name of a " + what + " has at most " + NAME_LENGTH_MAX + " characters, none of them U+0000");
        }
    }
}
