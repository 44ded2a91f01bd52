package io.bactrian.pubsub.core;

import io.bactrian.journal.log.Entry;
import io.bactrian.wire.Batch;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** Brings a hub from its snapshot to the end of its log. */
final class HubStart {
    private static final int SCAN_BYTES = 4 << 20;
    /** A hub grants fewer epochs between two starts. */
    static final int EPOCHS_OF_A_LIFE_BITS = 32;

    private final HubLog log;
    private final HubState state;
    private final HubNotices notices;
    /** Of each publisher of whom the log holds something and the snapshot nothing: its last epoch. */
    private final Map<String, Long> epochs = new HashMap<>();

    /** The publishers that the snapshot has. */
    private final Set<String> known;

    /** Whether the snapshot knows positions that the log has no more. */
    private final boolean wasCut;

    HubStart(HubLog log, HubState state, HubNotices notices) {
        this.log = log;
        this.state = state;
        this.notices = notices;
        known = state.publishers().stream().map(PublisherState::id).collect(Collectors.toSet());
        wasCut = log.end() < state.lastKnownPosition() || log.epoch() < state.lastKnownLogEpoch();
    }

    /**
     * Begins a new log epoch, durably, if the log may have lost its end: its next positions then go to other messages than
     * before, and by the epoch cursors can tell.
     *
     * @param madeAnew whether the snapshot was made from the log alone, so that nobody knows whether the log is an older one
     * @return whether a new epoch has begun
     * @throws IllegalStateException if log and snapshot do not belong together
     */
    boolean beginEpoch(HubLife life, boolean madeAnew, long nowMs) {
        boolean other = state.logIdentity() != 0 && state.logIdentity() != log.identity();
        if (other && log.end() > 0 && life == HubLife.ALONE) {
            throw new IllegalStateException(
                    "the log belongs to another database: put back the log of this database, or its"
                            + " database to this log, or restore both from one backup; to go on with this log and without what"
                            + " this database knows, move the database away");
        }
        boolean used = log.end() > 0
                || !state.publishers().isEmpty()
                || !state.subscribers().isEmpty();
        boolean unknown = madeAnew || isRebuilt();
        boolean raised = life == HubLife.ALONE && (wasCut || unknown || (used && !log.isEndCertain()));
        if (raised) {
            int known = Math.max(log.epoch(), state.lastKnownLogEpoch());
            // A database that is new knows of no life that a restore had begun: this one is above them all.
            log.raiseEpoch(Math.addExact(unknown ? Math.max(known, LogLife.at(nowMs)) : known, 1));
        }
        if (isRebuilt()) {
            log.holdPurges();
        }
        log.opened();
        return raised;
    }

    /** Whether there is a log, and a database that has never seen it. A log with control records names itself. */
    private boolean isRebuilt() {
        return state.isEmpty() && log.end() > 0 && state.logIdentity() != log.identity();
    }

    /** Whether log and database begin with this start: there may have been others, of which clients tell. */
    private boolean isNew() {
        return state.isEmpty() && log.end() == 0;
    }

    /**
     * Notes what was found of log and snapshot, for operators and for the subscribers that it concerns.
     *
     * @param madeAnew whether the snapshot was made from the records of the log alone
     */
    void note(HubTables tables, boolean madeAnew, long nowMs) {
        long reached = state.lastKnownPosition();
        if (wasCut) {
            notices.warn("the log ends at position=" + log.end() + ", but the database knows position=" + reached
                    + " of epoch=" + state.lastKnownLogEpoch()
                    + ": the log has lost its end; subscribers that had not got"
                    + " positions " + (log.end() + 1) + " to " + reached + " are told");
            if (reached > log.end()) {
                tables.add(new ControlRecord.LogCut(state.lastKnownLogEpoch(), reached));
                tables.note(new HubEvent(
                        nowMs, "log-cut", null, null, null, log.end() + 1, reached, "the log has lost its end"));
            }
        }
        if (madeAnew) {
            notices.warn(
                    "the database is new or too old: publishers, subscribers and their patterns are made anew from the records of"
                            + " the log, positions " + log.first() + " to " + log.end()
                            + ". Not known are events before them, and how far subscribers have come since they were last recorded, which"
                            + " they say themselves");
            tables.note(
                    rebuilt("the database was new or too old, and was made anew from the records of the log", nowMs));
        }
        if (isRebuilt()) {
            notices.warn(
                    "the database is new, the log holds no records of publishers and subscribers: publishers and their sequences are"
                            + " rebuilt from positions "
                            + log.first() + " to " + log.end()
                            + "; publishers of which the log holds nothing, and all subscribers,"
                            + " are not known until they come back. Nothing is purged until bactrian.hub.rebuilt.purge=true");
            tables.note(
                    rebuilt("the database was new; nothing is purged until bactrian.hub.rebuilt.purge=true", nowMs));
        }
    }

