package io.bactrian.pubsub.client;

import io.bactrian.pubsub.core.ConfirmedPattern;
import io.bactrian.pubsub.core.CursorChanges;
import io.bactrian.pubsub.core.SubscriberCore;
import io.bactrian.pubsub.core.SubscriberCounters;
import io.bactrian.pubsub.core.SubscriberCursor;
import io.bactrian.pubsub.core.SubscriberOutput;
import io.bactrian.pubsub.core.SubscriberSettings;
import io.bactrian.pubsub.store.StoredCursor;
import io.bactrian.support.thread.NamedThreads;
import io.bactrian.wire.Batch;
import io.bactrian.wire.Cause;
import io.bactrian.wire.Code;
import io.bactrian.wire.Command;
import io.bactrian.wire.Commands;
import io.bactrian.wire.WireException;
import io.bactrian.zeromq.socket.ProtocolSocket;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/**
 * Gets messages: a durable subscriber gets each message of its topics once and in order, from where it subscribed, over
 * lost connections, restarts of the hub and restarts of its own.
 *
 * <p>Its cursor lies in its own database. {@link Acknowledge} says when it moves. An ephemeral subscriber has none, and the hub
 * forgets it when it goes. One thread at a time takes messages
 * and says that they are processed; subscriptions may come from any thread.
 */
