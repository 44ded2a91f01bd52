package io.bactrian.pubsub.core;

import io.bactrian.wire.Cause;
import io.bactrian.wire.Code;
import io.bactrian.wire.Command;
import io.bactrian.wire.Commands;
import io.bactrian.wire.StartFrom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The hub's side towards subscribers: what they ask for, and what each is to be sent next. {@link FeedSubscribers} knows who they
 * are, and a {@link FeedRound} what is read for them.
 *
 * <p>Requests come in by {@link #receive}. What goes out is taken by one caller in rounds: {@link #answers}, then
 * {@link #plan}, {@link #deliver} for each delivery that is to go, and {@link #settle}. Live messages, catching up and
 * retransmission are one thing: reading the log on from a cursor for as long as there is credit. Not thread-safe.
 */
public final class HubFeed {
    /** The last generation; the number after it is refused. */
    private static final int GENERATION_MAX = Integer.MAX_VALUE - 1;

    private final LogReader log;
    private final HubLimits limits;
    private final FeedSubscribers subscribers;
    private final Map<Integer, Long> reached = new HashMap<>();
    private boolean trustsUnknown;
    private final EndedByOthers endedByOthers;
    private final Strangers strangers;
    private final FeedAnswers answers = new FeedAnswers();
    private final FeedRound round;
    /** As of the round. */
    private long committed = Long.MAX_VALUE;

    private long delivered;
    private long retransmitted;
    private long resends;
    private long ignored;

    /**
     * A feed without subscribers; see {@link FeedSubscribers#restore}.
     *
     * @param firstSession the first session number, at least 1; drawn anew at each start, so that a frame of a former
     *     life of the hub meets no session of this one
     */
    public HubFeed(LogReader log, HubRegistry registry, HubLimits limits, int firstSession) {
        this.log = log;
        this.limits = limits;
        this.subscribers = new FeedSubscribers(log, registry, limits, firstSession);
        this.endedByOthers = new EndedByOthers(limits.subscribersMax());
        this.strangers = new Strangers(log);
        this.round = new FeedRound(log, registry, subscribers.attached(), answers);
    }

    FeedSubscribers subscribers() {
        return subscribers;
    }

    /** At start: for each log epoch whose end was lost, the position that the log had reached. */
    void restoreCuts(Map<Integer, Long> cuts) {
        reached.putAll(cuts);
    }

    /**
     * At start: whether a subscriber that is not known may say where it stands, as the hub has lost what it knew; the log is
     * then kept from before.
     */
    void trustsUnknown(boolean trusts) {
        trustsUnknown = trusts;
    }

    /** How far the log had reached in an epoch, or in one after it, whose end was lost; 0 if none was. */
    private long reachedSince(int logEpoch) {
        return logEpoch == 0 || logEpoch >= log.epoch()
                ? 0
                : reached.entrySet().stream()
                        .filter(cut -> cut.getKey() >= logEpoch)
                        .mapToLong(Map.Entry::getValue)
                        .max()
                        .orElse(0);
    }

    /** Takes a request of a peer; the answers come with the next round. */
    public void receive(byte[] peer, Command.OfSubscriber command, long nowMs) {
        if (command instanceof Command.Attach attach) {
            attach(peer, attach, nowMs);
        } else if (command instanceof Command.OfSession asked) {
            receive(peer, asked, nowMs);
        } else {
            error(
                    peer,
                    0,
                    0,
                    Code.UNKNOWN_COMMAND,
                    "a hub takes no " + command.getClass().getSimpleName());
        }
    }

    private void receive(byte[] peer, Command.OfSession command, long nowMs) {
        int number = command.session();
        int request = command.request();
        FeedSubscriber subscriber = subscribers.ofSession(number);
        Session session = subscriber == null ? null : subscriber.session();
        if (subscriber == null || session == null || !Arrays.equals(session.peer(), peer)) {
            error(peer, number, request, Code.UNKNOWN_SESSION, "session " + number + " is not open");
            return;
        }
        session.received(nowMs);
        subscriber.seen(nowMs);
        if (request > 0 && request < session.lastRequest()) {
            // A late copy: what it asked for was done, and may have been undone since.
            ignored++;
            return;
        }
        session.lastRequest(Math.max(request, session.lastRequest()));
        receive(subscriber, session, command, nowMs);
    }

    private void receive(FeedSubscriber subscriber, Session session, Command.OfSession command, long nowMs) {
        if (command instanceof Command.Acknowledge || command instanceof Command.Resend) {
            // It takes deliveries: what it says of positions is of this epoch.
            session.endOfItsEpoch(ResumePoint.NO_END);
        }
        if (command instanceof Command.Acknowledge acknowledge) {
            if (acknowledge(subscriber, session, acknowledge.cursor(), 0, nowMs)) {
                session.endAsked(session.endAsked() || acknowledge.answer());
            }
        } else if (command instanceof Command.Resend resend) {
            resend(subscriber, session, resend.cursor());
        } else if (command instanceof Command.Subscribe subscribe) {
            subscribe(subscriber, session, subscribe, nowMs);
        } else if (command instanceof Command.Unsubscribe unsubscribe) {
            unsubscribe(subscriber, session, unsubscribe);
        } else if (command instanceof Command.Detach) {
            subscribers.leave(subscriber);
            subscriber.usedBy(session.other());
        } else if (command instanceof Command.Forget forget) {
            endedByOthers.add(subscriber.id(), session.other(), subscriber.active());
            subscribers.forget(subscriber);
            answers.add(new PeerCommand(session.peer(), new Command.Unsubscribed(session.number(), forget.request())));
        }
    }

    private void attach(byte[] peer, Command.Attach attach, long nowMs) {
        FeedSubscriber subscriber = subscribers.find(attach.subscriber());
        if (subscriber != null && subscriber.isEphemeral() && !attach.ephemeral()) {
            subscribers.forget(subscriber);
            subscriber = null;
        }
        if (subscriber != null && attach.ephemeral() && !subscriber.isEphemeral()) {
            error(peer, 0, 0, Code.MALFORMED, "subscriber " + attach.subscriber() + " is durable");
            return;
        }
        if (subscriber == null && !subscribers.makeRoom()) {
            error(
                    peer,
                    0,
                    0,
                    Code.TOO_MANY_SUBSCRIBERS,
                    "the hub has " + subscribers.size() + " subscribers: see bactrian.hub.subscribers.max");
            return;
        }
        if (subscribers.isSuperseded(attach)) {
            error(
                    peer,
                    0,
                    0,
                    Code.SUPERSEDED,
                    "another process has attached as subscriber " + attach.subscriber() + " since");
            return;
        }
        if (attach.generation() > GENERATION_MAX) {
            error(peer, 0, 0, Code.MALFORMED, "generation " + attach.generation() + " leaves no room for a rewind");
            return;
        }
        if (attach.logEpoch() > log.epoch()) {
            error(peer, 0, 0, Code.UNAVAILABLE, strangers.refuse(attach.subscriber(), attach.logEpoch(), nowMs));
            return;
        }
        strangers.remove(attach.subscriber());
        boolean known = subscriber != null;
        Session former = subscriber == null ? null : subscriber.session();
        ResumePoint answered = former == null ? null : former.answered(attach);
        ResumePoint resume = answered == null
                ? ResumePoint.of(attach, subscriber, log, reachedSince(attach.logEpoch()), trustsUnknown)
                : answered;
        if (subscriber == null) {
            subscriber = new FeedSubscriber(
                    new DurableSubscriber(
                            attach.subscriber(),
                            resume.generation(),
                            log.epoch(),
                            resume.cursor(),
                            0,
                            resume.cursor(),
                            nowMs,
                            List.of()),
                    attach.ephemeral());
        }
        if (!known || resume.generation() > subscriber.generation()) {
            subscribers.save(
                    subscriber,
                    new DurableSubscriber(
                            subscriber.id(),
                            resume.generation(),
                            log.epoch(),
                            resume.cursor(),
                            0,
                            subscriber.receivedUpTo(),
                            nowMs,
                            subscriber.subscriptions()));
            subscribers.add(subscriber);
        }
        Session session = subscribers.open(subscriber, attach, peer, nowMs);
        subscriber.seen(nowMs);
        subscriber.standAt(resume.generation(), resume.keptAfter());
        session.feedFrom(resume.cursor());
        session.answered(attach, resume);
        session.endOfItsEpoch(Math.min(session.endOfItsEpoch(), ResumePoint.endOfEpoch(attach, log)));
        answers.add(new PeerCommand(
                peer,
                new Command.Attached(
                        attach.instance(),
                        session.number(),
                        resume.generation(),
                        log.epoch(),
                        resume.cursor(),
                        log.end(),
                        resume.lostFrom(),
                        resume.lostTo(),
                        resume.cause())));
    }

    /** Those that were refused since a time, as they come from a log that this hub has not, each with what to do. */
    List<String> strangers(long sinceMs) {
        return strangers.since(sinceMs);
    }

    private boolean acknowledge(FeedSubscriber subscriber, Session session, long cursor, int request, long nowMs) {
        if (cursor > session.furthest()) {
            error(
                    session.peer(),
                    session.number(),
                    request,
                    Code.FUTURE_CURSOR,
                    "cursor " + cursor + " is above " + session.furthest() + ", which is as far as you were fed");
            return false;
        }
        if (cursor > subscriber.cursor()) {
            subscriber.standAt(subscriber.generation(), cursor);
            session.acknowledged(cursor, nowMs);
        }
        return true;
    }

    private void resend(FeedSubscriber subscriber, Session session, long cursor) {
        if (cursor > session.furthest()) {
            error(
                    session.peer(),
                    session.number(),
                    0,
                    Code.FUTURE_CURSOR,
                    "cursor " + cursor + " is above " + session.furthest() + ", which is as far as you were fed");
            return;
        }
        resends++;
        long from = Math.max(cursor, subscriber.cursor());
        long deletedTo = log.firstReadable() - 1;
        if (cursor < deletedTo && subscriber.hasPatterns() && !subscriber.isPassedOver(deletedTo)) {
            answers.lost(session, log.epoch(), cursor + 1, deletedTo, Cause.EXPIRED);
            from = Math.max(from, deletedTo);
        }
        session.resendFrom(from);
    }

    private void subscribe(FeedSubscriber subscriber, Session session, Command.Subscribe subscribe, long nowMs) {
        if (!acknowledge(subscriber, session, subscribe.cursor(), subscribe.request(), nowMs)) {
            return;
        }
        DurableSubscription existing = subscriber.find(subscribe.kind(), subscribe.pattern());
        Session answering = session;
        long start;
        if (existing != null) {
            start = confirmed(existing, subscribe, session);
        } else if (endedByOthers.tell(subscriber.id(), session.instance(), subscribe.kind(), subscribe.pattern())) {
            error(
                    session.peer(),
                    session.number(),
                    subscribe.request(),
                    Code.SUPERSEDED,
                    "another process has attached as subscriber " + subscriber.id() + " and has unsubscribed '"
                            + subscribe.kind().write(subscribe.pattern()) + "'");
            return;
        } else if (subscriber.subscriptions().size() >= limits.subscriptionsMax()) {
            error(
                    session.peer(),
                    session.number(),
                    subscribe.request(),
                    Code.TOO_MANY_SUBSCRIPTIONS,
                    "a subscriber may have " + limits.subscriptionsMax()
                            + " patterns: see bactrian.hub.subscriptions.max");
            return;
        } else {
            start = Math.max(startOf(subscribe, session.endOfItsEpoch()), subscriber.receivedUpTo() + 1);
            if (start <= subscriber.cursor() && subscriber.generation() >= GENERATION_MAX) {
                error(
                        session.peer(),
                        session.number(),
                        subscribe.request(),
                        Code.MALFORMED,
                        "the cursor was rewound " + subscriber.generation()
                                + " times, which is as often as it can be: use another subscriber id");
                return;
            }
            boolean rewound = add(subscriber, subscribe, start, nowMs);
            // What is under way may say that nothing was there where the new pattern has something.
            if (rewound || start <= session.furthest()) {
                answering = subscribers.replace(subscriber, session, nowMs);
            }
        }
        answering.feedFrom(subscriber.cursor());
        answering.announced(false);
        answers.add(new PeerCommand(
                answering.peer(),
                new Command.Subscribed(
                        answering.number(), subscribe.request(), subscriber.generation(), start, subscriber.cursor())));
    }

    /** A subscriber that comes from another log asks by positions of that: what lies between the two is not lost to it. */
    private static long confirmed(DurableSubscription existing, Command.Subscribe subscribe, Session session) {
        boolean ofAnotherLog = session.endOfItsEpoch() == 0 && subscribe.from() == StartFrom.POSITION;
        return ofAnotherLog ? Math.min(existing.start(), Math.max(1, subscribe.position())) : existing.start();
    }

    private long startOf(Command.Subscribe subscribe, long endOfItsEpoch) {
        long next = log.end() + 1;
        long position = Math.min(subscribe.position(), endOfItsEpoch + 1);
        return switch (subscribe.from()) {
            case OLDEST -> Math.min(log.first(), next);
            case NOW -> next;
            case POSITION -> Math.max(Math.min(log.first(), next), Math.min(position, next));
            case TIME -> Math.min(log.firstSince(subscribe.position()), next);
        };
    }

    /** Adds a pattern, durably; true if the cursor was rewound for it. */
    private boolean add(FeedSubscriber subscriber, Command.Subscribe subscribe, long start, long nowMs) {
        boolean first = !subscriber.hasPatterns();
        boolean rewound = !first && start <= subscriber.cursor();
        int generation = subscriber.generation();
        long cursor = subscriber.cursor();
        long processedUpTo = 0;
        List<DurableSubscription> patterns = new ArrayList<>();
        for (DurableSubscription pattern : subscriber.subscriptions()) {
            if (pattern.ended() && pattern.isFrom(subscribe.kind(), subscribe.pattern(), start)) {
                // Taken up again where it had begun: the two are one, which still knows what is done.
                processedUpTo = pattern.processedUpTo();
            } else {
                patterns.add(rewound ? pattern.rewoundFrom(cursor) : pattern);
            }
        }
        patterns.add(new DurableSubscription(subscribe.kind(), subscribe.pattern(), start, processedUpTo, false));
        if (first || rewound) {
            rewound = start <= cursor;
            generation += rewound ? 1 : 0;
            cursor = start - 1;
        }
        subscribers.save(
                subscriber,
                new DurableSubscriber(
                        subscriber.id(),
                        generation,
                        log.epoch(),
                        cursor,
                        rewound ? 0 : subscriber.purgedUpTo(),
                        subscriber.receivedUpTo(),
                        nowMs,
                        List.copyOf(patterns)));
        subscriber.subscriptions(patterns);
        subscribers.noteWhetherItHasAPattern(subscriber);
        subscriber.standAt(generation, cursor);
        return rewound;
    }

    private void unsubscribe(FeedSubscriber subscriber, Session session, Command.Unsubscribe unsubscribe) {
        DurableSubscription existing = subscriber.find(unsubscribe.kind(), unsubscribe.pattern());
        if (existing != null) {
            List<DurableSubscription> patterns = new ArrayList<>(subscriber.subscriptions());
            patterns.remove(existing);
            endedByOthers.add(subscriber.id(), session.other(), List.of(existing));
            if (existing.processedUpTo() > subscriber.cursor()) {
                patterns.add(new DurableSubscription(
                        existing.kind(), existing.pattern(), existing.start(), existing.processedUpTo(), true));
            }
            subscribers.save(
                    subscriber,
                    new DurableSubscriber(
                            subscriber.id(),
                            subscriber.generation(),
                            log.epoch(),
                            subscriber.cursor(),
                            subscriber.purgedUpTo(),
                            subscriber.receivedUpTo(),
                            subscriber.lastSeenMs(),
                            patterns));
            subscriber.subscriptions(patterns);
            subscribers.noteWhetherItHasAPattern(subscriber);
        }
        answers.add(new PeerCommand(session.peer(), new Command.Unsubscribed(session.number(), unsubscribe.request())));
    }

    /** Answers what could not be read as a request, or not be done. */
    public void refuse(byte[] peer, Commands.Asked asked, Code code, String text) {
        error(peer, asked.session(), asked.request(), code, text);
    }

    private void error(byte[] peer, int session, int request, Code code, String text) {
        ignored++;
        answers.add(new PeerCommand(peer, new Command.Error(session, request, code, text)));
    }

    /** Notes that the answers up to now rest on nothing above a position of the log. */
    public void kept(long position) {
        answers.kept(position);
    }

    /**
     * Drops the last answers, as what they rest on could not be made durable: they are not given, and their peers ask
     * again. Sessions that
     * an answer would have opened or changed end, as they must not be fed.
     */
    public void notKept() {
        for (int number : answers.dropFresh()) {
            FeedSubscriber subscriber = subscribers.ofSession(number);
            if (subscriber != null) {
                subscribers.leave(subscriber);
            }
        }
    }

    /** Begins a round, with every answer that there is. */
    public List<PeerCommand> answers() {
        kept(0);
        return answers(Long.MAX_VALUE);
    }

    /**
     * Begins a round: what is to be told before anything else is sent.
     *
     * @param committed answers that rest on something above wait for a later round
     */
    public List<PeerCommand> answers(long committed) {
        this.committed = committed;
        round.begin();
        List<PeerCommand> out = answers.free(committed);
        Set<Integer> waiting = answers.sessionsThatWait();
        for (FeedSubscriber subscriber : subscribers.attached()) {
            Session session = subscriber.session();
            if (session != null && !waiting.contains(session.number())) {
                session.announced(true);
                if (session.endAsked()) {
                    session.endAsked(false);
                    out.add(new PeerCommand(
                            session.peer(),
                            new Command.End(session.number(), log.epoch(), session.previous(), session.fed())));
                }
            }
        }
        return out;
    }

    /**
     * Looks for what can be sent now, and reads it. A subscriber that needs a part of the log that cannot be read waits,
     * and nobody else does: see {@link #unreadable}.
     *
     * @param bytesMax how much of the log to look at for each subscriber; for all of them together it is a fixed multiple,
     *     however many there are
     * @return deliveries, for each subscriber in the order of the log
     */
    public List<Delivery> plan(int bytesMax) {
        List<FeedRound.Read> reads = reads(bytesMax);
        reads.forEach(read -> read.from(log));
        return plan(reads);
    }

    /** The first half of {@link #plan(int)}: which parts of the log are to be read. */
    public List<FeedRound.Read> reads(int bytesMax) {
        return round.reads(bytesMax);
    }

    /** The second half of {@link #plan(int)}, with what was read. What has changed meanwhile is read again. */
    public List<Delivery> plan(List<FeedRound.Read> reads) {
        return round.plan(reads);
    }

    /** Those that wait for a part of the log that is damaged, each with its patterns. */
    public List<String> waitingForRepair() {
        return subscribers.attached().stream()
                .filter(s -> s.session() != null && s.session().unreadableFrom() > 0)
                .map(s -> s.id() + " (" + s.patterns() + ")")
                .sorted()
                .toList();
    }

    /**
     * True while a subscriber that keeps up, and waits for nothing but the hub, lags behind the newest part of the log: then
     * the intake is to yield to the feed. One that is slow itself, or that catches up from the disk, slows nobody.
     */
    public boolean lags() {
        long recent = Math.min(log.recent(), log.end());
        for (FeedSubscriber subscriber : subscribers.attached()) {
            Session session = subscriber.session();
            if (session != null
                    && session.keepsUp()
                    && session.fed() + 1 < recent
                    && session.waitsForTheHub()
                    && subscriber.hasPatterns()) {
                return true;
            }
        }
        return false;
    }

    /** Notes who keeps up, and tells the log what they need. */
    private void noteWhoKeepsUp() {
        long recent = log.recent();
        long from = Long.MAX_VALUE;
        for (FeedSubscriber subscriber : subscribers.attached()) {
            Session session = subscriber.session();
            if (session != null) {
                // Whoever only looks on slows nobody down, and takes no memory.
                session.keepsUp(!subscriber.isEphemeral() && (session.keepsUp() || session.fed() + 1 >= recent));
                from = session.keepsUp() ? Math.min(from, session.fed() + 1) : from;
            }
        }
        log.needed(from);
    }

    /** Why the log could not be read for a subscriber in the last plan, null if it could for all. */
    public @Nullable RuntimeException unreadable() {
        return round.unreadable();
    }

    /** Sends a delivery: the message to the subscriber, or null if it is stale by now. */
    public @Nullable PeerCommand deliver(Delivery delivery, long nowMs) {
        FeedSubscriber subscriber = subscribers.find(delivery.subscriber());
        Session session = subscriber == null ? null : subscriber.session();
        if (subscriber == null || session == null || session.plan() != delivery.plan()) {
            return null;
        }
        long messages = delivery.last() - delivery.position() + 1;
        delivered += messages;
        if (session.deliveredBefore(delivery)) {
            retransmitted += messages;
        }
        long previous = session.deliver(delivery, nowMs);
        return new PeerCommand(
                session.peer(),
                new Command.Deliver(
                        session.number(),
                        log.epoch(),
                        previous,
                        delivery.position(),
                        subscriber.isEphemeral() ? delivery.timeMs() : 0),
                delivery.payload());
    }

    /**
     * Ends a round: what was planned and not delivered was held back on purpose.
     *
     * @return whether another round would find something to do
     */
    public boolean settle() {
        boolean more = round.settle();
        noteWhoKeepsUp();
        return more || answers.hasFree(committed);
    }

    /** Sends again to those that have been silent since a time with something under way; returns how many. */
    public int retransmit(long silentSinceMs) {
        int stuck = 0;
        for (FeedSubscriber subscriber : subscribers.attached()) {
            Session session = subscriber.session();
            if (session != null && session.stuckSince(silentSinceMs)) {
                session.resendFrom(subscriber.cursor());
                stuck++;
            }
        }
        return stuck;
    }

    public FeedCounters counters() {
        return new FeedCounters(delivered, retransmitted, resends, ignored);
    }
}