    private HubEvent rebuilt(String cause, long nowMs) {
        return new HubEvent(nowMs, "rebuilt", null, null, null, log.first(), log.end(), cause);
    }

    /** Says if messages were deleted that the snapshot has never known: a batch that comes again is then logged again. */
    void warnOfAGap() {
        if (!state.publishers().isEmpty() && log.first() > state.position() + 1) {
            notices.warn("the log begins at position=" + log.first() + ", but the database knows only up to position="
                    + state.position() + ": messages sent again from positions " + (state.position() + 1) + " to "
                    + (log.first() - 1) + " would be taken for new ones; restore log and database from one backup");
        }
    }

    /**
     * Fills the cores.
     *
     * @param countedTo what the ledger has counted already
     * @param upTo what of the log is taken
     * @return how many entries of the log were read for that
     */
    long restore(HubCores cores, long countedTo, long upTo, long nowMs) {
        HubTables tables = cores.tables();
        HubIntake intake = cores.intake();
        HubFeed feed = cores.feed();
        // While the hub was down nobody could be heard, so nobody was idle or absent. If the clock was ahead, nobody is
        // taken for heard later than now.
        long downMs = state.savedMs() == 0 ? 0 : Math.max(0, nowMs - state.savedMs());
        if (isNew() && log.life() > 0) {
            // A hub that was here before may have granted epochs: by them subscribers know what is sent again.
            tables.raiseEpochs((long) log.life() << EPOCHS_OF_A_LIFE_BITS);
            intake.restoredAbove(tables.lastEpoch());
        } else {
            intake.restoredAbove(state.formerEpochs());
        }
        state.publishers()
                .forEach(p -> intake.restorePublisher(
                        p.id(), p.grantedEpoch(), p.openEpoch(), Math.min(p.lastSeenMs() + downMs, nowMs)));
        state.sequences().forEach(s -> intake.restoreSequence(s.publisher(), s.topic(), s.lastSequence()));
        feed.restoreCuts(tables.reached());
        feed.trustsUnknown(log.purgesAreHeld());
        state.subscribers()
                .forEach(s -> feed.subscribers().restore(s.seenLater(Math.min(downMs, nowMs - s.lastSeenMs()))));
        cores.checkpoints().durable(Math.min(state.position(), log.end()));
        long scanned = scan(counted(cores, countedTo), countedTo, upTo, cores);
        if (isRebuilt()) {
            raiseEpochs(intake, tables);
            introduce(cores, nowMs);
        }
        return scanned;
    }

    /** What is granted from now on is above all that ever was. */
    private void raiseEpochs(HubIntake intake, HubTables tables) {
        long highest = epochs.values().stream().mapToLong(Long::longValue).max().orElse(0);
        tables.raiseEpochs(
                Math.max(highest, (long) log.epoch() << EPOCHS_OF_A_LIFE_BITS) + (1L << EPOCHS_OF_A_LIFE_BITS));
        intake.restoredAbove(tables.lastEpoch());
    }

