package io.bactrian.pubsub.core;

import io.bactrian.wire.Batch;
import io.bactrian.wire.Cause;
import io.bactrian.wire.Code;
import io.bactrian.wire.Command;
import io.bactrian.wire.Commands;
import io.bactrian.wire.Limits;
import io.bactrian.wire.PatternKind;
import io.bactrian.wire.StartFrom;
import io.bactrian.wire.WireException;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * One durable subscriber: puts what the hub sends in order, drops what it had before, asks for what is missing, and
 * tells the hub what is processed.
 *
 * <p>The cursor only ever goes back, or to another log epoch, while nothing is handed out; so whoever processes a batch
 * never sees its positions change. The rules are those of {@code docs/reference/protocol.md}, "Subscriber and hub". Not
 * thread-safe; times are milliseconds of any clock that never goes back.
 */
public final class SubscriberCore {
    private static final Limits ANY = new Limits(Integer.MAX_VALUE, Integer.MAX_VALUE);
    private static final int SUPERSEDED_MAX = 3;
    private static final long SUPERSEDED_WITHIN_MS = 60_000;

    private record Pattern(PatternKind kind, String text) {
        boolean covers(String topic) {
            return kind == PatternKind.TOPIC ? topic.equals(text) : topic.startsWith(text);
        }
    }

    private record Confirmed(int request, long start) {}

    /** Once in so many heartbeats a cursor is stored over what was not for the subscriber: many may share one database. */
    private static final int HEARTBEATS_OF_AN_ADVANCE = 10;

    private final SubscriberSettings settings;
    private final SubscriberOutput output;
    private final Map<Pattern, Long> patterns = new LinkedHashMap<>();
    private final SubscriberRequests requests = new SubscriberRequests();
    /** Deliveries behind a gap. */
    private final ParkedDeliveries parked;

    private final SubscriberProgress progress;
    private final ProcessedSequences sequences;
    private final KeptPatterns kept;
    private ReportedLoss told = new ReportedLoss();

    private long instance;
    private int generation;
    private int logEpoch;

    /** A hub from before headers refuses whoever asks for them. */
    private boolean headers = true;

    private boolean running;
    private boolean attached;
    private boolean attaching;
    private boolean withdrawing;
    private boolean everAttached;
    private @Nullable SubscriberCursor rebasing;
    /** To be told when that is stored. */
    private @Nullable Confirmed confirmed;

    /** Being stored; a new pattern may hold for what it passes over, so no pattern is asked for meanwhile. */
    private @Nullable SubscriberCursor advancing;

    private int session;
    private int lastRequest;

    private long heardMs;
    private long askedMs;
    private long advancedMs;
    private long retryAtMs;
    private long retryMs;
    private long resendAtMs;
    private long attachedMs;
    private long acknowledged;
    private long firstSupersededMs;
    private int superseded;

    private long delivered;
    private long duplicates;
    private long gaps;
    private long stale;
    private long overruns;
    private long attachments;
    private long broken;

    /**
     * A subscriber that has said nothing yet.
     *
     * @param random draws the instance number; must differ from life to life
     * @param stored the cursor as the owner has stored it
     * @param last what was stored with it of {@link CursorChanges}, the one that was quiet longest first
     * @param keptPatterns what was stored of the patterns; if the hub has begun a new log epoch since, it is asked for them
     *     at once, as a hub that was restored may not know them
     */
    public SubscriberCore(
            SubscriberSettings settings,
            SubscriberOutput output,
            LongSupplier random,
            SubscriberCursor stored,
            List<LastProcessed> last,
            List<ConfirmedPattern> keptPatterns) {
        this.settings = settings;
        this.output = output;
        advancedMs = settings.heartbeatMs() - HEARTBEATS_OF_AN_ADVANCE * settings.heartbeatMs();
        instance = SubscriberInstance.first(random);
        generation = stored.generation();
        logEpoch = stored.logEpoch();
        sequences = new ProcessedSequences(settings.sourcesMax(), last);
        kept = new KeptPatterns(keptPatterns);
        parked = new ParkedDeliveries(settings.windowBytes());
        progress = new SubscriberProgress(stored.position());
    }

