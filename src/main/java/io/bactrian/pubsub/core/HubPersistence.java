package io.bactrian.pubsub.core;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Makes the state of a hub durable: each change at once, as a control record in the log; and from time to time the whole as a
 * checkpoint in the snapshot, which spares a start the log below it.
 *
 * <p>It has two locks beside that of the state. {@code writer} has records written to the log in the order in which the changes
 * happened, and is held while the log is synced. {@code saver} has one thread write the snapshot, and is held while the database
 * works. A thread that takes several takes the saver first, then the writer, then the state; so the state is free while a disk or a
 * database works, and the log takes records while a database does.
 */
final class HubPersistence {
    /** The lock of the hub's state, held for moments only. */
    private final Object state;
    /** Writers of what must be durable wait here for each other. */
    private final Object writer = new Object();
    /** Writers of the snapshot wait here for each other. */
    private final Object saver = new Object();

    private final HubCores cores;
    private final LifeLog log;
    private final HubSnapshots snapshots;
    private final CommitGate gate;
    /** Guarded by the writer. */
    private final LoggedRecords logged;

    /** Whether another hub copies the log. */
    private volatile boolean inPair;

    // Guarded by the state's lock.

    private boolean retired;
    /** The position of the last control record that this life has logged. */
    private long controlEnd;
    /** The position of the last message. */
    private long messagesEnd;
    /** From here on the log says all that holds. */
    private long saidFrom;

    HubPersistence(
            Object state, HubCores cores, LifeLog log, HubSnapshots snapshots, CommitGate gate, LoggedRecords logged) {
        this.state = state;
        this.cores = cores;
        this.log = log;
        this.snapshots = snapshots;
        this.gate = gate;
        this.logged = logged;
    }

    /** Another hub copies the log from now on. To be called before anything else. */
    void beginInPair() {
        inPair = true;
    }

    boolean inPair() {
        return inPair;
    }

    /** This life has ended: in a pair it logs nothing any more. Under the state's lock. */
    void retire() {
        retired = true;
    }

    /** The position of the last control record that this life has logged. Under the state's lock. */
    long controlEnd() {
        return controlEnd;
    }

    /**
     * The log has messages up to here. A cursor that passes only what the hub itself logs is not logged, or the log would grow
     * for ever by that. Under the state's lock.
     */
    void noteMessages(long upTo) {
        messagesEnd = Math.max(messagesEnd, upTo);
    }

    /** The position of the last message, or one above it that was there when the life began. Under the state's lock. */
    long messagesEnd() {
        return messagesEnd;
    }

    /** A database, or a copy, that begins with what the log holds from here on has the whole. Under the state's lock. */
    void sayAll() {
        saidFrom = log.end() + 1;
        HubIntake intake = cores.intake();
        cores.tables()
                .sayAll(
                        log.identity(),
                        intake.sequences(),
                        intake.lastSeen(),
                        cores.feed().subscribers().durable());
        log.lives().forEach(cores.tables()::add);
    }

    /** As {@link #sayAll}, if what it has said last is to be deleted. Under the state's lock. */
    void sayAllFrom(long keepFrom) {
        if (saidFrom < keepFrom) {
            sayAll();
        }
    }

    /** Changes who has moved on since it was saved, and was saved below a position. Under the state's lock. */
    void saveCursors(long below) {
        HubTables tables = cores.tables();
        for (DurableSubscriber subscriber : cores.feed().subscribers().durable()) {
            DurableSubscriber kept = tables.subscriber(subscriber.id());
            if (kept == null || (kept.cursor() < below && kept.cursor() < subscriber.cursor())) {
                tables.save(subscriber);
            }
        }
    }

    /**
     * Makes durable what was changed until now, and sets the answers free that rest on it.
     *
     * @return null if all is kept; otherwise why not: it stays to be kept by a later call
     */
    @Nullable RuntimeException keep() {
        try {
            keepOrThrow();
            return null;
        } catch (RuntimeException e) {
            return e;
        }
    }

    /**
     * As {@link #keep}.
     *
     * @throws RuntimeException if not all is kept: it stays to be kept by a later call
     */
    void keepOrThrow() {
        synchronized (writer) {
            HubTables tables = cores.tables();
            List<ControlRecord> records;
            synchronized (state) {
                if (inPair && retired) {
                    // The log may be another life's already, which would know nothing of it.
                    throw new LifeEndedException(HubMachine.NOT_ACTIVE);
                }
                records = tables.drain();
            }
            try {
                if (!records.isEmpty()) {
                    long last = logged.append(records);
                    synchronized (state) {
                        controlEnd = last;
                    }
                }
            } catch (RuntimeException e) {
                synchronized (state) {
                    tables.putBack(records);
                    cores.feed().notKept();
                }
                throw e;
            }
            synchronized (state) {
                if (!tables.hasChanges()) {
                    // Subscribers are told of committed positions only.
                    cores.feed().kept(Math.max(gate.committed(log.end()), controlEnd));
                }
            }
        }
    }

    /** Why something that was changed earlier could not be kept, and still cannot; null if there is no such thing. */
    @Nullable RuntimeException stillNotKept() {
        boolean changes;
        synchronized (state) {
            changes = cores.tables().hasChanges();
        }
        return changes ? keep() : null;
    }

    /**
     * Takes a checkpoint: the log is synced, then the snapshot is brought up to it, then the log may be purged up to there.
     *
     * @throws RuntimeException if the disk or the database fails; the next one tells what this one would have told
     */
    void checkpoint(long nowMs) {
        synchronized (saver) {
            CheckpointBuilder checkpoints = cores.checkpoints();
            Checkpoint checkpoint;
            LoggedRecords.Unsaved records;
            synchronized (writer) {
                if (inPair) {
                    synchronized (state) {
                        saveCursors(messagesEnd);
                    }
                }
                keepOrThrow();
                synchronized (state) {
                    checkpoint = checkpoints.build(cores.feed().subscribers(), logged.last(), nowMs);
                }
                records = logged.take();
            }
            // The database may take long, or not answer: meanwhile others are served.
            boolean written = false;
            try {
                save(records);
                log.sync();
                snapshots.checkpoint(checkpoint);
                written = true;
            } finally {
                synchronized (state) {
                    if (written) {
                        checkpoints.written(checkpoint);
                    } else {
                        checkpoints.failed();
                    }
                }
            }
        }
    }

    private void save(LoggedRecords.Unsaved records) {
        boolean saved = false;
        try {
            logged.save(records);
            saved = true;
        } finally {
            if (!saved) {
                synchronized (writer) {
                    logged.putBack(records);
                }
            }
        }
    }

    /**
     * The last of a life that was retired: whoever writes to the database or to the log in its name ends first. A hub alone takes a
     * checkpoint.
     *
     * @throws RuntimeException if the checkpoint failed
     */
    void ended(long nowMs) {
        synchronized (saver) {
            synchronized (writer) {
                if (inPair) {
                    return;
                }
            }
            checkpoint(nowMs);
        }
    }
}