    /**
     * Publishers whom only the log knows go on under the epochs that it has, and are recorded: the next checkpoint can say
     * then up to which sequence they are logged. The snapshot of a hub that was restored may be older than its log.
     */
    void introduce(HubCores cores, long nowMs) {
        epochs.forEach((publisher, epoch) -> {
            cores.tables().open(publisher, epoch);
            cores.intake().restorePublisher(publisher, epoch, epoch, nowMs);
        });
        epochs.clear();
    }

    /** The segments of which the snapshot has counted the topics. */
    private Set<Long> counted(HubCores cores, long countedTo) {
        Map<Long, HubLog.LogSegment> closed = log.segments().stream()
                // One that was counted in part is read on.
                .filter(segment -> segment.closed() && (segment.last() <= countedTo || segment.first() > countedTo))
                .collect(Collectors.toMap(HubLog.LogSegment::first, segment -> segment, (a, b) -> b));
        Set<Long> known = new HashSet<>();
        for (SegmentTopic share : state.segments()) {
            HubLog.LogSegment segment = closed.get(share.segmentPosition());
            if (segment != null) {
                known.add(segment.first());
                cores.checkpoints().saved(segment.first());
                if (segment.first() > countedTo) {
                    cores.ledger()
                            .add(
                                    segment.first(),
                                    share.topic(),
                                    segment.last(),
                                    share.bytes(),
                                    share.messages(),
                                    share.lastTimestampMs());
                }
            }
        }
        return known;
    }

    /** Reads what the snapshot does not know of the log: what came after it, and segments not counted. */
    private long scan(Set<Long> counted, long countedTo, long upTo, HubCores cores) {
        long entries = 0;
        for (HubLog.LogSegment segment : log.segments()) {
            boolean known = counted.contains(segment.first());
            long unknown = known ? state.position() : Math.min(state.position(), countedTo);
            long position = Math.max(segment.first(), unknown + 1);
            long last = Math.min(segment.last(), upTo);
            while (position <= last) {
                List<Entry> read = log.read(position, SCAN_BYTES);
                for (Entry entry : read) {
                    if (entry.last() <= last) {
                        boolean inLedger = known || entry.last() <= countedTo;
                        replay(segment.first(), entry, inLedger, cores);
                        entries++;
                    }
                }
                position = read.get(read.size() - 1).last() + 1;
            }
        }
        return entries;
    }

    /**
     * Takes what was appended since the cores were filled, as far as it is messages.
     *
     * @return the last position that was taken
     */
    long readOn(long from, long upTo, HubCores cores) {
        long taken = from - 1;
        while (taken < upTo) {
            for (Entry entry : log.read(taken + 1, SCAN_BYTES)) {
                if (entry.last() > upTo || isControl(entry)) {
                    return taken;
                }
                replay(log.segmentOf(entry.position()), entry, false, cores);
                taken = entry.last();
            }
        }
        return taken;
    }

    static boolean isControl(Entry entry) {
        return !entry.isGap()
                && ControlCodec.isControl(Batch.parseTrusted(entry.payload()).topic());
    }

    private void replay(long segment, Entry entry, boolean counted, HubCores cores) {
        if (entry.isGap()) {
            return; // a publisher that goes on after it is ahead, which is noted when it opens its topic
        }
        Batch batch = Batch.parseTrusted(entry.payload());
        if (ControlCodec.isControl(batch.topic())) {
            return;
        }
        if (!batch.publisher().isEmpty() && entry.last() > state.position()) {
            cores.intake().restoreSequence(batch.publisher(), batch.topic(), batch.last());
            cores.checkpoints().logged(entry.last(), batch.publisher(), batch.topic(), batch.last());
            if (!known.contains(batch.publisher())) {
                epochs.merge(batch.publisher(), batch.epoch(), Math::max);
            }
        }
        if (!counted) {
            cores.ledger()
                    .add(
                            segment,
                            batch.topic(),
                            entry.last(),
                            entry.payload().length,
                            entry.count(),
                            entry.timestampMs());
        }
    }
}