    private void standAt(long position) {
        parked.clear();
        progress.standAt(position);
    }

    /** Attaches. To be called once, first. */
    public void start(long nowMs) {
        running = true;
        heardMs = nowMs;
        advance(nowMs);
    }

    /**
     * Asks for a pattern; what the owner asks for is sent one after the other.
     *
     * @param position counts only with {@link StartFrom#POSITION}
     * @return the number under which {@link SubscriberOutput} tells the outcome
     */
    public int subscribe(PatternKind kind, String pattern, StartFrom from, long position, long nowMs) {
        return request(new SubscriberRequest.Subscribe(++lastRequest, kind, pattern, from, position, false), nowMs);
    }

    /** Gives a pattern up. What was handed out before is still to be processed. */
    public int unsubscribe(PatternKind kind, String pattern, long nowMs) {
        return request(new SubscriberRequest.Unsubscribe(++lastRequest, kind, pattern), nowMs);
    }

    /** Has the hub forget this subscriber with all its patterns. */
    public int forget(long nowMs) {
        return request(new SubscriberRequest.Forget(++lastRequest), nowMs);
    }

    private int request(SubscriberRequest request, long nowMs) {
        requests.add(request);
        advance(nowMs);
        return request.number();
    }

    /** Ends the session after telling what is processed; the patterns stay. Nothing comes afterwards. */
    public void detach(long nowMs) {
        if (attached) {
            acknowledge(false, nowMs);
            output.send(new Command.Detach(session).encode());
        }
        running = false;
        attached = false;
    }

    /** Does the next thing that can be done without an answer. */
    private void advance(long nowMs) {
        if (!running || rebasing != null || withdrawing) {
            return;
        }
        if (!attached) {
            if (progress.underWay()) {
                withdraw();
            } else if (!attaching) {
                attaching = true;
                retryMs = settings.retryMsMin();
                attach(nowMs);
            }
            return;
        }
        SubscriberRequest next = requests.first();
        if (requests.active() == null && next != null) {
            if (next instanceof SubscriberRequest.Subscribe && progress.underWay()) {
                withdraw();
                return;
            }
            if (next instanceof SubscriberRequest.Subscribe && advancing != null) {
                return;
            }
            requests.begin();
            retryMs = settings.retryMsMin();
            ask(nowMs);
        }
    }

    private void withdraw() {
        withdrawing = true;
        output.withdraw();
    }

    /**
     * Answers {@link SubscriberOutput#withdraw}: nothing that was handed out is being processed or will be.
     *
     * @param position the last position that is processed and stored
     */
    public void withdrawn(long position, long nowMs) {
        withdrawing = false;
        if (position < progress.handedOut()) {
            progress.lastUpTo(position, logEpoch, sequences::processed);
            parked.clear();
            progress.withdrawnTo(position);
        } else {
            done(position);
        }
        advance(nowMs);
    }

    private void attach(long nowMs) {
        retryAtMs = nowMs + retryMs;
        retryMs = Math.min(retryMs * 2, settings.retryMsMax());
        output.send(new Command.Attach(
                        settings.subscriber(),
                        instance,
                        generation,
                        logEpoch,
                        progress.stored(),
                        settings.windowBytes(),
                        headers,
                        settings.ephemeral())
                .encode());
    }

    private void ask(long nowMs) {
        retryAtMs = nowMs + retryMs;
        retryMs = Math.min(retryMs * 2, settings.retryMsMax());
        requests.frames(session, progress.stored()).forEach(output::send);
    }

    private void attachAnew(long nowMs) {
        attached = false;
        attaching = false;
        headers = true;
        requests.stop();
        advance(nowMs);
    }

