package io.bactrian.journal;

import io.bactrian.journal.log.Cursor;
import io.bactrian.journal.log.Entry;
import io.bactrian.journal.log.Journal;
import io.bactrian.support.exchange.ExchangeOutcome;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.camel.AsyncCallback;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.Processor;
import org.apache.camel.Suspendable;
import org.apache.camel.support.DefaultConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads on from a cursor and hands entries to the route, in order, one Exchange at a time. The cursor advances when an
 * Exchange has completed; one that failed is delivered again, with back-off, until it succeeds: nothing is skipped.
 *
 * <p>Everything runs on the consumer's own thread, except that an asynchronous route completes on a thread of its own.
 */
final class JournalConsumer extends DefaultConsumer implements Suspendable {
    private static final Logger LOG = LoggerFactory.getLogger(JournalConsumer.class);
    private static final int READ_BYTES = 1 << 20;

    private final JournalEndpoint endpoint;
    private final ConsumerSettings settings;
    private final Gaps gaps;
    private final Deque<Entry> ahead = new ArrayDeque<>();
    private final AtomicBoolean woken = new AtomicBoolean();
    private final Runnable listener = this::wake;
    private @Nullable Journal journal;
    private @Nullable Cursor cursor;
    private @Nullable ScheduledExecutorService executor;
    private boolean transactions;
    /** Counts the starts: what a former one left under way may complete, and delivers nothing in this one. */
    private final AtomicInteger life = new AtomicInteger();

    // Touched by the consumer's thread only.
    private boolean underWay;
    private boolean backingOff;
    private int failures;

    JournalConsumer(JournalEndpoint endpoint, Processor processor, ConsumerSettings settings) {
        super(endpoint, processor);
        this.endpoint = endpoint;
        this.settings = settings;
        this.gaps = new Gaps(endpoint, settings);
    }

    @Override
    protected void doStart() throws Exception {
        super.doStart();
        Journal open = endpoint.getJournal();
        endpoint.getComponent().shared().claimCursor(endpoint.getName(), settings.cursor());
        journal = open;
        cursor = settings.open(open);
        transactions = ExchangeOutcome.hasTransactions(endpoint.getCamelContext());
        ahead.clear();
        underWay = false;
        backingOff = false;
        failures = 0;
        woken.set(false);
        life.incrementAndGet();
        executor = endpoint.getCamelContext()
                .getExecutorServiceManager()
                .newSingleThreadScheduledExecutor(this, "journal-" + endpoint.getName() + "-" + settings.cursor());
        open.addListener(listener);
        wake();
    }

    @Override
    protected void doStop() throws Exception {
        Journal open = journal;
        if (open != null) {
            open.removeListener(listener);
        }
        ScheduledExecutorService running = executor;
        if (running != null) {
            endpoint.getCamelContext().getExecutorServiceManager().shutdownGraceful(running);
        }
        Cursor at = cursor;
        journal = null;
        cursor = null;
        if (at != null) {
            endpoint.getComponent().shared().freeCursor(endpoint.getName(), settings.cursor());
            at.flush();
        }
        super.doStop();
    }

    @Override
    protected void doResume() throws Exception {
        super.doResume();
        wake();
    }

    private void wake() {
        if (woken.compareAndSet(false, true)) {
            later(this::step, 0);
        }
    }

