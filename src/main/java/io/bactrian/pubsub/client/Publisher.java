package io.bactrian.pubsub.client;

import io.bactrian.pubsub.core.OfferResult;
import io.bactrian.pubsub.core.OutboxEntry;
import io.bactrian.pubsub.core.PublisherCore;
import io.bactrian.pubsub.core.PublisherCounters;
import io.bactrian.pubsub.core.PublisherOutput;
import io.bactrian.pubsub.core.PublisherSettings;
import io.bactrian.pubsub.core.SealedBatch;
import io.bactrian.support.thread.NamedThreads;
import io.bactrian.wire.Code;
import io.bactrian.wire.Command;
import io.bactrian.wire.Headers;
import io.bactrian.wire.Multipart;
import io.bactrian.zeromq.socket.ProtocolSocket;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Puts messages: each is logged by the hub exactly once and in the order of put, over lost connections and restarts of
 * the hub; with an outbox also over restarts of this process.
 *
 * <p>Any thread may put, and threads that put at the same time share batches. Futures end on the client's own thread:
 * what is hung onto them must not block.
 */
public final class Publisher implements AutoCloseable {
    private static final long WARN_EACH_MS = 60_000;
    private static final byte[] NO_HEADERS = {};

    private final ClientSettings settings;
    private final HubErrorLog log;
    private final Transport transport;
    private final @Nullable OutboxJournal outbox;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final PublisherCore core;
    private final HubConnection connection;

    /** Fates that are known and not told yet; guarded by the lock. */
    private List<Runnable> fates = new ArrayList<>();

    private int waiters;
    private boolean closed;
    private @Nullable String trouble;
    private boolean answered;
    private @Nullable BactrianException end;

    private Publisher(ClientSettings settings) {
        this.settings = settings;
        log = new HubErrorLog("publisher", settings.id);
        transport =
                settings.transport == null ? new Transport(settings.directory, NamedThreads.PLAIN) : settings.transport;
        PublisherSettings rules = PublisherSettings.of(settings.id)
                .withWindow(settings.windowBytes, settings.windowMessages)
                .withBatches(settings.batchBytes, 1 << 16)
                .withOutbox(settings.outbox)
                .stoppingAtRefusal(settings.stopAtRefusal);
        SecureRandom random = new SecureRandom();
        outbox = settings.outbox
                ? new OutboxJournal(
                        settings.data.resolve("outbox-" + settings.fileName()),
                        settings.id,
                        transport.threads(),
                        this::stored)
                : null;
        core = new PublisherCore(rules, new Output(), random::nextLong, outbox == null ? null : outbox.recover());
        lock.lock();
        try {
            connection = HubConnection.open(
                    transport, settings.publishAddresses(), settings, new Agent(), new Command.Ping(settings.id, 1));
            core.start(nowMs());
        } finally {
            lock.unlock();
        }
        if (outbox != null) {
            outbox.start();
        }
    }

    /**
     * Opens a publisher. It need not find a hub: it goes on trying.
     *
     * @throws io.bactrian.journal.log.JournalException if the outbox cannot be opened, also because another process has it
     */
    public static Publisher open(ClientSettings settings) {
        return new Publisher(settings);
    }

    private static long nowMs() {
        return System.nanoTime() / 1_000_000;
    }

    /** Puts a message; see {@link #put(String, byte[], Acceptance)}. */
    public CompletableFuture<Accepted> put(String topic, byte[] body) {
        return put(topic, body, Acceptance.HUB);
    }

    /**
     * Puts a message. If the window is full it blocks until there is room, at most for the block time.
     *
     * @param topic 1 to 255 octets of UTF-8
     * @param body copied before this returns
     * @return ends when the message is accepted; fails with {@link RefusedException} if the hub refuses it for good,
     *     {@link WindowFullException} if there was no room, {@link BactrianException} if the publisher is closed before
     *     its fate is known or another process has taken its id
     * @throws IllegalArgumentException if the topic is no name, or an outbox is asked for and there is none
     */
    public CompletableFuture<Accepted> put(String topic, byte[] body, Acceptance acceptance) {
        return put(topic, NO_HEADERS, body, false, acceptance);
    }