    /**
     * Takes a message of the hub; nothing in it can do harm.
     *
     * @param batch the second frame, null if there is none
     */
    public void receive(byte[] frame, byte @Nullable [] batch, long nowMs) {
        Command command;
        try {
            command = Commands.decode(frame);
        } catch (WireException e) {
            broken++;
            return;
        }
        if (!running) {
            return;
        }
        if (command instanceof Command.Deliver deliver && batch != null) {
            if (ours(deliver.session(), deliver.logEpoch(), nowMs) || comesWhileRebasing(deliver)) {
                delivered(deliver, batch, nowMs);
            }
        } else if (command instanceof Command.End end) {
            if (ours(end.session(), end.logEpoch(), nowMs)) {
                ended(end, nowMs);
            }
        } else if (command instanceof Command.Lost lost) {
            if (ours(lost.session(), lost.logEpoch(), nowMs)) {
                lost(lost, nowMs);
            }
        } else if (command instanceof Command.Attached answer) {
            attached(answer, nowMs);
        } else if (command instanceof Command.Subscribed answer) {
            subscribed(answer, nowMs);
        } else if (command instanceof Command.Unsubscribed answer) {
            unsubscribed(answer, nowMs);
        } else if (command instanceof Command.Error error) {
            error(error, nowMs);
        } else {
            broken++;
        }
    }

    private boolean ours(int itsSession, int itsLogEpoch, long nowMs) {
        if (!attached || itsSession != session || itsLogEpoch != logEpoch) {
            stale++;
            return false;
        }
        heardMs = nowMs;
        return rebasing == null && !withdrawing && !requests.subscribing();
    }

    /** Kept until the cursor is stored, so that it need not come again. */
    private boolean comesWhileRebasing(Command.Deliver deliver) {
        return rebasing != null && attached && deliver.session() == session && deliver.logEpoch() == logEpoch;
    }

    private void delivered(Command.Deliver deliver, byte[] frame, long nowMs) {
        Batch batch;
        try {
            batch = Batch.parse(frame, ANY);
        } catch (WireException e) {
            broken++;
            askAgain(nowMs);
            return;
        }
        if (rebasing != null) {
            parked.park(deliver, batch);
            return;
        }
        if (deliver.previous() > progress.received()) {
            gaps++;
            parked.park(deliver, batch);
            askAgain(nowMs);
            return;
        }
        take(batch, deliver.position(), deliver.timeMs());
        takeParked();
    }

    private void takeParked() {
        ParkedDeliveries.Parked next = parked.next(progress.received());
        while (next != null) {
            take(next.batch(), next.position(), next.timeMs());
            next = parked.next(progress.received());
        }
    }

    private void take(Batch whole, long first, long timeMs) {
        Batch batch = whole;
        long position = first;
        int bytes = batch.bytes().length;
        long received = progress.received();
        if (position + batch.count() - 1 <= received) {
            duplicates += batch.count();
            return;
        }
        if (!progress.fits(bytes, settings.windowBytes())) {
            overruns++;
            return;
        }
        if (position <= received) {
            int had = (int) (received - position + 1);
            duplicates += had;
            batch = batch.slice(had, batch.count());
            position = received + 1;
        }
        int before = sequences.processedBefore(batch, logEpoch);
        if (before > 0) {
            // Its publisher has sent it again to a log that had lost it.
            duplicates += before;
            progress.receivedTo(position + before - 1);
            if (before == batch.count()) {
                return;
            }
            batch = batch.slice(before, batch.count());
            position += before;
        }
        delivered += batch.count();
        progress.handOut(batch, position, bytes);
        output.deliver(batch, position, timeMs);
    }

    private void ended(Command.End end, long nowMs) {
        if (end.previous() > progress.received()) {
            gaps++;
            askAgain(nowMs);
        } else {
            progress.receivedTo(end.end());
        }
    }

    private void lost(Command.Lost lost, long nowMs) {
        long received = progress.received();
        if (lost.lostTo() <= received) {
            return;
        }
        if (lost.lostFrom() > received + 1) {
            gaps++;
            askAgain(nowMs);
            return;
        }
        lost(received + 1, lost.lostTo(), lost.cause());
        progress.receivedTo(lost.lostTo());
    }

    private void lost(long from, long to, Cause cause) {
        told.tell(from, to, (first, last) -> output.lost(first, last, cause));
    }

    /** Asks for what is missing at once, but then not again before a retry is due: what is asked for may be on its way. */
    private void askAgain(long nowMs) {
        if (nowMs < resendAtMs) {
            return;
        }
        resendAtMs = nowMs + settings.retryMsMin();
        output.send(new Command.Resend(session, progress.received()).encode());
    }