public final class Subscriber implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Subscriber.class);
    private static final SubscriberCursor NOWHERE = new SubscriberCursor(0, 0, 0);

    private record Request(CompletableFuture<Long> answer, String what, long deadlineMs) {}

    private final ClientSettings settings;
    private final HubErrorLog log;
    private final Transport transport;
    private final SubscriberStore store;
    private final Inbox inbox;
    private final CursorSaver cursorSaver;
    private final ReentrantLock lock = new ReentrantLock();
    private final SubscriberCore core;
    private final HubConnection connection;
    private final Map<Integer, Request> requests = new HashMap<>();
    private final OptionalLong outputLength;
    private final boolean knownBefore;
    private List<Runnable> fates = new ArrayList<>();
    private @Nullable BactrianException stopping;
    private boolean olderHubTold;
    private boolean closed;

    private volatile int generation;
    private volatile int logEpoch;
    private volatile @Nullable String trouble;
    private volatile boolean damaged;
    private volatile boolean answered;
    private final List<String> formerPatterns;

    private Subscriber(ClientSettings settings) {
        this.settings = settings;
        log = new HubErrorLog("subscriber", settings.id);
        store = new SubscriberStore(settings);
        StoredCursor stored = store.load();
        SubscriberCursor cursor = stored.cursor();
        List<ConfirmedPattern> patterns = store.patterns();
        knownBefore = cursor.logEpoch() > 0;
        generation = cursor.generation();
        logEpoch = cursor.logEpoch();
        outputLength = stored.outputLength();
        cursorSaver = new CursorSaver(
                this::keep, settings, settings.transport == null ? NamedThreads.PLAIN : settings.transport.threads());
        inbox = new Inbox(
                cursor.position(),
                stored.outputLength().orElse(-1),
                Math.max(1, settings.receiveWindowBytes / 4),
                cursorSaver);
        saved = cursor.position();
        formerPatterns = patterns.stream()
                .map(p -> new Pattern(p.kind(), p.pattern()).toString())
                .toList();
        SecureRandom random = new SecureRandom();
        core = new SubscriberCore(
                new SubscriberSettings(
                        settings.id,
                        settings.receiveWindowBytes,
                        500,
                        200,
                        5_000,
                        settings.sourcesMax,
                        settings.ephemeral),
                new Output(),
                random::nextLong,
                cursor,
                store.last(),
                patterns);
        transport =
                settings.transport == null ? new Transport(settings.directory, NamedThreads.PLAIN) : settings.transport;
        lock.lock();
        try {
            connection = HubConnection.open(
                    transport,
                    settings.subscribeAddresses(),
                    settings,
                    new Agent(),
                    new Command.Acknowledge(0, 0, true));
            core.start(nowMs());
        } finally {
            lock.unlock();
        }
        cursorSaver.start();
    }

    /**
     * Opens a subscriber. It need not find a hub: it goes on trying.
     *
     * @throws io.bactrian.support.database.StoreException if the database cannot be opened, also because another process has it
     */
    public static Subscriber open(ClientSettings settings) {
        return new Subscriber(settings);
    }

    private static long nowMs() {
        return System.nanoTime() / 1_000_000;
    }

    /**
     * The next message, or null if none comes in time.
     *
     * <p>With {@link Acknowledge#AUTOMATIC} the call says that the messages before are processed; so the last message
     * before a {@link #close} comes again, unless {@link #processed(Message)} or a further get has said so.
     *
     * @throws BactrianException if nothing will come any more: closed, or another process has taken the id
     */
    public @Nullable Message get(Duration timeout) throws InterruptedException {
        Message message = inbox.get(timeout.toNanos(), settings.acknowledge == Acknowledge.AUTOMATIC);
        if (message == null && settings.acknowledge == Acknowledge.TRANSACTIONAL) {
            cursorSaver.step();
        }
        return message;
    }

    /** Says that this message and all before it are processed; see {@link Acknowledge}. */
    public void processed(Message message) {
        processed(message, -1);
    }

    /**
     * Says that this message and all before it are processed, and that their effect is in a file which was flushed to
     * disk at the given length. After a crash {@link #outputLength} gives the length to which the file must be cut.
     *
     * @param length octets; -1 if there is no file
     * @throws io.bactrian.support.database.StoreException with {@link Acknowledge#TRANSACTIONAL}, if the cursor cannot be saved
     */
    public void processed(Message message, long length) {
        if (settings.acknowledge != Acknowledge.TRANSACTIONAL) {
            inbox.processed(message.position(), length);
            return;
        }
        CursorChanges changes = changes(message.position());
        store.save(new SubscriberCursor(generation, message.logEpoch(), message.position()), length, changes);
        if (TransactionSynchronizationManager.isActualTransactionActive()
                && TransactionSynchronizationManager.isSynchronizationActive()) {
            TransactionSynchronizationManager.registerSynchronization(new TransactionSynchronization() {
                @Override
                public void afterCommit() {
                    saved(message.position(), length, changes);
                }
            });
        } else {
            saved(message.position(), length, changes);
        }
    }

    private void saved(long position, long length, CursorChanges changes) {
        saved = position;
        inbox.processed(position, length);
        kept(position, changes);
    }

    /** Tells the core, and in a moment the hub, that all up to a position is processed and saved. */
    private void kept(long position, CursorChanges changes) {
        locked(() -> {
            core.stored(changes);
            if (core.processed(position)) {
                connection.wake();
            }
        });
    }

    private CursorChanges changes(long position) {
        lock.lock();
        try {
            return core.changes(position);
        } finally {
            lock.unlock();
        }
    }

    /**
     * Says that the output begins anew, in an empty file: what was in it was moved away. It is saved before this returns, so
     * that a crash does not take the new file for the old one. The thread that takes messages calls it, when all that it has
     * said is processed is in the old file.
     */
    public void outputBegins() {
        cursorSaver.exclusively(() -> {
            inbox.outputBegins();
            long processed = inbox.progress().processed();
            CursorChanges changes = changes(processed);
            save(new SubscriberCursor(generation, logEpoch, processed), 0, changes);
            kept(processed, changes);
        });
    }

    /** The length of the output that was saved with the cursor of the former life, empty if there was none. */
    public OptionalLong outputLength() {
        return outputLength;
    }

    /**
     * Subscribes to a topic, or to a prefix written with an asterisk at its end. A pattern that is there already keeps
     * its start.
     *
     * <p>The hub is asked once all messages that were taken before are processed; with {@link Acknowledge#AUTOMATIC}
     * this call says that they are.
     *
     * @return ends with the position from which the pattern holds; fails with {@link RefusedException} or, if the hub
     *     does not answer within the request time, {@link BactrianException}
     * @throws IllegalArgumentException if the topic is empty or longer than 255 octets
     */
    public CompletableFuture<Long> subscribe(String topicOrPrefix, Start from) {
        Pattern pattern = Pattern.parse(topicOrPrefix);
        pattern.kind().check(pattern.text());
        return request(
                "subscribe to " + pattern,
                () -> core.subscribe(pattern.kind(), pattern.text(), from.from(), from.position(), nowMs()));
    }

    /** Gives a pattern up. What was delivered before may still be got. */
    public CompletableFuture<Long> unsubscribe(String topicOrPrefix) {
        Pattern pattern = Pattern.parse(topicOrPrefix);
        pattern.kind().check(pattern.text());
        return request("unsubscribe from " + pattern, () -> core.unsubscribe(pattern.kind(), pattern.text(), nowMs()));
    }

    /** Has the hub forget this subscriber with all its patterns; it gets nothing more. */
    public CompletableFuture<Long> forget() {
        return request("forget subscriber " + settings.id, () -> core.forget(nowMs()));
    }

    private CompletableFuture<Long> request(String what, IntSupplier ask) {
        if (settings.acknowledge == Acknowledge.AUTOMATIC) {
            inbox.allProcessed();
            cursorSaver.hurry();
        }
        CompletableFuture<Long> answer = new CompletableFuture<>();
        locked(() -> {
            if (closed) {
                answer.completeExceptionally(closedError());
            } else {
                long deadline = nowMs() + settings.requestTime.toMillis();
                requests.put(ask.getAsInt(), new Request(answer, what, deadline));
            }
        });
        return answer;
    }

    private BactrianException closedError() {
        return new BactrianException("subscriber " + settings.id + " is closed");
    }

    /** Returns the counts since the start. */
    public SubscriberCounters counters() {
        lock.lock();
        try {
            return core.counters();
        } finally {
            lock.unlock();
        }
    }

    /** Whether a session is open and the hub was heard within the time. */
    public boolean isConnected(Duration within) {
        lock.lock();
        try {
            return core.attached() && nowMs() - core.heardMs() <= within.toMillis();
        } finally {
            lock.unlock();
        }
    }

    /** Returns the last error of the hub or the database, null if nothing is wrong. */
    public @Nullable String trouble() {
        String problem = cursorSaver.problem();
        return problem != null ? problem : trouble;
    }

    /** Whether the hub has said that its log is damaged where this subscriber stands, and nothing has come since. */
    public boolean waitsForRepair() {
        return damaged;
    }

    /** Why nothing comes, in words for a person; empty if the hub was heard within the time. */
    public Optional<String> waitsFor(Duration patience) {
        if (isConnected(patience) && trouble() == null) {
            return Optional.empty();
        }
        String said = trouble();
        if (said != null) {
            return Optional.of("the hub at " + connection.address() + ": " + said);
        }
        String obstacle = connection.obstacle();
        String heard =
                "the hub at " + connection.address() + (answered ? " is not heard any more" : " was never heard");
        return Optional.of(obstacle == null ? heard : heard + ": " + obstacle);
    }

    /** The patterns that this subscriber had when it was opened, prefixes with their asterisk. */
    public List<String> patterns() {
        return formerPatterns;
    }

    /** How often the hub has rewound the cursor; it stays while a message is processed. */
    int generation() {
        return generation;
    }

    /** Where it stands: the last position processed, also over what was not for it. */
    public long position() {
        lock.lock();
        try {
            return core.cursor().position();
        } finally {
            lock.unlock();
        }
    }

    /** Runs under the lock, then tells what came out of it. */
    private void locked(Runnable step) {
        List<Runnable> told;
        lock.lock();
        try {
            step.run();
            told = fates;
            if (!told.isEmpty()) {
                fates = new ArrayList<>();
            }
        } finally {
            lock.unlock();
        }
        told.forEach(Runnable::run);
    }

    /** The last position saved. */
    private volatile long saved;

    /** What the core wants stored in place of the cursor; guarded by the lock. */
    private @Nullable SubscriberCursor rebasing;
    /** What the core wants stored when convenient; guarded by the lock. */
    private @Nullable SubscriberCursor advancing;

    /**
     * Saves what is to be saved, then tells the core. One thread at a time.
     *
     * @param mayAdvance false while somebody else may be writing the cursor in a transaction of his own
     */
    private void keep(boolean mayAdvance) {
        SubscriberCursor base;
        SubscriberCursor ahead;
        CursorChanges forgotten;
        lock.lock();
        try {
            base = rebasing;
            ahead = advancing;
            forgotten = core.changes(0);
        } finally {
            lock.unlock();
        }
        if (base != null) {
            save(base, inbox.progress().outputLength(), forgotten);
            locked(() -> {
                rebasing = null;
                advancing = null;
                core.stored(forgotten);
                core.rebased(base, nowMs());
            });
            return;
        }
        Inbox.ReadProgress progress = inbox.progress();
        if (settings.acknowledge != Acknowledge.TRANSACTIONAL && progress.processed() > saved) {
            CursorChanges changes = changes(progress.processed());
            save(new SubscriberCursor(generation, logEpoch, progress.processed()), progress.outputLength(), changes);
            kept(progress.processed(), changes);
        }
        if (progress.withdrawn()) {
            inbox.goOn();
            locked(() -> core.withdrawn(progress.processed(), nowMs()));
            connection.wake();
        } else if (ahead != null && mayAdvance) {
            if (ahead.position() > saved) {
                save(ahead, inbox.progress().outputLength(), CursorChanges.NONE);
            }
            locked(() -> {
                advancing = null;
                core.advanced(ahead, nowMs());
            });
            connection.wake();
        }
    }

    private void save(SubscriberCursor cursor, long length, CursorChanges changes) {
        store.save(cursor, length, changes);
        saved = cursor.position();
    }

    /** Saves the cursor, tells the hub, and ends. The subscription stays. */
    @Override
    public void close() {
        end(true);
    }

    /** Ends as a crash would, for demonstrations and tests: nothing more is saved, and the hub is not told. */
    public void crash() {
        end(false);
    }

    private void end(boolean politely) {
        inbox.end(closedError(), true);
        cursorSaver.close(politely);
        locked(() -> {
            closed = true;
            if (politely) {
                core.detach();
            }
            failRequests(closedError(), Long.MAX_VALUE);
        });
        boolean interrupted = false;
        try {
            connection.close();
        } catch (InterruptedException e) {
            interrupted = true;
        }
        if (settings.transport == null) {
            transport.close();
        }
        store.close();
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Holds the lock. */
    private void failRequests(@Nullable BactrianException cause, long dueMs) {
        Iterator<Request> all = requests.values().iterator();
        while (all.hasNext()) {
            Request request = all.next();
            if (request.deadlineMs() <= dueMs) {
                all.remove();
                BactrianException told = cause != null ? cause : notAnswered(request);
                fates.add(() -> request.answer().completeExceptionally(told));
            }
        }
    }

    private BactrianException notAnswered(Request request) {
        String said = trouble;
        return new BactrianException("the hub at " + connection.address() + " has not answered within "
                + settings.requestTime.toMillis() + " ms: " + request.what() + (said == null ? "" : " (" + said + ")"));
    }

    /** What the core wants; the lock is held. */
    private final class Output implements SubscriberOutput {
        @Override
        public void send(byte[] frame) {
            connection.send(frame);
        }

        @Override
        public void deliver(Batch batch, long position, long timeMs) {
            if (damaged) {
                damaged = false;
                trouble = null;
            }
            inbox.add(batch, position, logEpoch, timeMs);
        }

        @Override
        public void withdraw() {
            inbox.withdraw();
        }

        @Override
        public void rebase(SubscriberCursor cursor) {
            boolean otherLog = cursor.logEpoch() != logEpoch;
            generation = cursor.generation();
            logEpoch = cursor.logEpoch();
            inbox.standAt(cursor.position(), otherLog);
            rebasing = cursor;
            cursorSaver.hurry();
        }

        @Override
        public void advance(SubscriberCursor cursor) {
            advancing = cursor;
            cursorSaver.progressed();
        }

        @Override
        public void lost(long from, long to, Cause cause) {
            if (damaged) {
                damaged = false;
                trouble = null;
            }
            fates.add(() -> settings.lostListener.accept(new Lost(settings.id, from, to, cause)));
        }

        @Override
        public void attached() {
            noTroubleButDamage();
        }

        /** The hub says only once in a session that its log is damaged. */
        private void noTroubleButDamage() {
            if (!damaged) {
                trouble = null;
            }
        }

        @Override
        public void confirmed(int number, long start) {
            noTroubleButDamage();
            Request request = requests.remove(number);
            if (request != null) {
                fates.add(() -> request.answer().complete(start));
            }
        }

        @Override
        public void refused(int number, Code code, String text) {
            Request request = requests.remove(number);
            if (request != null) {
                RefusedException cause = new RefusedException("the hub refuses to " + request.what(), code, text);
                fates.add(() -> request.answer().completeExceptionally(cause));
            }
        }

        @Override
        public void withoutHeaders() {
            if (!olderHubTold) {
                olderHubTold = true;
                LOG.warn(
                        "the hub at {} is older than this client: messages come without their headers; update it"
                                + " subscriber={}",
                        connection.address(),
                        settings.id);
            }
        }

        @Override
        public void troubled(Code code, String text) {
            String said = code.label() + ": " + text;
            if (code == Code.UNKNOWN_SESSION || code == Code.UNKNOWN_SUBSCRIBER) {
                // A hub that was started again says so: the subscriber attaches again by itself.
                log.troubled(true, code, text + ": attaches again");
            } else if (!said.equals(trouble)) {
                log.troubled(false, code, text);
            }
            trouble = said;
            damaged = code == Code.DAMAGED;
        }

        @Override
        public void stopped(Code code, String text) {
            log.stopped(code, text);
            String what = code == Code.MALFORMED && settings.ephemeral
                    ? " is ephemeral, which the hub at " + connection.address()
                            + " does not know: it is older than this client, update it first"
                    : " has stopped";
            stopping = new RefusedException("subscriber " + settings.id + what, code, text);
        }
    }

    /** What runs on the line's thread. */
    private final class Agent implements ProtocolSocket.Agent {
        private final Ticks ticks = new Ticks();
        private long waitMs;
        private boolean boundKnown;
        private boolean lossTold;

        @Override
        public void received(List<byte[]> frames) {
            if (settings.faults.drop()) {
                return;
            }
            byte[] frame = frames.get(0);
            answered = true;
            boolean answer = Commands.codeOf(frame) == Command.Attached.CODE;
            SubscriberCursor before = answer ? core.cursor() : NOWHERE;
            locked(() -> {
                core.receive(frame, frames.size() > 1 ? frames.get(1) : null, nowMs());
                BactrianException cause = stopping;
                if (cause != null) {
                    inbox.end(cause, false);
                    failRequests(cause, Long.MAX_VALUE);
                }
            });
            // Once the core stands where the answer says, which may be in another log.
            if (answer && !boundKnown) {
                readBound(frame);
            } else if (answer && logEpoch != before.logEpoch()) {
                readOtherLog(frame, before);
            }
        }

        /** A hub with another log that knows us goes on after what we had acknowledged there, which may be less than we had. */
        private void readOtherLog(byte[] frame, SubscriberCursor before) {
            try {
                if (Commands.decode(frame) instanceof Command.Attached attached
                        && attached.logEpoch() == logEpoch
                        && attached.cause() == Cause.NONE
                        && attached.cursor() < before.position()) {
                    inbox.redeliveredTo(attached.end());
                }
            } catch (WireException e) {
                LOG.debug("subscriber={} broken frame, which the core counts", settings.id, e);
            }
        }

        /**
         * Only what the log held when we came back can have been handed out before; to one that is new to the hub too,
         * nothing was.
         */
        private void readBound(byte[] frame) {
            try {
                if (Commands.decode(frame) instanceof Command.Attached attached) {
                    if (!knownBefore && attached.cursor() == 0) {
                        boundKnown = true;
                        return;
                    }
                    inbox.redeliveredTo(attached.end());
                    boundKnown = true;
                    if (!knownBefore && attached.cursor() > 0 && !lossTold) {
                        lossTold = true;
                        LOG.warn(
                                "subscriber={} has no cursor in data={}, but the hub knows it: it goes on after position={},"
                                        + " which it had acknowledged; what was delivered after that comes again",
                                settings.id,
                                settings.dataSource == null ? settings.data : "its data source",
                                attached.cursor());
                    }
                }
            } catch (WireException e) {
                LOG.debug("subscriber={} broken frame, which the core counts", settings.id, e);
            }
        }

        @Override
        public long work() {
            return ticks.work(nowMs(), this::tick);
        }

        private long tick(long now) {
            locked(() -> {
                waitMs = core.tick(now);
                failRequests(null, now);
                for (Request request : requests.values()) {
                    waitMs = Math.min(waitMs, request.deadlineMs() - now);
                }
            });
            return waitMs;
        }

        @Override
        public void connected() {
            locked(() -> core.reconnected(nowMs()));
        }

        @Override
        public void failed(Throwable cause) {
            BactrianException told = new BactrianException("subscriber " + settings.id + " has failed", cause);
            inbox.end(told, false);
            locked(() -> failRequests(told, Long.MAX_VALUE));
        }
    }
}
