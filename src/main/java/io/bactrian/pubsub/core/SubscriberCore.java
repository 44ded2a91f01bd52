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
 * One durable subscriber: attaches, asks for its patterns, takes what the hub sends, asks for what is missing, and tells the
 * hub what is processed. {@link Attachment} and {@link OwnerTask} are its states; a {@link Resequencer} puts deliveries in order,
 * and {@link ResumeAnswer} says what a hub means that may have been restored.
 *
 * <p>The cursor only ever goes back, or to another log epoch, while nothing is handed out; so whoever processes a batch
 * never sees its positions change. The rules are those of {@code docs/reference/protocol.md}, "Subscriber and hub". Not
 * thread-safe; times are milliseconds of any clock that never goes back.
 */
public final class SubscriberCore {
    private static final Limits ANY = new Limits(Integer.MAX_VALUE, Integer.MAX_VALUE);
    private static final int SUPERSEDED_MAX = 3;
    private static final long SUPERSEDED_WITHIN_MS = 60_000;

    /** Once in so many heartbeats a cursor is stored over what was not for the subscriber: many may share one database. */
    private static final int HEARTBEATS_OF_AN_ADVANCE = 10;

    private final SubscriberSettings settings;
    private final SubscriberOutput output;
    private final SubscriberRequests requests = new SubscriberRequests();
    private final SubscriberProgress progress;
    private final ProcessedSequences sequences;
    private final Resequencer resequencer;
    private final ConfirmedPatterns patterns;
    private ReportedLoss reportedLoss = new ReportedLoss();

    private long instance;
    private int generation;
    private int logEpoch;

    private Attachment attachment = new Attachment.Closed(null);

    /** Until the owner has done it, nothing is asked of the hub and nothing is handed out. */
    private @Nullable OwnerTask task;

    /** Being stored; a new pattern may hold for what it passes over, so no pattern is asked for meanwhile. */
    private @Nullable SubscriberCursor advancing;

    /** The last one that the hub has opened. */
    private int session;

    private int lastRequest;

    private long heardMs;
    private long advancedMs;
    private long retryAtMs;
    private long retryMs;
    private long acknowledged;
    private long firstSupersededMs;
    private int superseded;