    private void attached(Command.Attached answer, long nowMs) {
        boolean outdated =
                answer.logEpoch() < logEpoch || (answer.logEpoch() == logEpoch && answer.generation() < generation);
        if (attached || !attaching || answer.instance() != instance || outdated) {
            stale++;
            return;
        }
        heardMs = nowMs;
        attached = true;
        attaching = false;
        attachments++;
        output.attached();
        boolean newSession = answer.session() != session;
        session = answer.session();
        acknowledged = answer.cursor();
        progress.told();
        attachedMs = nowMs;
        resendAtMs = nowMs;
        parked.clear();
        long received = progress.received();
        // What was received under another cursor than the one in force says nothing of what is lost.
        boolean elsewhere = answer.cause() == Cause.CUT || answer.generation() != generation;
        long lostFrom = elsewhere ? answer.lostFrom() : Math.max(answer.lostFrom(), received + 1);
        if (answer.cause() == Cause.CUT) {
            // What was to come from above the cut begins right after it now, as there the positions are others. The cut
            // may lie above the cursor: then what is lost was not received.
            long cut = answer.cursor() < received ? answer.cursor() : Math.max(answer.cursor(), answer.lostFrom() - 1);
            patterns.replaceAll((pattern, start) -> Math.min(start, cut + 1));
            kept.cutTo(cut);
        }
        // Not where a hub may have moved us up to: it knows nothing of what a pattern missed that it has forgotten.
        long stood = elsewhere ? answer.cursor() : received;
        Map<Pattern, Long> renewals = new LinkedHashMap<>();
        if (newSession) {
            told = new ReportedLoss();
            renewals.putAll(patterns);
            kept.before(answer.logEpoch())
                    .forEach(former ->
                            renewals.putIfAbsent(new Pattern(former.kind(), former.pattern()), former.start()));
            renewals.keySet().removeIf(this::isGivingUp);
        }
        // Forgotten is not moved up: what the hub still has comes.
        boolean forgotten = answer.cause() == Cause.EXPIRED && answer.cursor() < answer.lostTo();
        boolean toldLater = forgotten && (!newSession || toldByRenewals(answer.logEpoch()));
        if (answer.cause() == Cause.CUT && answer.lostTo() > 0) {
            output.lost(lostFrom, answer.lostTo(), Cause.CUT);
        } else if (answer.lostTo() > 0 && lostFrom <= answer.lostTo() && !toldLater) {
            lost(lostFrom, answer.lostTo(), answer.cause());
        }
        boolean moved = answer.cause() != Cause.NONE && !forgotten;
        if (answer.generation() != generation) {
            // A rewind of a former life, or of another process: for which pattern it was is not known any more.
            boolean own = everAttached && superseded == 0;
            sequences.forget(topic -> !own || asksFor(topic));
        }
        if (answer.generation() != generation || answer.logEpoch() != logEpoch || moved) {
            rebase(new SubscriberCursor(answer.generation(), answer.logEpoch(), answer.cursor()));
        } else {
            progress.receivedTo(answer.cursor());
        }
        if (!renewals.isEmpty()) {
            renew(renewals, stood);
        }
        everAttached = true;
        advance(nowMs);
    }

    /**
     * Whether a hub that had forgotten us need not be believed that all which came since is lost: what it still has
     * comes to the patterns that are asked for again, and the answers tell where it has less than we ask for.
     */
    private boolean toldByRenewals(int hubsLogEpoch) {
        List<ConfirmedPattern> all = kept.all();
        // Without a pattern nothing was to come.
        return all.stream()
                .allMatch(pattern -> patterns.containsKey(new Pattern(pattern.kind(), pattern.pattern()))
                        || isGivingUp(new Pattern(pattern.kind(), pattern.pattern()))
                        || (pattern.logEpoch() < hubsLogEpoch && pattern.start() > 0));
    }

    private boolean isGivingUp(Pattern pattern) {
        return requests.givesUp(pattern.kind(), pattern.text());
    }

