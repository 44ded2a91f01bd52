package io.bactrian.pubsub.core;

import io.bactrian.wire.Cause;
import io.bactrian.wire.Code;
import io.bactrian.wire.Command;
import io.bactrian.wire.Commands;
import io.bactrian.wire.StartFrom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The hub's side towards subscribers: who they are, where they stand, and what each is to be sent next.
 *
 * <p>Requests come in by {@link #receive}. What goes out is taken by one caller in rounds: {@link #answers}, then
 * {@link #plan}, {@link #deliver} for each delivery that is to go, and {@link #settle}. Live messages, catching up and
 * retransmission are one thing: reading the log on from a cursor for as long as there is credit. Not thread-safe.
 */
public final class HubFeed {
    /** For whom the log is kept, and after which position; what it has processed may be less. */
    public record Needed(String subscriber, long after, long cursor) {}

    /** A subscriber that comes from a log which this hub has not. */
    private record Stranger(int logEpoch, long atMs) {}

    /** So many are remembered. */
    private static final int STRANGERS_MAX = 100;

    /** The last generation; the number after it is refused. */
    private static final int GENERATION_MAX = Integer.MAX_VALUE - 1;

    private final LogReader log;
    private final HubRegistry registry;
    private final HubLimits limits;
    private final Map<String, FeedSubscriber> subscribers = new LinkedHashMap<>();
    /** Those that have no pattern; who has been so for longest is in front, and is forgotten first when there are too many. */
    private final Set<String> withoutPattern = new LinkedHashSet<>();

    private final Map<Integer, FeedSubscriber> sessions = new HashMap<>();
    private final Map<Integer, Long> reached = new HashMap<>();
    private boolean trustsUnknown;
    private final Map<String, Long> superseded = new HashMap<>();
    private final EndedByOthers endedByOthers;
    private final Map<String, Stranger> strangers = new LinkedHashMap<>();
    private final FeedAnswers answers = new FeedAnswers();
    private final FeedRound round;
    /** As of the round. */
    private long committed = Long.MAX_VALUE;

    private int nextSession;
    private long delivered;
    private long retransmitted;
    private long resends;
    private long ignored;

    /**
     * A feed without subscribers; see {@link #restore}.
     *
     * @param firstSession the first session number, at least 1; drawn anew at each start, so that a frame of a former
     *     life of the hub meets no session of this one
     */
    public HubFeed(LogReader log, HubRegistry registry, HubLimits limits, int firstSession) {
        this.log = log;
        this.registry = registry;
        this.limits = limits;
        this.endedByOthers = new EndedByOthers(limits.subscribersMax());
        this.nextSession = firstSession;
        this.round = new FeedRound(log, registry, sessions, answers);
    }

    /** At start: a subscriber as the registry has it. What it says of positions that the log has lost is cut. */
    public void restore(DurableSubscriber durable) {
        long end = Math.min(log.end(), log.endOfEpoch(durable.logEpoch()));
        DurableSubscriber standing = durable.cutTo(end, log.epoch());
        if (!standing.equals(durable)) {
            registry.save(standing);
        }
        FeedSubscriber restored = new FeedSubscriber(standing);
        subscribers.put(durable.id(), restored);
        noteWhetherItHasAPattern(restored);
    }

    /** At start: nobody has been absent until now. */
    void allHeard(long nowMs) {
        subscribers.values().forEach(subscriber -> subscriber.seen(nowMs));
    }

    private void noteWhetherItHasAPattern(FeedSubscriber subscriber) {
        if (subscriber.hasPatterns()) {
            withoutPattern.remove(subscriber.id());
        } else {
            withoutPattern.add(subscriber.id());
        }
    }

    /** Whether a new subscriber finds room; one that has no pattern makes it, and attaches again if it is still there. */
    private boolean makeRoom() {
        if (subscribers.size() >= limits.subscribersMax() && !withoutPattern.isEmpty()) {
            forget(subscribers.get(withoutPattern.iterator().next()));
        }
        return subscribers.size() < limits.subscribersMax();
    }

    /** Records how a subscriber stands, if it is one that lasts. */
    private void save(FeedSubscriber subscriber, DurableSubscriber standing) {
        if (!subscriber.isEphemeral()) {
            registry.save(standing);
        }
    }

    private void forget(@Nullable FeedSubscriber subscriber) {
        if (subscriber != null) {
            if (!subscriber.isEphemeral()) {
                registry.forget(subscriber.id());
            }
            end(subscriber);
            subscribers.remove(subscriber.id());
            superseded.remove(subscriber.id());
            withoutPattern.remove(subscriber.id());
        }
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
            return;
        }
        int number = sessionOf(command);
        FeedSubscriber subscriber = sessions.get(number);
        Session session = subscriber == null ? null : subscriber.session();
        if (number < 0) {
            error(
                    peer,
                    0,
                    0,
                    Code.UNKNOWN_COMMAND,
                    "a hub takes no " + command.getClass().getSimpleName());
        } else if (subscriber == null || session == null || !Arrays.equals(session.peer(), peer)) {
            error(peer, number, requestOf(command), Code.UNKNOWN_SESSION, "session " + number + " is not open");
        } else {
            session.heard(nowMs);
            subscriber.seen(nowMs);
            int request = requestOf(command);
            if (request > 0 && request < session.lastRequest()) {
                // A late copy: what it asked for was done, and may have been undone since.
                ignored++;
                return;
            }
            session.lastRequest(Math.max(request, session.lastRequest()));
            receive(subscriber, session, command, nowMs);
        }
    }

    private void receive(FeedSubscriber subscriber, Session session, Command.OfSubscriber command, long nowMs) {
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
            leave(subscriber);
            subscriber.usedBy(session.other());
        } else if (command instanceof Command.Forget forget) {
            endedByOthers.add(subscriber.id(), session.other(), subscriber.active());
            forget(subscriber);
            answers.add(
                    new Outbound(session.peer(), new Command.Unsubscribed(session.number(), forget.request()), null));
        }
    }

    private static int sessionOf(Command.OfSubscriber command) {
        if (command instanceof Command.Acknowledge c) {
            return c.session();
        } else if (command instanceof Command.Resend c) {
            return c.session();
        } else if (command instanceof Command.Subscribe c) {
            return c.session();
        } else if (command instanceof Command.Unsubscribe c) {
            return c.session();
        } else if (command instanceof Command.Detach c) {
            return c.session();
        } else if (command instanceof Command.Forget c) {
            return c.session();
        }
        return -1;
    }

    private static int requestOf(Command.OfSubscriber command) {
        if (command instanceof Command.Subscribe c) {
            return c.request();
        } else if (command instanceof Command.Unsubscribe c) {
            return c.request();
        } else if (command instanceof Command.Forget c) {
            return c.request();
        }
        return 0;
    }

    private void attach(byte[] peer, Command.Attach attach, long nowMs) {
        FeedSubscriber subscriber = subscribers.get(attach.subscriber());
        if (subscriber != null && subscriber.isEphemeral() && !attach.ephemeral()) {
            forget(subscriber);
            subscriber = null;
        }
        if (subscriber != null && attach.ephemeral() && !subscriber.isEphemeral()) {
            error(peer, 0, 0, Code.MALFORMED, "subscriber " + attach.subscriber() + " is durable");
            return;
        }
        if (subscriber == null && !makeRoom()) {
            error(
                    peer,
                    0,
                    0,
                    Code.TOO_MANY_SUBSCRIBERS,
                    "the hub has " + subscribers.size() + " subscribers: see bactrian.hub.subscribers.max");
            return;
        }
        if (Long.valueOf(attach.instance()).equals(superseded.get(attach.subscriber()))) {
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
            strangers.keySet().removeIf(id -> strangers.size() >= STRANGERS_MAX);
            strangers.put(attach.subscriber(), new Stranger(attach.logEpoch(), nowMs));
            error(peer, 0, 0, Code.UNAVAILABLE, "subscriber " + attach.subscriber() + stranger(attach.logEpoch()));
            return;
        }
        strangers.remove(attach.subscriber());
        boolean known = subscriber != null;
        Session former = subscriber == null ? null : subscriber.session();
        ResumePoint answered = former == null ? null : former.answered(attach);
        ResumePoint standing = answered == null
                ? ResumePoint.of(attach, subscriber, log, reachedSince(attach.logEpoch()), trustsUnknown)
                : answered;
        if (subscriber == null) {
            subscriber = new FeedSubscriber(
                    new DurableSubscriber(
                            attach.subscriber(),
                            standing.generation(),
                            log.epoch(),
                            standing.cursor(),
                            0,
                            standing.cursor(),
                            nowMs,
                            List.of()),
                    attach.ephemeral());
        }
        if (!known || standing.generation() > subscriber.generation()) {
            save(
                    subscriber,
                    new DurableSubscriber(
                            subscriber.id(),
                            standing.generation(),
                            log.epoch(),
                            standing.cursor(),
                            0,
                            subscriber.receivedUpTo(),
                            nowMs,
                            subscriber.subscriptions()));
            subscribers.put(subscriber.id(), subscriber);
            noteWhetherItHasAPattern(subscriber);
        }
        Session session = open(subscriber, attach, peer, nowMs);
        subscriber.seen(nowMs);
        subscriber.standAt(standing.generation(), standing.keptAfter());
        session.feedFrom(standing.cursor());
        session.answered(attach, standing);
        session.endOfItsEpoch(Math.min(session.endOfItsEpoch(), ResumePoint.endOfEpoch(attach, log)));
        answers.add(new Outbound(
                peer,
                new Command.Attached(
                        attach.instance(),
                        session.number(),
                        standing.generation(),
                        log.epoch(),
                        standing.cursor(),
                        log.end(),
                        standing.lostFrom(),
                        standing.lostTo(),
                        standing.cause()),
                null));
    }

    private String stranger(int logEpoch) {
        return " has a cursor of log epoch " + logEpoch + ", and this hub's log has told none above " + log.epoch()
                + ": an older log was put back, or the hub's clock stood in the future. Put back the newest log and its"
                + " database, or move the data folder of the subscriber away: it then goes on after what this hub knows as"
                + " acknowledged";
    }

    /** Those that were refused since a time, as they come from a log that this hub has not, each with what to do. */
    List<String> strangers(long sinceMs) {
        return strangers.entrySet().stream()
                .filter(stranger -> stranger.getValue().atMs() >= sinceMs)
                .map(stranger ->
                        stranger.getKey() + stranger(stranger.getValue().logEpoch()))
                .toList();
    }

    /** Ends all sessions: the log epoch is another, and all attach again. */
    void endAll() {
        List.copyOf(sessions.values()).forEach(this::leave);
    }

    private Session open(FeedSubscriber subscriber, Command.Attach attach, byte[] peer, long nowMs) {
        int window = Math.min(attach.window(), limits.windowBytesMax());
        Session former = subscriber.session();
        if (former != null && former.instance() == attach.instance()) {
            former.reattached(peer, window, attach.headers());
            former.heard(nowMs);
            former.announced(false);
            return former;
        }
        if (former != null) {
            superseded.put(subscriber.id(), former.instance());
        }
        long usedBy = subscriber.usedBy();
        Session session = newSession(subscriber, attach.instance(), peer, window, attach.headers(), nowMs);
        if (!SubscriberInstance.isSameProcess(usedBy, attach.instance())) {
            session.other(usedBy);
        }
        subscriber.usedBy(attach.instance());
        return session;
    }

    private Session newSession(
            FeedSubscriber subscriber, long instance, byte[] peer, int window, boolean headers, long nowMs) {
        end(subscriber);
        int number = nextSession;
        nextSession = nextSession == Integer.MAX_VALUE ? 1 : nextSession + 1;
        Session session = new Session(number, instance, peer, window, headers, nowMs);
        subscriber.session(session);
        sessions.put(number, subscriber);
        return session;
    }

    /** Ends the session; one that is not to outlive it is forgotten. */
    private void leave(FeedSubscriber subscriber) {
        if (subscriber.isEphemeral()) {
            forget(subscriber);
        } else {
            end(subscriber);
        }
    }

    private void end(FeedSubscriber subscriber) {
        Session session = subscriber.session();
        if (session != null) {
            sessions.remove(session.number());
            subscriber.session(null);
        }
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
                answering = newSession(
                        subscriber,
                        session.instance(),
                        session.peer(),
                        session.windowBytes(),
                        session.wantsHeaders(),
                        nowMs);
                answering.other(session.other());
                answering.lastRequest(session.lastRequest());
                answering.endOfItsEpoch(session.endOfItsEpoch());
            }
        }
        answering.feedFrom(subscriber.cursor());
        answering.announced(false);
        answers.add(new Outbound(
                answering.peer(),
                new Command.Subscribed(
                        answering.number(), subscribe.request(), subscriber.generation(), start, subscriber.cursor()),
                null));
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
        save(
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
        noteWhetherItHasAPattern(subscriber);
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
            save(
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
            noteWhetherItHasAPattern(subscriber);
        }
        answers.add(
                new Outbound(session.peer(), new Command.Unsubscribed(session.number(), unsubscribe.request()), null));
    }

    /** Answers what could not be read as a request, or not be done. */
    public void refuse(byte[] peer, Commands.Asked asked, Code code, String text) {
        error(peer, asked.session(), asked.request(), code, text);
    }

    private void error(byte[] peer, int session, int request, Code code, String text) {
        ignored++;
        answers.add(new Outbound(peer, new Command.Error(session, request, code, text), null));
    }

    /** What was answered up to now rests on nothing above a position of the log. */
    public void kept(long position) {
        answers.kept(position);
    }

    /**
     * What the last answers rest on could not be made durable: they are not given, and their peers ask again. Sessions that
     * an answer would have opened or changed end, as they must not be fed.
     */
    public void notKept() {
        for (int number : answers.dropFresh()) {
            FeedSubscriber subscriber = sessions.get(number);
            if (subscriber != null) {
                leave(subscriber);
            }
        }
    }

    /** Begins a round, with every answer that there is. */
    public List<Outbound> answers() {
        kept(0);
        return answers(Long.MAX_VALUE);
    }

    /**
     * Begins a round: what is to be told before anything else is sent.
     *
     * @param committed answers that rest on something above wait for a later round
     */
    public List<Outbound> answers(long committed) {
        this.committed = committed;
        round.begin();
        List<Outbound> out = answers.free(committed);
        Set<Integer> waiting = answers.sessionsThatWait();
        for (FeedSubscriber subscriber : sessions.values()) {
            Session session = subscriber.session();
            if (session != null && !waiting.contains(session.number())) {
                session.announced(true);
                if (session.endAsked()) {
                    session.endAsked(false);
                    out.add(new Outbound(
                            session.peer(),
                            new Command.End(session.number(), log.epoch(), session.previous(), session.fed()),
                            null));
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
        return sessions.values().stream()
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
        for (FeedSubscriber subscriber : sessions.values()) {
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
        for (FeedSubscriber subscriber : sessions.values()) {
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
    public @Nullable Outbound deliver(Delivery delivery, long nowMs) {
        FeedSubscriber subscriber = subscribers.get(delivery.subscriber());
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
        return new Outbound(
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
        for (FeedSubscriber subscriber : sessions.values()) {
            Session session = subscriber.session();
            if (session != null && session.stuckSince(silentSinceMs)) {
                session.resendFrom(subscriber.cursor());
                stuck++;
            }
        }
        return stuck;
    }

    /** Ends the sessions not heard since a time; their subscribers count as absent. */
    public List<String> endSilent(long silentSinceMs) {
        List<FeedSubscriber> silent = sessions.values().stream()
                .filter(s -> s.session() != null && s.session().lastHeardMs() < silentSinceMs)
                .toList();
        silent.forEach(this::leave);
        return silent.stream().map(FeedSubscriber::id).toList();
    }

    /** Removes the subscribers that have been absent since a time. */
    public List<DurableSubscriber> expire(long absentSinceMs) {
        List<DurableSubscriber> expired = new ArrayList<>();
        for (FeedSubscriber subscriber : List.copyOf(subscribers.values())) {
            if (subscriber.session() == null && subscriber.lastSeenMs() < absentSinceMs) {
                forget(subscriber);
                expired.add(subscriber.durable(log.epoch()));
            }
        }
        return expired;
    }

    /** Those for whom the log is kept. */
    private Stream<FeedSubscriber> lasting() {
        return subscribers.values().stream().filter(s -> !s.isEphemeral());
    }

    /** Whether a durable subscriber still needs messages of this topic at these positions. */
    public boolean needs(String topic, long first, long last) {
        return lasting().anyMatch(s -> s.needs(topic, first, last));
    }

    /**
     * Says that the log is about to be deleted up to a position, and that nobody {@link #needs} anything of that. Who
     * stands before it, durably, has nothing to miss there.
     */
    public void passOver(long upTo) {
        List<FeedSubscriber> before =
                lasting().filter(s -> s.standsBefore(upTo, log.first() - 1)).toList();
        if (!before.isEmpty()) {
            registry.passedOver(before.stream()
                    .map(s -> s.durable(log.epoch()).purgedUpTo(upTo))
                    .toList());
            before.forEach(s -> s.passOver(upTo));
        }
    }

    /** The durable subscriber that needs the oldest of this topic, if there is one. */
    public Optional<Needed> slowest(String topic) {
        return lasting()
                .filter(s -> s.covers(topic))
                .min((a, b) -> Long.compare(a.neededAfter(), b.neededAfter()))
                .map(s -> new Needed(s.id(), s.neededAfter(), s.cursor()));
    }

    /**
     * No longer keeps the log for what a subscriber has not processed. It still gets what is there when its turn comes,
     * and is told of what was deleted before.
     */
    public void giveUp(String id, long upTo) {
        FeedSubscriber subscriber = subscribers.get(id);
        if (subscriber != null) {
            subscriber.giveUp(upTo);
        }
    }

    /** The durable subscribers as they stand, to be kept. */
    public Collection<DurableSubscriber> durable() {
        return lasting().map(s -> s.durable(log.epoch())).toList();
    }

    /** The windows in octets of the durable subscribers that are attached now, by their ids. */
    public Map<String, Integer> attached() {
        Map<String, Integer> windows = new HashMap<>();
        lasting().forEach(subscriber -> {
            Session session = subscriber.session();
            if (session != null) {
                windows.put(subscriber.id(), session.windowBytes());
            }
        });
        return windows;
    }

    /** How many subscribers are there that are forgotten when they go. */
    public int ephemeral() {
        return (int) subscribers.values().stream()
                .filter(FeedSubscriber::isEphemeral)
                .count();
    }

    public FeedCounters counters() {
        return new FeedCounters(delivered, retransmitted, resends, ignored);
    }
}
