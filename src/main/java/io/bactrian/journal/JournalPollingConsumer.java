package io.bactrian.journal;

import io.bactrian.journal.log.Cursor;
import io.bactrian.journal.log.Entry;
import io.bactrian.journal.log.Journal;
import io.bactrian.support.exchange.HandedOut;
import io.bactrian.support.exchange.PolledCompletion;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.apache.camel.Exchange;
import org.apache.camel.support.PollingConsumerSupport;
import org.jspecify.annotations.Nullable;

/**
 * Hands out entries to those who ask, such as a ConsumerTemplate or pollEnrich. The cursor advances when an Exchange that
 * was handed out has completed and all before it have; what failed is handed out again, and so is what was not completed
 * before the stop. Thread-safe.
 */
final class JournalPollingConsumer extends PollingConsumerSupport {
    private static final int UNDER_WAY_MAX = 1_000;
    private static final int READ_BYTES = 1 << 20;
    private static final long FOR_EVER_MS = Long.MAX_VALUE;

    private final JournalEndpoint endpoint;
    private final ConsumerSettings settings;
    private final Gaps gaps;
    private final ReentrantLock reading = new ReentrantLock();
    private final Condition appended = reading.newCondition();
    private final Runnable listener = this::wake;
    private final Deque<Entry> ahead = new ArrayDeque<>();
    private HandedOut<List<Entry>> handedOut = new HandedOut<>(UNDER_WAY_MAX);
    private @Nullable Journal journal;
    private @Nullable Cursor cursor;
    private long next;

    JournalPollingConsumer(JournalEndpoint endpoint, ConsumerSettings settings) {
        super(endpoint);
        this.endpoint = endpoint;
        this.settings = settings;
        this.gaps = new Gaps(endpoint, settings);
    }

    @Override
    protected void doStart() throws Exception {
        super.doStart();
        Journal open = endpoint.getJournal();
        endpoint.getComponent().shared().claimCursor(endpoint.getName(), settings.cursor());
        reading.lock();
        try {
            Cursor at = settings.open(open);
            journal = open;
            cursor = at;
            next = at.position() + 1;
            ahead.clear();
            handedOut = new HandedOut<>(UNDER_WAY_MAX);
        } finally {
            reading.unlock();
        }
        open.addListener(listener);
    }

    @Override
    protected void doStop() throws Exception {
        Cursor at;
        reading.lock();
        try {
            if (journal != null) {
                journal.removeListener(listener);
            }
            at = cursor;
            journal = null;
            cursor = null;
            appended.signalAll();
        } finally {
            reading.unlock();
        }
        if (at != null) {
            endpoint.getComponent().shared().freeCursor(endpoint.getName(), settings.cursor());
            at.flush();
        }
        super.doStop();
    }

    private void wake() {
        reading.lock();
        try {
            appended.signalAll();
        } finally {
            reading.unlock();
        }
    }

    @Override
    public @Nullable Exchange receive() {
        return receive(FOR_EVER_MS);
    }

    @Override
    public @Nullable Exchange receiveNoWait() {
        return receive(0);
    }

    @Override
    public @Nullable Exchange receive(long timeoutMs) {
        long leftNs = timeoutMs == FOR_EVER_MS ? Long.MAX_VALUE : TimeUnit.MILLISECONDS.toNanos(timeoutMs);
        reading.lock();
        try {
            while (true) {
                Journal open = journal;
                Cursor at = cursor;
                if (open == null || at == null) {
                    return null;
                }
                Exchange exchange = take(open, at);
                if (exchange != null || leftNs <= 0) {
                    return exchange;
                }
                leftNs = appended.awaitNanos(leftNs);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return null;
        } finally {
            reading.unlock();
        }
    }

    /** Holds the lock. */
    private @Nullable Exchange take(Journal open, Cursor at) {
        HandedOut<List<Entry>> all = handedOut;
        List<Entry> failed = all.again();
        List<Entry> batch = failed != null ? failed : fresh(open, all);
        if (batch.isEmpty()) {
            return null;
        }
        Exchange exchange = endpoint.createExchange();
        JournalConsumer.fill(exchange, batch, settings.batchSize());
        gaps.tell(exchange.getMessage(), batch.get(0));
        if (failed != null) {
            exchange.getMessage().setHeader(JournalConstants.REDELIVERY, 1);
        }
        HandedOut.Item<List<Entry>> item = all.hand(batch);
        exchange.getExchangeExtension()
                .addOnCompletion(PolledCompletion.tell(() -> completed(all, item, at), () -> failed(all, item)));
        return exchange;
    }

    private List<Entry> fresh(Journal open, HandedOut<List<Entry>> all) {
        if (all.isFull()) {
            throw new IllegalStateException("journal:" + endpoint.getName() + " cursor=" + settings.cursor() + " has "
                    + UNDER_WAY_MAX + " Exchanges under way that were polled and not completed; complete them,"
                    + " such as with ConsumerTemplate.doneUoW");
        }
        if (ahead.isEmpty()) {
            next = JournalConsumer.skipGone(endpoint, settings, open, next);
            ahead.addAll(gaps.read(open, next, Math.max(READ_BYTES, settings.batchBytes())));
        }
        List<Entry> batch = JournalConsumer.batch(ahead, settings);
        if (!batch.isEmpty()) {
            next = batch.get(batch.size() - 1).last() + 1;
        }
        return batch;
    }

    private void completed(HandedOut<List<Entry>> all, HandedOut.Item<List<Entry>> item, Cursor at) {
        reading.lock();
        try {
            List<Entry> last = all.completed(item);
            // After a stop somebody else may have the cursor: what completes then is handed out again.
            if (last != null && cursor == at) {
                at.advance(last.get(last.size() - 1).last());
            }
        } finally {
            reading.unlock();
        }
    }

    private void failed(HandedOut<List<Entry>> all, HandedOut.Item<List<Entry>> item) {
        all.failed(item);
        wake();
    }
}