    /**
     * The hub may have forgotten us: what it still has, it confirms; what it has not, goes on where we stood. The lowest comes
     * first, as a hub that has forgotten us rewinds for each that lies below those before it.
     */
    private void renew(Map<Pattern, Long> renewals, long stood) {
        requests.renew(renewals.entrySet().stream()
                .map(renewal -> new SubscriberRequest.Subscribe(
                        ++lastRequest,
                        renewal.getKey().kind(),
                        renewal.getKey().text(),
                        StartFrom.POSITION,
                        Math.max(renewal.getValue(), stood + 1),
                        true))
                .sorted(Comparator.comparingLong(SubscriberRequest.Subscribe::position))
                .toList());
    }

    private void rebase(SubscriberCursor cursor) {
        generation = cursor.generation();
        logEpoch = cursor.logEpoch();
        standAt(cursor.position());
        advancing = null;
        rebasing = cursor;
        output.rebase(cursor);
    }

    /** Answers {@link SubscriberOutput#rebase}: the cursor is stored. */
    public void rebased(SubscriberCursor cursor, long nowMs) {
        if (cursor.equals(rebasing)) {
            rebasing = null;
            Confirmed answered = confirmed;
            if (answered != null) {
                confirmed = null;
                output.confirmed(answered.request(), answered.start());
            }
            if (!(requests.first() instanceof SubscriberRequest.Subscribe)) {
                takeParked();
            }
            advance(nowMs);
        }
    }

    /** Answers {@link SubscriberOutput#advance}: the cursor is stored, so the hub may be told. */
    public void advanced(SubscriberCursor cursor, long nowMs) {
        if (cursor.equals(advancing)) {
            advancing = null;
            progress.storedTo(cursor.position());
            advance(nowMs);
        }
    }

    private void subscribed(Command.Subscribed answer, long nowMs) {
        if (requests.isLater(answer.request())) {
            heardMs = nowMs;
            stale++;
            requests.beginAgain();
            ask(nowMs);
            return;
        }
        if (!(requests.active() instanceof SubscriberRequest.Subscribe request)
                || !requests.isActive(answer.request())
                || answer.generation() < generation) {
            stale++;
            return;
        }
        heardMs = nowMs;
        requests.answered();
        if (answer.session() != session) {
            // What is under way behind it names the former session.
            requests.stop();
        }
        session = answer.session();
        acknowledged = answer.cursor();
        Pattern pattern = new Pattern(request.kind(), request.pattern());
        // Also where the cursor stays: what a restored hub gives a new pattern may be older than what was had.
        boolean isNew = !patterns.containsKey(pattern) && !kept.has(request.kind(), request.pattern());
        if (answer.generation() > generation || isNew) {
            sequences.forget(topic -> pattern.covers(topic) && !heldBefore(topic, answer.start()));
        }
        boolean startKnown = kept.start(request.kind(), request.pattern()) > 0;
        patterns.put(pattern, answer.start());
        kept.confirmed(new ConfirmedPattern(request.kind(), request.pattern(), logEpoch, answer.start()));
        if (requests.active() == null) {
            standAsAnswered(answer);
        }
        if (!request.renewal()) {
            // It may want again what was told as lost to the others, and lose it, too.
            told = new ReportedLoss();
            confirm(new Confirmed(request.number(), answer.start()));
        } else if (startKnown && answer.start() > request.position()) {
            lost(request.position(), answer.start() - 1, Cause.EXPIRED);
        }
        advance(nowMs);
    }

    /** The last pattern that was under way is answered: what the hub says of the cursor now holds, and is stored. */
    private void standAsAnswered(Command.Subscribed answer) {
        long stored = progress.stored();
        long position = answer.generation() > generation ? answer.cursor() : Math.max(answer.cursor(), stored);
        boolean moves = answer.generation() > generation || position > stored;
        // Stored before it is confirmed: a hub that is restored from before that does not know it, and is asked for it.
        if (moves || !kept.changed().isEmpty()) {
            rebase(new SubscriberCursor(answer.generation(), logEpoch, position));
        } else {
            // The new pattern may hold for what was passed over and not yet stored as passed.
            standAt(stored);
        }
    }

    private void confirm(Confirmed answered) {
        if (rebasing != null) {
            confirmed = answered;
        } else {
            output.confirmed(answered.request(), answered.start());
        }
    }

