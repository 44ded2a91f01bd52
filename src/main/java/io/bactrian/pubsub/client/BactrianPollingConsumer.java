package io.bactrian.pubsub.client;

import io.bactrian.support.exchange.HandedOut;
import io.bactrian.support.exchange.PolledCompletion;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.apache.camel.Exchange;
import org.apache.camel.support.PollingConsumerSupport;
import org.jspecify.annotations.Nullable;

/**
 * Hands out messages to those who ask, such as a ConsumerTemplate or pollEnrich. A message counts as processed when its
 * Exchange has completed and all before it have; what failed is handed out again, and so is what was not completed before
 * the stop. Thread-safe; one asks after the other.
 */
final class BactrianPollingConsumer extends PollingConsumerSupport {
    private static final int UNDER_WAY_MAX = 1_000;
    private static final long STEP_NS = TimeUnit.MILLISECONDS.toNanos(100);

    private final BactrianEndpoint endpoint;
    private final ReentrantLock reading = new ReentrantLock();
    private HandedOut<Message> handedOut = new HandedOut<>(UNDER_WAY_MAX);
    private volatile @Nullable Subscriber subscriber;
    private volatile @Nullable CompletableFuture<Long> subscription;

    BactrianPollingConsumer(BactrianEndpoint endpoint) {
        super(endpoint);
        this.endpoint = endpoint;
    }

    @Override
    protected void doStart() throws Exception {
        super.doStart();
        handedOut = new HandedOut<>(UNDER_WAY_MAX);
        Subscriber open = endpoint.openSubscriber();
        subscriber = open;
        subscription = subscribe(open);
    }

    private CompletableFuture<Long> subscribe(Subscriber open) {
        return open.subscribe(
                endpoint.getConfiguration().getTopic(),
                Start.parse(endpoint.getConfiguration().getFrom()));
    }

    @Override
    protected void doStop() throws Exception {
        Subscriber open = subscriber;
        subscriber = null;
        if (open != null) {
            open.close();
        }
        super.doStop();
    }

    @Override
    public @Nullable Exchange receive() {
        return receiveWithin(Long.MAX_VALUE);
    }

    @Override
    public @Nullable Exchange receiveNoWait() {
        return receiveWithin(0);
    }

    @Override
    public @Nullable Exchange receive(long timeoutMs) {
        return receiveWithin(TimeUnit.MILLISECONDS.toNanos(timeoutMs));
    }

    private @Nullable Exchange receiveWithin(long timeoutNs) {
        long begunNs = System.nanoTime();
        try {
            if (!reading.tryLock(timeoutNs, TimeUnit.NANOSECONDS)) {
                return null;
            }
            try {
                return next(begunNs, timeoutNs);
            } finally {
                reading.unlock();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return null;
        }
    }

    private @Nullable Exchange next(long begunNs, long timeoutNs) throws InterruptedException {
        while (true) {
            Subscriber open = subscriber;
            if (open == null) {
                return null;
            }
            HandedOut<Message> all = handedOut;
            Message failed = all.again();
            long leftNs = timeoutNs - (System.nanoTime() - begunNs);
            Message message = failed != null ? failed : fresh(open, all, Math.max(0, Math.min(STEP_NS, leftNs)));
            if (message != null) {
                return exchange(open, all, message, failed != null);
            } else if (leftNs <= 0) {
                return null;
            }
        }
    }

    private @Nullable Message fresh(Subscriber open, HandedOut<Message> all, long waitNs) throws InterruptedException {
        if (all.isFull()) {
            throw new IllegalStateException(
                    endpoint + " has " + UNDER_WAY_MAX + " Exchanges under way that were polled and"
                            + " not completed; complete them, such as with ConsumerTemplate.doneUoW");
        }
        try {
            Message message = open.get(Duration.ofNanos(waitNs));
            if (message == null) {
                tellRefusal(open);
            }
            return message;
        } catch (BactrianException e) {
            if (subscriber == null) {
                return null;
            }
            throw e;
        }
    }

    /** What the hub refuses is told to who asks, and asked for anew at the next call. */
    private void tellRefusal(Subscriber open) {
        CompletableFuture<Long> asked = subscription;
        if (asked != null && asked.isCompletedExceptionally()) {
            subscription = subscribe(open);
            try {
                asked.join();
            } catch (CompletionException e) {
                throw new BactrianException(endpoint + " is not subscribed", e.getCause());
            }
        }
    }

    private Exchange exchange(Subscriber open, HandedOut<Message> all, Message message, boolean again) {
        Exchange exchange = endpoint.createExchange();
        BactrianConsumer.fill(
                exchange,
                message,
                again || message.redelivered(),
                endpoint.getConfiguration().getHeaderFilterStrategy());
        HandedOut.Item<Message> item = all.hand(message);
        exchange.getExchangeExtension()
                .addOnCompletion(PolledCompletion.tell(() -> completed(open, all, item), () -> all.failed(item)));
        return exchange;
    }

    /** After a stop it is too late: the message comes again. */
    private void completed(Subscriber open, HandedOut<Message> all, HandedOut.Item<Message> item) {
        Message last = all.completed(item);
        if (last != null && subscriber == open) {
            open.processed(last);
        }
    }
}