    private void later(Runnable work, long delayMs) {
        ScheduledExecutorService running = executor;
        if (running == null) {
            return;
        }
        try {
            ScheduledFuture<?> unused = running.schedule(work, delayMs, TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException stopping) {
            LOG.debug("journal={} cursor={} stops", endpoint.getName(), settings.cursor());
        }
    }

    private void step() {
        woken.set(false);
        Journal open = journal;
        Cursor at = cursor;
        try {
            while (open != null
                    && at != null
                    && !underWay
                    && !backingOff
                    && isRunAllowed()
                    && !isSuspendingOrSuspended()) {
                List<Entry> batch = take(open, at);
                if (batch.isEmpty()) {
                    return;
                }
                deliver(batch, at);
            }
        } catch (RuntimeException e) {
            ahead.clear();
            handleException("journal:" + endpoint.getName() + " cursor=" + settings.cursor() + " not read", e);
            backOff();
        }
    }

    /** The next entries to deliver; empty if there is none yet. */
    private List<Entry> take(Journal open, Cursor at) {
        if (ahead.isEmpty()) {
            ahead.addAll(readAhead(open, at));
        }
        return batch(ahead, settings);
    }

    /** Takes the entries of one Exchange out of what was read ahead; empty if there is nothing. */
    static List<Entry> batch(Deque<Entry> ahead, ConsumerSettings settings) {
        List<Entry> batch = new ArrayList<>();
        long bytes = 0;
        Entry next = ahead.peek();
        while (next != null
                && batch.size() < settings.batchSize()
                && (batch.isEmpty() || bytes + next.payload().length <= settings.batchBytes())) {
            batch.add(ahead.remove());
            bytes += next.payload().length;
            next = ahead.peek();
        }
        return batch;
    }

    private List<Entry> readAhead(Journal open, Cursor at) {
        long next = skipGone(endpoint, settings, open, at.position() + 1);
        return gaps.read(open, next, Math.max(READ_BYTES, settings.batchBytes()));
    }

    /** The position to read, or the first that is there; what is gone between them is told. */
    static long skipGone(JournalEndpoint endpoint, ConsumerSettings settings, Journal open, long next) {
        if (next < open.first()) {
            LOG.warn(
                    "journal={} cursor={} positions {} to {} are gone, deleted by force",
                    endpoint.getName(),
                    settings.cursor(),
                    next,
                    open.first() - 1);
            return open.first();
        }
        return next;
    }

    private void deliver(List<Entry> batch, Cursor at) {
        Exchange exchange = exchange(batch);
        ExchangeOutcome outcome = ExchangeOutcome.watch(exchange, transactions);
        underWay = true;
        int begunIn = life.get();
        AtomicBoolean told = new AtomicBoolean();
        AsyncCallback completion = doneSync -> {
            told.set(true);
            // The cursor moves here and not on the consumer's thread, which may be stopping.
            boolean good = outcome.finish(exchange) == null;
            if (good) {
                at.advance(batch.get(batch.size() - 1).last());
            }
            releaseExchange(exchange, false);
            if (life.get() != begunIn) {
                LOG.debug("position={} completed after a stop", batch.get(0).position());
            } else if (!doneSync) {
                later(() -> completed(batch, good, begunIn), 0);
            } else {
                finish(batch, good);
            }
        };
        try {
            boolean done = getAsyncProcessor().process(exchange, completion);
            LOG.debug("position={} entries={} done={}", batch.get(0).position(), batch.size(), done);
        } catch (RuntimeException | Error e) {
            // Camel's error handlers let an Error pass, and nobody completes the Exchange then.
            if (told.get()) {
                throw e;
            }
            handleException("journal:" + endpoint.getName() + " cursor=" + settings.cursor() + " not processed", e);
            exchange.setException(e);
            completion.done(true);
        }
    }

    private void completed(List<Entry> batch, boolean good, int begunIn) {
        if (life.get() == begunIn) {
            finish(batch, good);
            step();
        }
    }

    private void finish(List<Entry> batch, boolean good) {
        underWay = false;
        if (good) {
            failures = 0;
            return;
        }
        for (int i = batch.size() - 1; i >= 0; i--) {
            ahead.addFirst(batch.get(i));
        }
        backOff();
    }

    private void backOff() {
        long delayMs = Math.min(settings.backOffMaxMs(), settings.backOffMs() << Math.min(failures, 20));
        failures++;
        backingOff = true;
        LOG.warn(
                "journal={} cursor={} failures={} delivered again in {} ms",
                endpoint.getName(),
                settings.cursor(),
                failures,
                delayMs);
        later(
                () -> {
                    backingOff = false;
                    step();
                },
                delayMs);
    }

    private Exchange exchange(List<Entry> batch) {
        Exchange exchange = createExchange(false);
        fill(exchange, batch, settings.batchSize());
        gaps.tell(exchange.getMessage(), batch.get(0));
        if (failures > 0) {
            exchange.getMessage().setHeader(JournalConstants.REDELIVERY, failures);
        }
        return exchange;
    }

    /** Puts entries into an Exchange. */
    static void fill(Exchange exchange, List<Entry> batch, int batchSize) {
        Message message = exchange.getMessage();
        Entry first = batch.get(0);
        message.setBody(batchSize == 1 ? first.payload() : List.copyOf(batch));
        message.setHeader(JournalConstants.POSITION, first.position());
        message.setHeader(
                JournalConstants.COUNT,
                Math.toIntExact(batch.get(batch.size() - 1).last() - first.position() + 1));
        message.setHeader(JournalConstants.EPOCH, first.epoch());
        message.setHeader(JournalConstants.TIMESTAMP, first.timestampMs());
        message.setHeader(Exchange.MESSAGE_TIMESTAMP, first.timestampMs());
    }
}