    /** Whether a pattern is asked for, and not yet confirmed, that speaks of a topic. */
    private boolean asksFor(String topic) {
        return requests.anySubscribe(asked -> new Pattern(asked.kind(), asked.pattern()).covers(topic));
    }

    /** Whether another pattern has brought everything of a topic from there on. */
    private boolean heldBefore(String topic, long start) {
        return patterns.entrySet().stream()
                .anyMatch(other -> other.getKey().covers(topic) && other.getValue() <= start);
    }

    private void unsubscribed(Command.Unsubscribed answer, long nowMs) {
        SubscriberRequest request = requests.active();
        if (request == null || !requests.isActive(answer.request()) || requests.subscribing()) {
            stale++;
            return;
        }
        heardMs = nowMs;
        requests.answered();
        if (request instanceof SubscriberRequest.Unsubscribe unsubscribe) {
            patterns.remove(new Pattern(unsubscribe.kind(), unsubscribe.pattern()));
            kept.giveUp(unsubscribe.kind(), unsubscribe.pattern());
        } else {
            patterns.clear();
            running = false;
            attached = false;
        }
        output.confirmed(request.number(), 0);
        advance(nowMs);
    }

    private void error(Command.Error error, long nowMs) {
        switch (error.reason()) {
            case UNKNOWN_SESSION, UNKNOWN_SUBSCRIBER, FUTURE_CURSOR -> {
                boolean tooSoon = error.reason() == Code.FUTURE_CURSOR && nowMs - attachedMs < settings.retryMsMin();
                if (attached && error.session() == session && !tooSoon) {
                    attachAnew(nowMs);
                } else {
                    stale++;
                }
            }
            case SUPERSEDED -> {
                if (attaching) {
                    superseded(error, nowMs);
                } else if (!failed(error, nowMs)) {
                    stale++;
                }
            }
            case MALFORMED -> {
                if (failed(error, nowMs)) {
                    return;
                }
                if (settings.ephemeral() && attaching) {
                    // A hub from before does not know the flag; or the id is that of a durable subscriber.
                    stop(error);
                } else if (headers && attaching) {
                    headers = false;
                    retryMs = settings.retryMsMin();
                    output.withoutHeaders();
                    attach(nowMs);
                } else {
                    output.troubled(error.reason(), error.text());
                }
            }
            default -> {
                if (!failed(error, nowMs)) {
                    output.troubled(error.reason(), error.text());
                }
            }
        }
    }

    /** Whether an error answers the request under way, which has failed then. Nobody waits for one that was asked for again. */
    private boolean failed(Command.Error error, long nowMs) {
        SubscriberRequest request = requests.active();
        if (request == null || !attached || error.session() != session || !requests.isActive(error.request())) {
            return false;
        }
        requests.answered();
        if (request instanceof SubscriberRequest.Subscribe subscribe && subscribe.renewal()) {
            stop(error);
        } else {
            output.refused(request.number(), error.reason(), error.text());
            advance(nowMs);
        }
        return true;
    }

    /** Without one of its patterns, or beside another process, it would miss messages without a word. */
    private void stop(Command.Error error) {
        running = false;
        output.stopped(error.reason(), error.text());
    }

    /** A late frame of a former life can cause this once; another process that wants the id causes it again. */
    private void superseded(Command.Error error, long nowMs) {
        if (superseded == 0 || nowMs - firstSupersededMs > SUPERSEDED_WITHIN_MS) {
            firstSupersededMs = nowMs;
            superseded = 0;
        }
        if (++superseded > SUPERSEDED_MAX) {
            stop(new Command.Error(error.session(), error.request(), error.reason(), sharedId()));
            return;
        }
        output.troubled(error.reason(), superseded == 1 ? error.text() : sharedId());
        instance = SubscriberInstance.after(instance);
        retryAtMs = nowMs + settings.retryMsMax();
    }

    private String sharedId() {
        return "another process uses subscriber id " + settings.subscriber() + "; give each its own id";
    }

    /**
     * Says that everything up to a position, also inside a batch, is processed and stored.
     *
     * <p>The hub is told with the next {@link #tick}, or at once if much has gathered.
     *
     * @return whether there was nothing to tell the hub before: a tick is to come soon
     */
    public boolean processed(long position, long nowMs) {
        boolean first = progress.stored() <= acknowledged;
        done(position);
        if (attached && rebasing == null && progress.processedBytes() >= settings.windowBytes() / 4) {
            acknowledge(false, nowMs);
        }
        return first;
    }

