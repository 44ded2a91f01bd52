package io.bactrian.pubsub.core;

import io.bactrian.wire.Batch;
import io.bactrian.wire.Code;
import io.bactrian.wire.Command;
import io.bactrian.wire.Commands;
import io.bactrian.wire.TopicSequence;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The hub: it owns the order in which batches are admitted, logged, committed, acknowledged and fed, and in which a
 * checkpoint is taken, the log is purged, and a start recovers. The routes, the simulation and the tests drive this one
 * class, over a log and a place for snapshots that they bring along.
 *
 * <p>One round of the intake is {@link #greet}, {@link #admit}, the append, then {@link #appended} or {@link #failed},
 * then {@link #acknowledgements}. One round of the feed is {@link #answers}, {@link #plan}, {@link #deliver} for each
 * delivery, and {@link #settle}.
 *
 * <p>No answer, delivery or checkpoint tells of a position above the committed one: see {@link CommitGate}. An answer waits
 * until the position of the entry for which it was built is committed.
 *
 * <p>Thread-safe. One lock, that of this object, guards the state and is held for moments only: never while a database is read or
 * written, and while a file is only where segments are deleted, where a pattern begins at a time, and where a
 * subscriber tells that
 * an older log was put back. {@link HubPersistence} has two more, for what must be durable; neither is ever taken
 * inside the first.
 */
public final class HubMachine {
    /** Another one than the first is needed only while the clock is wrong: a bound against a peer that makes up epochs. */
    private static final int LIVES_OF_A_START_MAX = 8;

    static final String NOT_ACTIVE = "this hub is not the active one";

    /** With the epochs that it counts itself, by which the two hubs of a pair know a place in it. */
    private final HubLog counted;
    /** With the epochs that clients are told. */
    private final LifeLog log;

    private final HubSnapshots snapshots;
    private final CommitGate gate;
    private final HubNotices notices;
    private final HubTables tables = new HubTables();
    private final TopicLedger ledger = new TopicLedger();
    private final CheckpointBuilder checkpoints;
    private final HubFeed feed;
    private final HubIntake intake;
    private final Retention retention;
    private final PlainPublications publications;
    private final Acknowledgements acknowledgements;
    private final HubCores cores;
    private final LogFollower follower;
    private final HubPersistence persistence;
    private final LogPurge purge;
    private final ControlReplay replay;

    /** A hub that is not active answers that, and does nothing else. */
    private boolean active;

    private int livesBegun;
    private @Nullable IntakeRound underWay;
    /** Appends of plain publishers' batches that have begun and not ended. */
    private int plainUnderWay;

    private long accepted;
    private long duplicates;

    /**
     * A hub that has not started.
     *
     * @param firstSession the first number of a subscriber's session, at least 1; drawn anew for each life
     */
    public HubMachine(
            HubLog log,
            HubSnapshots snapshots,
            HubLimits limits,
            RetentionRules rules,
            CommitGate gate,
            HubNotices notices,
            int firstSession) {
        this.counted = log;
        this.log = new LifeLog(log);
        this.snapshots = snapshots;
        this.gate = gate;
        this.notices = notices;
        CommittedLog committed = new CommittedLog(this.log, gate);
        checkpoints = new CheckpointBuilder(counted, this.log, gate, ledger);
        feed = new HubFeed(committed, tables, limits, firstSession);
        retention = new Retention(this.log, ledger, feed.subscribers(), tables, rules, limits.topicsMax(), notices);
        intake = new HubIntake(tables, committed, limits, retention);
        acknowledgements = new Acknowledgements(this.log, intake);
        replay = new ControlReplay(counted, snapshots, notices);
        publications = new PlainPublications(limits.windowBytesMax());
        cores = new HubCores(tables, intake, feed, ledger, checkpoints);
        persistence = new HubPersistence(
                this, cores, this.log, snapshots, gate, new LoggedRecords(counted, this.log, snapshots, replay));
        purge = new LogPurge(this, counted, this.log, cores, retention, persistence, gate, notices);
        follower = new LogFollower(counted, this.log, snapshots, replay, notices, cores);
    }

    /**
     * Loads the snapshot and replays the log from there. If the end of the log may be lost, a new log epoch begins. Before
     * it returns nothing else may be called.
     *
     * @return the number of entries that were read
     * @throws RuntimeException if the snapshot or the log cannot be read, or a new epoch cannot be kept
     */
    public long start(long nowMs) {
        return start(HubLife.ALONE, nowMs);
    }

    /** As {@link #start(long)}, for a life that begins otherwise than that of a hub alone. */
    public long start(HubLife life, long nowMs) {
        return life == HubLife.IN_PAIR ? startInPair(nowMs) : startAlone(nowMs);
    }

    private long startAlone(long nowMs) {
        HubState state = replay.alone();
        if (snapshots.standsIn() && !replay.madeAnew()) {
            throw new IllegalStateException(
                    "the log does not say who publishes and subscribes, and the database does not answer: it is needed for this start");
        }
        log.load(state);
        HubStart start = new HubStart(log, state, notices);
        boolean newEpoch = start.beginEpoch(HubLife.ALONE, replay.madeAnew(), nowMs);
        long scanned;
        synchronized (this) {
            tables.now(nowMs);
            tables.load(state);
            start.note(tables, replay.madeAnew(), nowMs);
            if (!replay.foundAll()) {
                start.warnOfAGap();
            }
            scanned = start.restore(cores, 0, log.end(), nowMs);
            start.introduce(cores, nowMs);
            if (replay.madeAnew()) {
                // The records are older than what was last heard of anybody.
                intake.touchAll(nowMs);
                feed.subscribers().touchAll(nowMs);
            }
            persistence.noteMessages(log.end());
            // The database may have changed without the log: by a restore, or by a version that logged no records.
            persistence.sayAll();
        }
        try {
            checkpoint(nowMs);
        } catch (RuntimeException e) {
            // An old snapshot serves as well, unless positions mean other messages now.
            if (newEpoch) {
                throw e;
            }
            notices.warn("the start was not kept, tried again with the next checkpoint: " + e.getMessage());
        }
        synchronized (this) {
            active = true;
        }
        return scanned;
    }

    /** What was followed is not read again, and clients do not wait for the snapshot: what it must tell is in the log. */
    private long startInPair(long nowMs) {
        persistence.beginInPair();
        long scanned = follower.fill(log.end(), nowMs);
        HubStart start = follower.start();
        start.beginEpoch(HubLife.IN_PAIR, false, nowMs);
        synchronized (this) {
            tables.now(nowMs);
            start.note(tables, false, nowMs);
            feed.trustsUnknown(log.purgesAreHeld());
            // Whom the other hub has heard, and when, is not known here.
            intake.touchAll(nowMs);
            feed.subscribers().touchAll(nowMs);
            persistence.noteMessages(log.end());
            // The other node may have nothing of what this hub knew before its log was copied.
            persistence.sayAll();
        }
        persistence.keepOrThrow();
        synchronized (this) {
            purge.saidAt(persistence.controlEnd());
            active = true;
        }
        return scanned;
    }

    /**
     * Ends the life of this hub: from now on it answers that it is not active. What is under way to the log still ends as
     * it began.
     *
     * @return true if nothing is under way any more; otherwise to be asked again
     */
    public synchronized boolean retire() {
        active = false;
        persistence.retire();
        return underWay == null && plainUnderWay == 0;
    }

    /**
     * The last of a life that was retired. On return nobody changes the log or the database in its name. A hub alone takes a
     * checkpoint; in a pair the database is brought up to the log, see {@link #follow}.
     *
     * @throws RuntimeException if the checkpoint failed
     */
    public void ended(long nowMs) {
        persistence.ended(nowMs);
    }

    /**
     * Brings the state up to what is committed of a log that another hub writes, so that a start of this hub has nothing to
     * read. For a hub that has not started.
     *
     * @param former has followed before, and is used for nothing from now on; null if nobody has
     * @param keeps whether the snapshot is brought up to there too, and what the other hub may delete is deleted
     * @return whether this hub can go on from there; otherwise another one follows from the snapshot
     * @throws RuntimeException if the log or the database fails; to be called again, with another hub
     */
    public boolean follow(@Nullable HubMachine former, boolean keeps, long nowMs) {
        if (former != null) {
            follower.takeOver(former.follower);
        }
        follower.fill(committed(), nowMs);
        if (keeps) {
            follower.keep(nowMs);
        }
        // What changed by reading it, as the log has lost some, is said by the life that begins, which reads it anew.
        return !tables.hasChanges();
    }

    /**
     * Reads on where this hub has followed to.
     *
     * @param all whether up to the end, otherwise to what is committed
     * @return false if this hub cannot go on, as the log was cut or says more than messages: another one follows then
     * @throws RuntimeException if the log fails
     */
    public boolean readOn(boolean all) {
        return follower.readOn(all ? counted.end() : committed());
    }

    /** True between {@link #start} and {@link #retire}. */
    public synchronized boolean isActive() {
        return active;
    }

    /**
     * Takes the last checkpoint and notes that the log is closed in order. Nothing may be appended any more.
     *
     * @throws RuntimeException if that failed: the next start reads more of the log, and begins a new log epoch
     */
    public void stop(long nowMs) {
        try {
            persistence.keepOrThrow();
            checkpoint(nowMs);
        } finally {
            log.closed();
        }
    }

    // Publishers.

    /** Answers the HELLOs, OPENs and PINGs of a round; what they change is durable on return. */
    public void greet(IntakeRound round, long nowMs) {
        if (round.requests().isEmpty()) {
            return;
        }
        if (!isActive()) {
            for (PeerCommand request : round.requests()) {
                round.refuse(request.peer(), new Command.Refuse(0, "", 0, 0, Code.NOT_ACTIVE, NOT_ACTIVE));
            }
            return;
        }
        RuntimeException failure = persistence.stillNotKept();
        List<PeerCommand> answers = new ArrayList<>();
        long built = 0;
        if (failure == null) {
            synchronized (this) {
                tables.now(nowMs);
                for (PeerCommand request : round.requests()) {
                    answers.add(new PeerCommand(request.peer(), greet(request.command(), nowMs)));
                }
                // What is told as logged must be committed by then.
                built = log.end();
            }
            failure = persistence.keep();
        }
        if (failure != null) {
            notices.warn("publishers are not answered, they ask again: " + failure.getMessage());
            for (PeerCommand request : round.requests()) {
                round.refuse(
                        request.peer(),
                        new Command.Refuse(0, "", 0, 0, Code.UNAVAILABLE, "the hub cannot write what it must keep"));
            }
            return;
        }
        synchronized (this) {
            for (PeerCommand answer : answers) {
                if (answer.command() instanceof Command.Refuse || answer.command() instanceof Command.Error) {
                    round.refuse(answer.peer(), answer.command());
                } else {
                    acknowledgements.add(answer, Math.max(built, persistence.controlEnd()));
                }
            }
        }
    }

    private Command greet(Command command, long nowMs) {
        if (command instanceof Command.Hello hello) {
            return intake.hello(hello, nowMs);
        } else if (command instanceof Command.Open open) {
            return open(open, nowMs);
        } else if (command instanceof Command.Ping ping) {
            Command.Refuse refused = intake.ping(ping, nowMs);
            return refused == null ? new Command.Ack(ping.epoch(), log.epoch(), List.of()) : refused;
        }
        return new Command.Error(0, 0, Code.UNKNOWN_COMMAND, "a hub takes no such command from a publisher");
    }

    private Command open(Command.Open open, long nowMs) {
        Map<String, Long> before = new LinkedHashMap<>();
        open.accepted().forEach(t -> before.put(t.topic(), intake.logged(open.publisher(), t.topic())));
        Command answer = intake.open(open, nowMs);
        if (answer instanceof Command.Opened opened) {
            for (TopicSequence now : opened.last()) {
                long logged = before.getOrDefault(now.topic(), 0L);
                if (logged > 0 && now.sequence() > logged) {
                    // The log has lost some: the next start must not tell of it again.
                    checkpoints.logged(log.end(), open.publisher(), now.topic(), now.sequence());
                }
            }
        }
        return answer;
    }

    /**
     * Fences, drops duplicates, trims and refuses. What is new is then {@link IntakeRound#admitted}, to be appended in this
     * order and in one piece. One round at a time.
     */
    public synchronized void admit(IntakeRound round, long nowMs) {
        tables.now(nowMs);
        if (!active) {
            for (IntakeRound.ReceivedBatch received : round.batches()) {
                Batch batch = received.batch();
                round.refuse(
                        received.peer(),
                        new Command.Refuse(
                                batch.epoch(), batch.topic(), batch.sequence(), 0, Code.NOT_ACTIVE, NOT_ACTIVE));
            }
            return;
        }
        // A round that ended without appended or failed has logged nothing.
        giveUp(underWay);
        retention.nothingUnderWay();
        underWay = round;
        checkpoints.underWayFrom(log.end() + 1);
        for (IntakeRound.ReceivedBatch received : round.batches()) {
            Admission admission = intake.admit(received.batch(), nowMs);
            if (admission instanceof Admission.Append append) {
                round.toAppend().add(new IntakeRound.ReceivedBatch(received.peer(), append.batch()));
                duplicates += received.batch().count() - append.batch().count();
            } else if (admission instanceof Admission.Duplicate) {
                round.known().add(received);
                duplicates += received.batch().count();
            } else if (admission instanceof Admission.Refused refused) {
                round.refuse(received.peer(), refused.answer());
            }
        }
    }

    /**
     * Notes that the admitted batches are in the log, and synced if the log syncs each append. Its acknowledgements
     * wait until it is
     * committed.
     *
     * @param firstPosition the position of its first message; any if nothing was admitted
     */
    public synchronized void appended(IntakeRound round, long firstPosition, long nowMs) {
        underWay = null;
        long next = firstPosition;
        long segment = round.toAppend().isEmpty() ? 0 : log.segmentOf(firstPosition);
        for (IntakeRound.ReceivedBatch received : round.toAppend()) {
            Batch batch = received.batch();
            next += batch.count();
            intake.appended(batch);
            checkpoints.logged(next - 1, batch.publisher(), batch.topic(), batch.last());
            ledger.add(segment, batch.topic(), next - 1, batch.bytes().length, batch.count(), nowMs);
            accepted += batch.count();
            persistence.noteMessages(next - 1);
        }
        checkpoints.nothingUnderWay();
        retention.nothingUnderWay();
        round.published(publications.logged(round.admitted(), firstPosition, committed()));
        acknowledgements.add(round, round.toAppend().isEmpty() ? 0 : next - 1);
    }

    /** Notes that the admitted batches could not be appended: publishers send them again. */
    public synchronized void failed(IntakeRound round, String why) {
        giveUp(round);
        underWay = null;
        for (IntakeRound.ReceivedBatch received : round.toAppend()) {
            Batch batch = received.batch();
            round.refuse(
                    received.peer(),
                    new Command.Refuse(
                            batch.epoch(),
                            batch.topic(),
                            batch.sequence(),
                            intake.expected(batch.publisher(), batch.topic()),
                            Code.UNAVAILABLE,
                            why));
        }
        round.toAppend().clear();
        checkpoints.nothingUnderWay();
        retention.nothingUnderWay();
        acknowledgements.add(round, 0);
    }

    private void giveUp(@Nullable IntakeRound round) {
        if (round != null) {
            round.toAppend().forEach(received -> intake.failed(received.batch()));
        }
    }

    /** The answers to publishers that are free now, each given once. */
    public synchronized List<PeerCommand> acknowledgements() {
        return acknowledgements.free(committed());
    }

    // Plain publishers.

    /**
     * Whether a topic takes a message of a plain publisher: null if it does, otherwise the bound that was reached.
     *
     * @param take counts what is taken until it is in the log
     */
    public synchronized @Nullable Code refuses(String topic, int bytes, TopicBytes take, long nowMs) {
        tables.now(nowMs);
        return active ? retention.refuses(topic, bytes, take, nowMs) : Code.NOT_ACTIVE;
    }

    /** Batches of plain publishers are on their way to the log: {@link #plainAppended} or {@link #plainFailed} follows. */
    public synchronized void plainBegins() {
        plainUnderWay++;
    }

    /** Batches of plain publishers could not be appended. */
    public synchronized void plainFailed() {
        plainUnderWay--;
    }

    /**
     * Batches of plain publishers are in the log from a position on.
     *
     * @return what of them may go to plain subscribers at once
     */
    public synchronized List<Batch> plainAppended(List<Batch> batches, long firstPosition, long nowMs) {
        plainUnderWay--;
        long next = firstPosition;
        long segment = log.segmentOf(firstPosition);
        for (Batch batch : batches) {
            next += batch.count();
            ledger.add(segment, batch.topic(), next - 1, batch.bytes().length, batch.count(), nowMs);
        }
        persistence.noteMessages(next - 1);
        return publications.logged(batches, firstPosition, committed());
    }

    /** Batches that had to wait for the committed position and may go to plain subscribers now. One thread at a time. */
    public synchronized List<Batch> publications() {
        return publications.free(committed());
    }

    // Subscribers.

    /** Takes a request of a subscriber. It is answered in a round of the feed that follows {@link #requestsKept}. */
    public synchronized void receive(byte[] peer, Command.OfSubscriber command, long nowMs) {
        tables.now(nowMs);
        if (active) {
            if (command instanceof Command.Attach attach && attach.logEpoch() > log.epoch()) {
                goAbove(attach, nowMs);
            }
            feed.receive(peer, command, nowMs);
        } else {
            feed.refuse(peer, Commands.Asked.NOTHING, Code.NOT_ACTIVE, NOT_ACTIVE);
        }
    }

    /**
     * A subscriber knows a log epoch that this log has never told: this is an older log that was put back, and in between the
     * hub had another one. A log epoch begins above all that the other can have told. In a pair only a takeover begins one,
     * and what no log can have told is not believed.
     */
    private void goAbove(Command.Attach attach, long nowMs) {
        if (persistence.inPair()
                || livesBegun >= LIVES_OF_A_START_MAX
                || !LogLife.canHaveTold(attach.logEpoch(), nowMs)) {
            return;
        }
        livesBegun++;
        int former = log.epoch();
        tables.add(log.beginLife(LogLife.above(attach.logEpoch(), nowMs)));
        // The other log may have granted epochs: by them subscribers know what is sent again.
        tables.raiseEpochs((long) log.epoch() << HubStart.EPOCHS_OF_A_LIFE_BITS);
        intake.restoredAbove(tables.lastEpoch());
        feed.subscribers().endAll();
        String what = "subscriber " + attach.subscriber() + " knows log epoch " + attach.logEpoch()
                + ", and this log had told none above " + former
                + ": an older log was put back. What only the other log had is lost; all that this one has is delivered from"
                + " where its subscribers were known to stand";
        notices.warn(what + "; log epoch " + log.epoch() + " begins");
        tables.note(new HubEvent(nowMs, "older-log", null, attach.subscriber(), null, 0, 0, what));
    }

    /** Subscribers that were refused since a time, as they come from a log that this hub has not, with what to do. */
    public synchronized List<String> strangers(long sinceMs) {
        return feed.strangers(sinceMs);
    }

    /** Answers something that could not be read as a request, or not be done. */
    public synchronized void refuse(byte[] peer, Commands.Asked asked, Code code, String text) {
        feed.refuse(peer, asked, code, text);
    }

    /**
     * Makes durable what the requests since the last call have changed, in one piece, so that they can be answered.
     *
     * @throws RuntimeException if that failed: they are not answered, and subscribers ask again
     */
    public void requestsKept() {
        persistence.keepOrThrow();
    }

    /** Begins a round of the feed: what is to be told before anything is delivered. */
    public synchronized List<PeerCommand> answers() {
        return feed.answers(committed());
    }

    /** Plans the deliveries that can be sent now. The log is read meanwhile, without the lock. */
    public List<Delivery> plan(int bytesMax) {
        List<FeedRound.Read> reads;
        synchronized (this) {
            if (!active) {
                return List.of();
            }
            reads = feed.reads(bytesMax);
        }
        CommittedLog committed = new CommittedLog(log, gate);
        reads.forEach(read -> read.from(committed));
        synchronized (this) {
            return feed.plan(reads);
        }
    }

    /** Why the log could not be read for a subscriber in the last plan, null if it could for all. */
    public synchronized @Nullable RuntimeException unreadable() {
        return feed.unreadable();
    }

    /** Those that wait for a part of the log that is damaged, each with its patterns. */
    public synchronized List<String> waitingForRepair() {
        return feed.waitingForRepair();
    }

    /** The message of a delivery, or null if it is stale by now. */
    public synchronized @Nullable PeerCommand deliver(Delivery delivery, long nowMs) {
        return feed.deliver(delivery, nowMs);
    }

    /** True while a live subscriber waits for the feed: then the intake is to wait for a moment. */
    public synchronized boolean feedLags() {
        return active && feed.lags();
    }

    /** Ends a round; true if another would find something to do. */
    public synchronized boolean settle() {
        return feed.settle();
    }

    /** Sends again to those that have been silent since a time with something under way; returns how many. */
    public synchronized int retransmit(long silentSinceMs) {
        return feed.retransmit(silentSinceMs);
    }

    /** Ends the sessions not heard since a time; returns the ids of their subscribers. */
    public synchronized List<String> endSilent(long silentSinceMs) {
        return feed.subscribers().endSilent(silentSinceMs);
    }

    // Timers.

    /**
     * Takes a checkpoint: the log is synced, then the snapshot is brought up to it, then the log may be purged up to there.
     *
     * @throws RuntimeException if the disk or the database fails; the next one tells what this one would have told
     */
    public void checkpoint(long nowMs) {
        persistence.checkpoint(nowMs);
    }

    /**
     * Deletes the oldest segments that need not be kept. What the last durable checkpoint does not know stays.
     *
     * <p>In a pair it only says so at first, and deletes when that is committed: whichever hub is active later then grants
     * nobody a start there.
     *
     * @throws RuntimeException if the disk or the database fails; nothing was deleted then that is still needed
     */
    public void purge(long nowMs) {
        if (isActive() && !log.purgesAreHeld()) {
            purge.run(nowMs);
        }
    }

    /** Forgets publishers that have been idle for so long; they say HELLO again. */
    public void expirePublishers(Duration after, long nowMs) {
        if (!isActive()) {
            return;
        }
        synchronized (this) {
            tables.now(nowMs);
            List<String> lines = new ArrayList<>();
            for (String publisher : intake.idleSince(nowMs - after.toMillis())) {
                intake.forget(publisher);
                checkpoints.forgotten(publisher);
                lines.add("publisher=" + publisher + " forgotten, idle for more than " + after);
            }
            HubNotices.few(lines).forEach(notices::info);
        }
        persistence.keepOrThrow();
        snapshots.touchPublishers(lastSeen());
    }

    /** Removes subscribers that have been absent for so long. */
    public void expireSubscribers(Duration after, long nowMs) {
        if (!isActive()) {
            return;
        }
        synchronized (this) {
            tables.now(nowMs);
            List<String> lines = new ArrayList<>();
            for (DurableSubscriber gone : feed.subscribers().expire(nowMs - after.toMillis())) {
                lines.add("subscriber=" + gone.id() + " expired at cursor=" + gone.cursor() + ", absent for more than "
                        + after);
                tables.note(new HubEvent(
                        nowMs,
                        "subscriber-expired",
                        null,
                        gone.id(),
                        null,
                        gone.cursor() + 1,
                        log.end(),
                        "absent for more than " + after));
            }
            HubNotices.few(lines).forEach(notices::warn);
        }
        persistence.keepOrThrow();
    }

    // Figures.

    /** The committed position. */
    public long committed() {
        return gate.committed(log.end());
    }

    /** A consistent view of what the hub counts. */
    public synchronized HubFigures figures() {
        Collection<DurableSubscriber> durable = feed.subscribers().durable();
        long lastMessage = persistence.messagesEnd();
        long outstanding = durable.stream()
                .filter(s -> !s.subscriptions().isEmpty())
                .mapToLong(s -> Math.max(0, lastMessage - s.cursor()))
                .sum();
        return new HubFigures(
                accepted,
                duplicates,
                feed.counters(),
                lastMessage,
                outstanding,
                intake.publishers().size(),
                List.copyOf(durable),
                feed.subscribers().windows(),
                feed.subscribers().ephemeral(),
                ledger.size(),
                publications.dropped(),
                checkpoints.durable(),
                log.epoch());
    }

    /** The topics that refuse messages now as they are full, each with who needs what is in it; by name. */
    public synchronized List<String> fullTopics() {
        return retention.fullTopics();
    }

    /** The topics that the log holds, by name. */
    public synchronized List<TopicLedger.Held> topics() {
        return ledger.topics();
    }

    private synchronized Map<String, Long> lastSeen() {
        return intake.lastSeen();
    }
}