    /**
     * Puts a message with headers, which subscribers get as {@link Message#headers}; for the rest see {@link #put(String, byte[],
     * Acceptance)}.
     *
     * @param headers names of 1 to 255 octets of UTF-8, and their values: all together at most 65,535 octets, which count as
     *     octets of the message; copied before this returns
     * @throws IllegalArgumentException also if they are more, or no text that the wire can carry
     */
    public CompletableFuture<Accepted> put(
            String topic, Map<String, String> headers, byte[] body, Acceptance acceptance) {
        return put(topic, packed(headers), body, false, acceptance);
    }

    /** Puts a message of several frames; see {@link #put(String, List, Acceptance)}. */
    public CompletableFuture<Accepted> put(String topic, List<byte[]> parts) {
        return put(topic, parts, Acceptance.HUB);
    }

    /**
     * Puts a message of one or more frames, which subscribers get as {@link Message#parts} and plain ZeroMQ peers as
     * frames; for the rest see {@link #put(String, byte[], Acceptance)}.
     *
     * @param parts at least one; copied before this returns
     * @throws IllegalArgumentException also without a part
     */
    public CompletableFuture<Accepted> put(String topic, List<byte[]> parts, Acceptance acceptance) {
        return put(topic, Map.of(), parts, acceptance);
    }

    /** Puts a message of one or more frames with headers; see the other methods for both. */
    public CompletableFuture<Accepted> put(
            String topic, Map<String, String> headers, List<byte[]> parts, Acceptance acceptance) {
        return put(topic, packed(headers), Multipart.pack(parts), true, acceptance);
    }

    private static byte[] packed(Map<String, String> headers) {
        return headers.isEmpty() ? NO_HEADERS : Headers.pack(headers);
    }

    private CompletableFuture<Accepted> put(
            String topic, byte[] headers, byte[] body, boolean multipart, Acceptance acceptance) {
        boolean untilKept = acceptance == Acceptance.OUTBOX;
        if (untilKept && outbox == null) {
            throw new IllegalArgumentException("this publisher has no outbox: open it with outbox(true)");
        }
        PendingPut pending = new PendingPut(untilKept);
        lock.lock();
        try {
            OfferResult offer = core.offer(topic, headers, body, multipart, pending, nowMs());
            if (offer != OfferResult.TAKEN) {
                retry(
                        offer,
                        pending,
                        headers.length + body.length,
                        () -> core.offer(topic, headers, body, multipart, pending, nowMs()));
            }
        } finally {
            lock.unlock();
        }
        return pending;
    }

    /**
     * Puts a message under a number of the caller's, which must rise within the topic; a number that the hub has seen
     * of this publisher and topic is accepted as a repeat and dropped. A topic is put to either so or by {@link
     * #put(String, byte[])}, never by both.
     *
     * @param sequence at least 1
     * @throws IllegalArgumentException if it is not above those that wait, or the topic is used without numbers
     */
    public CompletableFuture<Accepted> putNumbered(String topic, long sequence, byte[] body) {
        return putNumbered(topic, sequence, Map.of(), body, false);
    }

    /** The same with the headers and the body of a {@link Message}, which is multipart or not. */
    CompletableFuture<Accepted> putNumbered(
            String topic, long sequence, Map<String, String> headers, byte[] body, boolean multipart) {
        byte[] packed = packed(headers);
        PendingPut pending = new PendingPut(false);
        lock.lock();
        try {
            OfferResult offer = core.offerSparse(topic, sequence, packed, body, multipart, pending, nowMs());
            if (offer != OfferResult.TAKEN) {
                retry(
                        offer,
                        pending,
                        packed.length + body.length,
                        () -> core.offerSparse(topic, sequence, packed, body, multipart, pending, nowMs()));
            }
        } finally {
            lock.unlock();
        }
        return pending;
    }