    private void done(long position) {
        progress.lastUpTo(Math.min(position, progress.handedOut()), logEpoch, sequences::processed);
        progress.processedTo(position);
    }

    /**
     * What is to be stored together with a cursor at this position, so that what its publishers send again to a hub that
     * has lost it is known, and the patterns that it may have lost too. It changes nothing.
     */
    public CursorChanges changes(long position) {
        Map<LastProcessed.Key, LastProcessed> last = new LinkedHashMap<>();
        progress.lastUpTo(position, logEpoch, at -> {
            last.remove(at.key());
            last.put(at.key(), at);
        });
        return new CursorChanges(
                List.copyOf(last.values()), sequences.forgottenBut(last.keySet()), kept.changed(), kept.givenUp());
    }

    /** Says that {@link #changes} are stored; {@link #processed} or {@link #rebased} is to follow. */
    public void stored(CursorChanges changes) {
        sequences.stored(changes);
        kept.stored(changes);
    }

    private void acknowledge(boolean answer, long nowMs) {
        acknowledged = progress.stored();
        progress.told();
        if (answer) {
            askedMs = nowMs;
        }
        output.send(new Command.Acknowledge(session, acknowledged, answer).encode());
    }

    /**
     * Acknowledges, and repeats what had no answer. It is to be called again some tens of milliseconds after any other call,
     * and else when it says.
     *
     * @return milliseconds after which something may be due, at least 1
     */
    public long tick(long nowMs) {
        if (!running || rebasing != null) {
            return settings.heartbeatMs();
        }
        if (attaching) {
            if (nowMs >= retryAtMs) {
                attach(nowMs);
            }
        } else if (requests.active() != null && nowMs >= retryAtMs) {
            ask(nowMs);
        } else if (attached) {
            boolean silent = nowMs >= silentAtMs();
            if (silent || progress.stored() > acknowledged) {
                acknowledge(silent, nowMs);
            }
            if (mayAdvance() && nowMs >= advanceAtMs()) {
                advancedMs = nowMs;
                advancing = cursor();
                output.advance(advancing);
            }
        }
        return Math.max(1, dueMs(nowMs) - nowMs);
    }

    private long dueMs(long nowMs) {
        long dueMs = nowMs + settings.heartbeatMs();
        if (attaching || requests.active() != null) {
            dueMs = Math.min(dueMs, retryAtMs);
        }
        if (attached) {
            dueMs = Math.min(dueMs, silentAtMs());
        }
        if (attached && mayAdvance()) {
            dueMs = Math.min(dueMs, advanceAtMs());
        }
        return dueMs;
    }

    private long advanceAtMs() {
        return advancedMs + HEARTBEATS_OF_AN_ADVANCE * settings.heartbeatMs();
    }

    /** When the hub is asked how far the log goes. */
    private long silentAtMs() {
        return Math.max(heardMs, askedMs) + settings.heartbeatMs();
    }

    /** Whether the cursor can be stored over positions that were not for the subscriber. */
    private boolean mayAdvance() {
        return advancing == null
                && requests.isEmpty()
                && progress.position() > progress.stored()
                && !progress.underWay();
    }

    /** The transport has connected anew: asks the hub at once whether the session still stands. */
    public void reconnected(long nowMs) {
        if (running && attaching) {
            attach(nowMs);
        } else if (running && attached && rebasing == null) {
            acknowledge(true, nowMs);
        }
    }

    /** Where the subscriber stands; it may be above what was processed by positions that were not for it. */
    public SubscriberCursor cursor() {
        return new SubscriberCursor(generation, logEpoch, progress.position());
    }

    /** Whether a session is open. */
    public boolean attached() {
        return attached;
    }

    /** When the hub was heard last. */
    public long heardMs() {
        return heardMs;
    }

    public SubscriberCounters counters() {
        return new SubscriberCounters(
                delivered, duplicates, gaps, stale, overruns, attachments, broken, progress.waitingBytes());
    }
}