    private long stale;
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
        patterns = new ConfirmedPatterns(keptPatterns);
        progress = new SubscriberProgress(stored.position());
        resequencer = new Resequencer(output, progress, sequences, settings.windowBytes());
    }

    /** Attaches. To be called once, first. */
    public void start(long nowMs) {
        attachment = new Attachment.Detached();
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
    public void detach() {
        if (attachment.attached() != null) {
            acknowledge(false);
            output.send(new Command.Detach(session).encode());
        }
        attachment = new Attachment.Closed(null);
    }

    /** Does the next thing that can be done without an answer. */
    private void advance(long nowMs) {
        if (task != null) {
            return;
        }
        if (attachment instanceof Attachment.Detached && progress.underWay()) {
            withdraw();
        } else if (attachment instanceof Attachment.Detached) {
            retryMs = settings.retryMsMin();
            attach(new Attachment.Attaching(true), nowMs);
        } else if (attachment instanceof Attachment.Attached) {
            beginRequest(nowMs);
        }
    }

    private void beginRequest(long nowMs) {
        SubscriberRequest next = requests.first();
        if (requests.active() != null || next == null) {
            return;
        }
        if (next instanceof SubscriberRequest.Subscribe && progress.underWay()) {
            withdraw();
        } else if (!(next instanceof SubscriberRequest.Subscribe) || advancing == null) {
            requests.begin();
            retryMs = settings.retryMsMin();
            ask(nowMs);
        }
    }

    private void withdraw() {
        task = new OwnerTask.Withdraw();
        output.withdraw();
    }

    /**
     * Answers {@link SubscriberOutput#withdraw}: nothing that was handed out is being processed or will be.
     *
     * @param position the last position that is processed and stored
     */
    public void withdrawn(long position, long nowMs) {
        if (task instanceof OwnerTask.Withdraw) {
            task = null;
        }
        if (position < progress.handedOut()) {
            progress.lastUpTo(position, logEpoch, sequences::processed);
            resequencer.withdrawnTo(position);
        } else {
            done(position);
        }
        advance(nowMs);
    }

    private void retryLater(long nowMs) {
        retryAtMs = nowMs + retryMs;
        retryMs = Math.min(retryMs * 2, settings.retryMsMax());
    }

    private void attach(Attachment.Attaching attaching, long nowMs) {
        attachment = attaching;
        retryLater(nowMs);
        output.send(new Command.Attach(
                        settings.subscriber(),
                        instance,
                        generation,
                        logEpoch,
                        progress.stored(),
                        settings.windowBytes(),
                        attaching.headers(),
                        settings.ephemeral())
                .encode());
    }

    private void ask(long nowMs) {
        retryLater(nowMs);
        requests.frames(session, progress.stored()).forEach(output::send);
    }

    private void attachAnew(long nowMs) {
        attachment = new Attachment.Detached();
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
        if (attachment instanceof Attachment.Closed) {
            return;
        }
        if (command instanceof Command.Deliver deliver && batch != null) {
            if (isOfSession(deliver.session(), deliver.logEpoch(), nowMs)) {
                delivered(deliver, batch, nowMs);
            }
        } else if (command instanceof Command.End end) {
            if (isOfSession(end.session(), end.logEpoch(), nowMs) && takesDeliveries()) {
                ended(end, nowMs);
            }
        } else if (command instanceof Command.Lost lost) {
            if (isOfSession(lost.session(), lost.logEpoch(), nowMs) && takesDeliveries()) {
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

    private boolean isOfSession(int itsSession, int itsLogEpoch, long nowMs) {
        if (!(attachment instanceof Attachment.Attached) || itsSession != session || itsLogEpoch != logEpoch) {
            stale++;
            return false;
        }
        heardMs = nowMs;
        return true;
    }

    private boolean takesDeliveries() {
        return task == null && !requests.subscribing();
    }

    private void delivered(Command.Deliver deliver, byte[] frame, long nowMs) {
        boolean rebasing = task instanceof OwnerTask.Rebase;
        if (!rebasing && !takesDeliveries()) {
            return;
        }
        Batch batch;
        try {
            batch = Batch.parse(frame, ANY);
        } catch (WireException e) {
            broken++;
            askAgain(nowMs);
            return;
        }
        if (rebasing) {
            // Kept until the cursor is stored, so that it need not come again.
            resequencer.park(deliver, batch);
        } else if (resequencer.misses(deliver.previous())) {
            resequencer.park(deliver, batch);
            askAgain(nowMs);
        } else {
            resequencer.take(deliver, batch);
        }
    }

    private void ended(Command.End end, long nowMs) {
        if (resequencer.misses(end.previous())) {
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
        if (resequencer.misses(lost.lostFrom() - 1)) {
            askAgain(nowMs);
            return;
        }
        lost(received + 1, lost.lostTo(), lost.cause());
        progress.receivedTo(lost.lostTo());
    }

    private void lost(long from, long to, Cause cause) {
        reportedLoss.report(from, to, (first, last) -> output.lost(first, last, cause));
    }

    /** Asks for what is missing at once, but then not again before a retry is due: what is asked for may be on its way. */
    private void askAgain(long nowMs) {
        if (attachment instanceof Attachment.Attached attached && attached.mayResend(nowMs, settings.retryMsMin())) {
            output.send(new Command.Resend(session, progress.received()).encode());
        }
    }

    private void attached(Command.Attached answer, long nowMs) {
        ResumeAnswer resume = new ResumeAnswer(answer, new SubscriberCursor(generation, logEpoch, progress.received()));
        if (!(attachment instanceof Attachment.Attaching) || answer.instance() != instance || resume.isOutdated()) {
            stale++;
            return;
        }
        heardMs = nowMs;
        attachment = new Attachment.Attached(nowMs);
        attachments++;
        output.attached();
        boolean newSession = answer.session() != session;
        session = answer.session();
        acknowledged = answer.cursor();
        progress.told();
        resequencer.clear();
        if (answer.cause() == Cause.CUT) {
            patterns.cutTo(resume.cut());
        }
        if (newSession) {
            reportedLoss = new ReportedLoss();
        }
        boolean toldLater =
                resume.isForgotten() && (!newSession || patterns.allAreRenewed(answer.logEpoch(), requests::givesUp));
        if (answer.cause() == Cause.CUT && answer.lostTo() > 0) {
            output.lost(resume.lostFrom(), answer.lostTo(), Cause.CUT);
        } else if (resume.hasLoss() && !toldLater) {
            lost(resume.lostFrom(), answer.lostTo(), answer.cause());
        }
        if (answer.generation() != generation) {
            // A rewind of a former life, or of another process: for which pattern it was is not known any more.
            boolean own = attachments > 1 && superseded == 0;
            sequences.forget(topic -> !own || asksFor(topic));
        }
        if (resume.isElsewhere()) {
            rebase(resume.cursor());
        } else {
            progress.receivedTo(answer.cursor());
        }
        if (newSession) {
            renew(patterns.renewals(answer.logEpoch()), resume.stood());
        }
        advance(nowMs);
    }

    /**
     * The hub may have forgotten us: what it still has, it confirms; what it has not, goes on where we stood. The lowest comes
     * first, as a hub that has forgotten us rewinds for each that lies below those before it.
     */
    private void renew(List<ConfirmedPattern> renewals, long stood) {
        List<SubscriberRequest.Subscribe> asked = renewals.stream()
                .filter(renewal -> !requests.givesUp(renewal.kind(), renewal.pattern()))
                .map(renewal -> new SubscriberRequest.Subscribe(
                        ++lastRequest,
                        renewal.kind(),
                        renewal.pattern(),
                        StartFrom.POSITION,
                        Math.max(renewal.start(), stood + 1),
                        true))
                .sorted(Comparator.comparingLong(SubscriberRequest.Subscribe::position))
                .toList();
        if (!asked.isEmpty()) {
            requests.renew(asked);
        }
    }

    private void rebase(SubscriberCursor cursor) {
        generation = cursor.generation();
        logEpoch = cursor.logEpoch();
        resequencer.standAt(cursor.position());
        advancing = null;
        task = new OwnerTask.Rebase(cursor, null);
        output.rebase(cursor);
    }

    /** Answers {@link SubscriberOutput#rebase}: the cursor is stored. */
    public void rebased(SubscriberCursor cursor, long nowMs) {
        if (task instanceof OwnerTask.Rebase rebase && cursor.equals(rebase.cursor())) {
            task = null;
            OwnerTask.Confirmation then = rebase.then();
            if (then != null) {
                output.confirmed(then.request(), then.start());
            }
            if (!(requests.first() instanceof SubscriberRequest.Subscribe)) {
                resequencer.takeParked(logEpoch);
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
        ConfirmedPattern pattern = new ConfirmedPattern(request.kind(), request.pattern(), logEpoch, answer.start());
        // Also where the cursor stays: what a restored hub gives a new pattern may be older than what was had.
        if (answer.generation() > generation || !patterns.has(request.kind(), request.pattern())) {
            sequences.forget(topic -> pattern.covers(topic) && !patterns.bringAll(topic, answer.start()));
        }
        boolean startKnown = patterns.start(request.kind(), request.pattern()) > 0;
        patterns.confirmed(pattern);
        if (requests.active() == null) {
            standAsAnswered(answer);
        }
        if (!request.renewal()) {
            // The new pattern may want again what was reported as lost to the others, and lose it, too.
            reportedLoss = new ReportedLoss();
            confirm(request.number(), answer.start());
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
        if (moves || !patterns.changed().isEmpty()) {
            rebase(new SubscriberCursor(answer.generation(), logEpoch, position));
        } else {
            // The new pattern may hold for what was passed over and not yet stored as passed.
            resequencer.standAt(stored);
        }
    }

    private void confirm(int request, long start) {
        if (task instanceof OwnerTask.Rebase rebase) {
            task = new OwnerTask.Rebase(rebase.cursor(), new OwnerTask.Confirmation(request, start));
        } else {
            output.confirmed(request, start);
        }
    }

    /** Whether a pattern is asked for, and not yet confirmed, that speaks of a topic. */
    private boolean asksFor(String topic) {
        return requests.anySubscribe(asked -> asked.kind().covers(asked.pattern(), topic));
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
            patterns.giveUp(unsubscribe.kind(), unsubscribe.pattern());
        } else {
            attachment = new Attachment.Closed(null);
        }
        output.confirmed(request.number(), 0);
        advance(nowMs);
    }

    private void error(Command.Error error, long nowMs) {
        switch (error.reason()) {
            case UNKNOWN_SESSION, UNKNOWN_SUBSCRIBER, FUTURE_CURSOR -> {
                if (endsSession(error, nowMs)) {
                    attachAnew(nowMs);
                } else {
                    stale++;
                }
            }
            case SUPERSEDED -> {
                if (attachment instanceof Attachment.Attaching) {
                    superseded(error, nowMs);
                } else if (!failed(error, nowMs)) {
                    stale++;
                }
            }
            case MALFORMED -> {
                if (failed(error, nowMs)) {
                    return;
                }
                if (settings.ephemeral() && attachment instanceof Attachment.Attaching) {
                    // A hub from before does not know the flag; or the id is that of a durable subscriber.
                    stop(error);
                } else if (attachment instanceof Attachment.Attaching attaching && attaching.headers()) {
                    retryMs = settings.retryMsMin();
                    output.withoutHeaders();
                    attach(new Attachment.Attaching(false), nowMs);
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

    /** Whether an error says that the session is over. FUTURE_CURSOR right after an attachment answers what was sent before it. */
    private boolean endsSession(Command.Error error, long nowMs) {
        if (!(attachment instanceof Attachment.Attached attached) || error.session() != session) {
            return false;
        }
        return error.reason() != Code.FUTURE_CURSOR || nowMs - attached.sinceMs() >= settings.retryMsMin();
    }

    /** Whether an error answers the request under way, which has failed then. Nobody waits for one that was asked for again. */
    private boolean failed(Command.Error error, long nowMs) {
        SubscriberRequest request = requests.active();
        if (request == null
                || !(attachment instanceof Attachment.Attached)
                || error.session() != session
                || !requests.isActive(error.request())) {
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
        attachment = new Attachment.Closed(attachment.attached());
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
    public boolean processed(long position) {
        boolean first = progress.stored() <= acknowledged;
        done(position);
        boolean rebasing = task instanceof OwnerTask.Rebase;
        if (attachment.attached() != null && !rebasing && progress.processedBytes() >= settings.windowBytes() / 4) {
            acknowledge(false);
        }
        return first;
    }

    private void done(long position) {
        progress.lastUpTo(Math.min(position, progress.handedOut()), logEpoch, sequences::processed);
        progress.processedTo(position);
    }

    /**
     * Returns the changes to store together with a cursor at this position, so that what its publishers send again to a hub that
     * has lost it is known, and the patterns that it may have lost too. It changes nothing.
     */
    public CursorChanges changes(long position) {
        Map<LastProcessed.Key, LastProcessed> last = new LinkedHashMap<>();
        progress.lastUpTo(position, logEpoch, at -> {
            last.remove(at.key());
            last.put(at.key(), at);
        });
        return new CursorChanges(
                List.copyOf(last.values()),
                sequences.forgottenBut(last.keySet()),
                patterns.changed(),
                patterns.givenUp());
    }

    /** Says that {@link #changes} are stored; {@link #processed} or {@link #rebased} is to follow. */
    public void stored(CursorChanges changes) {
        sequences.stored(changes);
        patterns.stored(changes);
    }

    /** Acknowledges, and asks how far the log goes. */
    private void acknowledgeAndAsk(Attachment.Attached attached, long nowMs) {
        attached.asked(nowMs);
        acknowledge(true);
    }

    private void acknowledge(boolean answer) {
        acknowledged = progress.stored();
        progress.told();
        output.send(new Command.Acknowledge(session, acknowledged, answer).encode());
    }

    /**
     * Acknowledges, and repeats what had no answer. It is to be called again some tens of milliseconds after any other call,
     * and else when it says.
     *
     * @return milliseconds after which something may be due, at least 1
     */
    public long tick(long nowMs) {
        if (attachment instanceof Attachment.Closed || task instanceof OwnerTask.Rebase) {
            return settings.heartbeatMs();
        }
        if (attachment instanceof Attachment.Attaching attaching) {
            if (nowMs >= retryAtMs) {
                attach(attaching, nowMs);
            }
        } else if (requests.active() != null && nowMs >= retryAtMs) {
            ask(nowMs);
        } else if (attachment instanceof Attachment.Attached attached) {
            tick(attached, nowMs);
        }
        return Math.max(1, dueMs(nowMs) - nowMs);
    }

    private void tick(Attachment.Attached attached, long nowMs) {
        if (nowMs >= silentAtMs(attached)) {
            acknowledgeAndAsk(attached, nowMs);
        } else if (progress.stored() > acknowledged) {
            acknowledge(false);
        }
        if (mayAdvance() && nowMs >= advanceAtMs()) {
            advancedMs = nowMs;
            advancing = cursor();
            output.advance(advancing);
        }
    }

    private long dueMs(long nowMs) {
        long dueMs = nowMs + settings.heartbeatMs();
        if (attachment instanceof Attachment.Attaching || requests.active() != null) {
            dueMs = Math.min(dueMs, retryAtMs);
        }
        if (attachment instanceof Attachment.Attached attached) {
            dueMs = Math.min(dueMs, silentAtMs(attached));
            if (mayAdvance()) {
                dueMs = Math.min(dueMs, advanceAtMs());
            }
        }
        return dueMs;
    }

    private long advanceAtMs() {
        return advancedMs + HEARTBEATS_OF_AN_ADVANCE * settings.heartbeatMs();
    }

    /** When the hub is asked how far the log goes. */
    private long silentAtMs(Attachment.Attached attached) {
        return Math.max(heardMs, attached.askedMs()) + settings.heartbeatMs();
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
        if (attachment instanceof Attachment.Attaching attaching) {
            attach(attaching, nowMs);
        } else if (attachment instanceof Attachment.Attached attached && !(task instanceof OwnerTask.Rebase)) {
            acknowledgeAndAsk(attached, nowMs);
        }
    }

    /** Where the subscriber stands; it may be above what was processed by positions that were not for it. */
    public SubscriberCursor cursor() {
        return new SubscriberCursor(generation, logEpoch, progress.position());
    }

    /** Whether a session is open. */
    public boolean attached() {
        return attachment.attached() != null;
    }

    /** When the hub was heard last. */
    public long heardMs() {
        return heardMs;
    }

    public SubscriberCounters counters() {
        return new SubscriberCounters(
                resequencer.delivered(),
                resequencer.duplicates(),
                resequencer.gaps(),
                stale,
                resequencer.overruns(),
                attachments,
                broken,
                progress.waitingBytes());
    }
}