    /** Holds the lock. */
    private void retry(OfferResult first, PendingPut pending, int bytes, Supplier<OfferResult> again) {
        OfferResult offer = first;
        long deadline = System.nanoTime() + settings.blockTime.toNanos();
        waiters++;
        try {
            while (offer == OfferResult.FULL) {
                long left = deadline - System.nanoTime();
                if (left <= 0) {
                    break;
                }
                // More may wait also as time passes: when the hub stands still.
                changed.awaitNanos(Math.min(left, Ticks.LEAST_MS * 1_000_000));
                offer = again.get();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            pending.completeExceptionally(new BactrianException("interrupted while the window was full", e));
            return;
        } finally {
            waiters--;
        }
        switch (offer) {
            case TAKEN -> {}
            case FULL -> pending.completeExceptionally(windowFull());
            case TOO_LARGE ->
                pending.completeExceptionally(new RefusedException(
                        "message of " + bytes + " octets is not put",
                        Code.MESSAGE_TOO_LARGE,
                        "at most " + core.messageBytesMax() + " are allowed: see bactrian.hub.message.max"));
            case STOPPED -> pending.completeExceptionally(Objects.requireNonNullElseGet(end, this::closedError));
        }
    }

    private WindowFullException windowFull() {
        PublisherCounters counters = core.counters();
        return new WindowFullException("the window of publisher " + settings.id + " is full: "
                + counters.waitingMessages() + " messages of " + counters.waitingBytes()
                + " octets wait, and none was accepted for " + settings.blockTime.toMillis() + " ms ("
                + whyNotAccepted() + ")");
    }

    private String whyNotAccepted() {
        String problem = outbox == null ? null : outbox.problem();
        if (problem != null) {
            return "the outbox cannot write: " + problem;
        }
        if (trouble != null) {
            return trouble;
        }
        String obstacle = connection.obstacle();
        String heard = answered
                ? "the hub at " + connection.address() + " was heard last " + (nowMs() - core.heardMs()) + " ms ago"
                : "the hub at " + connection.address() + " was never heard";
        return obstacle == null ? heard : heard + ": " + obstacle;
    }

    /** Why what was put is not accepted, in words for a person; empty if nothing waits or the hub was heard just now. */
    public Optional<String> waitsFor(Duration patience) {
        lock.lock();
        try {
            boolean waits = core.counters().waitingMessages() > 0;
            boolean heard = answered && nowMs() - core.heardMs() <= patience.toMillis() && trouble == null;
            return waits && !heard ? Optional.of(whyNotAccepted()) : Optional.empty();
        } finally {
            lock.unlock();
        }
    }

    private BactrianException closedError() {
        return new BactrianException("publisher " + settings.id + " is closed");
    }

    private BactrianException notAcceptedError() {
        return new BactrianException(
                "publisher " + settings.id + " is closed and the message was not accepted: " + whyNotAccepted());
    }

    /** Waits until everything that was put is decided, and returns whether it is. */
    public boolean flush(Duration timeout) throws InterruptedException {
        lock.lock();
        try {
            long left = timeout.toNanos();
            waiters++;
            while (!core.idle() && end == null && left > 0) {
                left = changed.awaitNanos(left);
            }
            return core.idle();
        } finally {
            waiters--;
            lock.unlock();
        }
    }

    /** Returns the counts since the start, and how much waits. */
    public PublisherCounters counters() {
        lock.lock();
        try {
            return core.counters();
        } finally {
            lock.unlock();
        }
    }

    /** Whether the hub has granted an epoch and was heard within the time. */
    public boolean isConnected(Duration within) {
        lock.lock();
        try {
            return core.epoch() > 0 && nowMs() - core.heardMs() <= within.toMillis();
        } finally {
            lock.unlock();
        }
    }

    /** Returns the last error of the hub, null if it has accepted something since. */
    public @Nullable String trouble() {
        lock.lock();
        try {
            return trouble;
        } finally {
            lock.unlock();
        }
    }

    private void stored(long entries) {
        locked(() -> core.stored(entries, nowMs()));
    }

    /** Runs under the lock, then tells the fates that came out of it. */
    private void locked(Runnable step) {
        List<Runnable> told;
        lock.lock();
        try {
            step.run();
            told = fates;
            if (!told.isEmpty()) {
                fates = new ArrayList<>();
                if (waiters > 0) {
                    changed.signalAll();
                }
            }
        } finally {
            lock.unlock();
        }
        told.forEach(Runnable::run);
    }

    /**
     * Waits for what is not accepted yet, at most for the close time, and ends. What is then not decided fails; with an
     * outbox it is put by the next publisher of this id all the same.
     */
    @Override
    public void close() {
        boolean interrupted = false;
        try {
            if (!flush(settings.closeTime)) {
                log.notAccepted(counters().waitingMessages());
            }
        } catch (InterruptedException e) {
            interrupted = true;
        }
        locked(() -> stop(core.counters().waitingMessages() > 0 ? notAcceptedError() : closedError()));
        try {
            connection.close();
        } catch (InterruptedException e) {
            interrupted = true;
        }
        if (outbox != null) {
            outbox.close();
        }
        if (settings.transport == null) {
            transport.close();
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Holds the lock. */
    private void stop(BactrianException cause) {
        if (!closed) {
            closed = true;
            end = cause;
            for (SealedBatch left : core.abandon()) {
                fates.add(() -> fail(left, cause));
            }
            changed.signalAll();
        }
    }

    private static void fail(SealedBatch batch, BactrianException cause) {
        for (int i = 0; i < batch.count(); i++) {
            if (batch.attachment(i) instanceof PendingPut pending) {
                pending.completeExceptionally(cause);
            }
        }
    }

    private static void accept(SealedBatch batch) {
        long sequence = batch.batch().sequence();
        String topic = batch.topic();
        for (int i = 0; i < batch.count(); i++) {
            if (batch.attachment(i) instanceof PendingPut pending) {
                pending.complete(new Accepted(topic, sequence + i));
            }
        }
    }

    private static void keep(SealedBatch batch) {
        for (int i = 0; i < batch.count(); i++) {
            if (batch.attachment(i) instanceof PendingPut pending && pending.untilKept) {
                pending.complete(new Accepted(batch.topic(), 0));
            }
        }
    }

    /** What the core wants; the lock is held. */
    private final class Output implements PublisherOutput {
        private final Map<Code, Long> refusalsWarnedMs = new EnumMap<>(Code.class);

        @Override
        public void send(byte[] frame) {
            connection.send(frame);
        }

        @Override
        public void store(OutboxEntry entry) {
            Objects.requireNonNull(outbox).store(entry);
        }

        @Override
        public void kept(SealedBatch batch) {
            fates.add(() -> keep(batch));
        }

        @Override
        public void accepted(SealedBatch batch) {
            trouble = null;
            decided(batch);
            fates.add(() -> accept(batch));
        }

        @Override
        public void failed(SealedBatch batch, Code code, String text) {
            Long warnedMs = refusalsWarnedMs.get(code);
            if (warnedMs == null || nowMs() - warnedMs >= WARN_EACH_MS) {
                refusalsWarnedMs.put(code, nowMs());
                log.refused(batch.topic(), batch.count(), code, text);
            }
            decided(batch);
            RefusedException cause = new RefusedException("the hub refuses a batch of " + batch.topic(), code, text);
            fates.add(() -> fail(batch, cause));
            if (settings.stopAtRefusal) {
                stopping = new BactrianException("not put, as a message before it was refused: " + code.label());
            }
        }

        private void decided(SealedBatch batch) {
            if (outbox != null) {
                outbox.decided(batch.topic(), batch.count());
            }
        }

        @Override
        public void troubled(Code code, String text) {
            String said = code.label() + ": " + text;
            if (!said.equals(trouble)) {
                log.troubled(code == Code.UNAVAILABLE || code == Code.NOT_ACTIVE, code, text);
            }
            trouble = said;
        }

        @Override
        public void stopped(Code code, String text) {
            log.stopped(code, "another process uses its id: " + text);
            stopping = new RefusedException("publisher " + settings.id + " has stopped", code, text);
        }
    }

    /** Set from within the core, done after it has returned. */
    private @Nullable BactrianException stopping;

    /** What runs on the line's thread. */
    private final class Agent implements ProtocolSocket.Agent {
        private final Ticks ticks = new Ticks();
        private long waitMs;

        @Override
        public void received(List<byte[]> frames) {
            locked(() -> {
                answered = true;
                core.receive(frames.get(0), nowMs());
                stopIfTold();
            });
        }

        private void stopIfTold() {
            if (stopping != null) {
                stop(stopping);
            }
        }

        @Override
        public long work() {
            return ticks.work(nowMs(), this::tick);
        }

        private long tick(long now) {
            locked(() -> waitMs = core.tick(now));
            return waitMs;
        }

        @Override
        public void connected() {
            locked(() -> core.reconnected(nowMs()));
        }

        @Override
        public void failed(Throwable cause) {
            locked(() -> stop(new BactrianException("publisher " + settings.id + " has failed", cause)));
        }
    }
}
