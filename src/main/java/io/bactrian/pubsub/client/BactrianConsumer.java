package io.bactrian.pubsub.client;

import io.bactrian.support.database.StoreException;
import io.bactrian.support.exchange.ExchangeOutcome;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.camel.ShutdownRunningTask;
import org.apache.camel.Suspendable;
import org.apache.camel.spi.HeaderFilterStrategy;
import org.apache.camel.spi.ShutdownAware;
import org.apache.camel.support.DefaultConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Makes an Exchange of each message, one after the other. The cursor moves when the Exchange completes; one that fails
 * is made again with back-off, then becomes a dead letter, and nothing is skipped.
 */
public class BactrianConsumer extends DefaultConsumer implements ShutdownAware, Suspendable {
    private static final Logger LOG = LoggerFactory.getLogger(BactrianConsumer.class);
    private static final Duration POLL = Duration.ofMillis(250);

    private final BactrianConfiguration configuration;
    private volatile @Nullable Subscriber subscriber;
    private @Nullable DeadLetters deadLetters;
    private @Nullable TransactionTemplate transactions;
    private @Nullable ExecutorService executor;
    private boolean watchesTransactions;
    private volatile CountDownLatch stopping = new CountDownLatch(1);
    private volatile @Nullable Throwable failure;
    private final Object attempts = new Object();
    private boolean attempting;

    BactrianConsumer(BactrianEndpoint endpoint, Processor processor) {
        super(endpoint, processor);
        configuration = endpoint.getConfiguration();
    }

    @Override
    public BactrianEndpoint getEndpoint() {
        return (BactrianEndpoint) super.getEndpoint();
    }

    @Override
    protected void doStart() throws Exception {
        super.doStart();
        String id = String.valueOf(configuration.getSubscriber());
        String named = configuration.getDeadLetterTopic();
        deadLetters = new DeadLetters(
                getEndpoint()
                        .getComponent()
                        .settings(DeadLetters.publisherOf(id), configuration)
                        .closeTime(Duration.ZERO)
                        .build(),
                named == null ? "dead-letter/" + id : named);
        if (configuration.isTransacted()) {
            transactions = new TransactionTemplate(manager());
        }
        watchesTransactions = ExchangeOutcome.hasTransactions(getEndpoint().getCamelContext());
        stopping = new CountDownLatch(1);
        subscriber = getEndpoint().openSubscriber();
        setHealthCheck(new BactrianConsumerHealthCheck(this, getEndpoint().toString()));
        executor = getEndpoint()
                .getCamelContext()
                .getExecutorServiceManager()
                .newSingleThreadExecutor(this, "bactrian-" + configuration.getSubscriber());
        executor.execute(this::run);
    }

    private PlatformTransactionManager manager() {
        PlatformTransactionManager given = configuration.getTransactionManager();
        return given != null
                ? given
                : new DataSourceTransactionManager(Objects.requireNonNull(configuration.getDataSource()));
    }

    @Override
    public boolean deferShutdown(ShutdownRunningTask task) {
        return false;
    }

    @Override
    public int getPendingExchangesSize() {
        synchronized (attempts) {
            return attempting ? 1 : 0;
        }
    }

    @Override
    public void prepareShutdown(boolean suspendOnly, boolean forced) {
        // It was suspended before.
    }

    @Override
    protected void doStop() throws Exception {
        stopping.countDown();
        ExecutorService running = executor;
        executor = null;
        if (running != null) {
            // Not interrupted: an interrupt closes the file of an embedded database.
            running.shutdown();
            if (!running.awaitTermination(shutdownMs(), TimeUnit.MILLISECONDS)) {
                LOG.warn("the last Exchange is still under way endpoint={}", getEndpoint());
            }
        }
        Subscriber open = subscriber;
        subscriber = null;
        if (open != null) {
            open.close();
        }
        DeadLetters letters = deadLetters;
        if (letters != null) {
            letters.close();
        }
        super.doStop();
    }

    private long shutdownMs() {
        return getEndpoint()
                .getCamelContext()
                .getShutdownStrategy()
                .getTimeUnit()
                .toMillis(getEndpoint().getCamelContext().getShutdownStrategy().getTimeout());
    }

    /** The subscriber while the consumer is started. */
    @Nullable Subscriber subscriber() {
        return subscriber;
    }

    /** Why it gets nothing any more, or null. */
    @Nullable Throwable failure() {
        return failure;
    }

    private boolean running() {
        return stopping.getCount() > 0;
    }

    private void run() {
        Subscriber open = Objects.requireNonNull(subscriber);
        CompletableFuture<Long> subscription = subscribe(open);
        try {
            while (running()) {
                if (subscription.isCompletedExceptionally()) {
                    tell(subscription);
                    pause(configuration.getRedeliveryDelayMax());
                    subscription = subscribe(open);
                }
                Message message = isSuspended() ? null : open.get(POLL);
                if (message != null) {
                    consume(open, message);
                } else if (isSuspended()) {
                    pause(POLL.toMillis());
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            failure = e;
        } catch (RuntimeException e) {
            failure = e;
            getExceptionHandler().handleException("The subscriber has ended", e);
        }
    }

    private CompletableFuture<Long> subscribe(Subscriber open) {
        return open.subscribe(configuration.getTopic(), Start.parse(configuration.getFrom()));
    }

    private void tell(CompletableFuture<Long> failed) {
        try {
            failed.join();
        } catch (CompletionException e) {
            LOG.warn("not subscribed, tries again endpoint={} cause={}", getEndpoint(), String.valueOf(e.getCause()));
        }
    }

    /** Returns whether the consumer is to stop. */
    private boolean pause(long ms) throws InterruptedException {
        return stopping.await(ms, TimeUnit.MILLISECONDS);
    }

    /** Does not return before the message is processed, or a dead letter, or the consumer stops. */
    private void consume(Subscriber open, Message message) throws InterruptedException {
        long delay = configuration.getRedeliveryDelay();
        int attempt = 0;
        while (running()) {
            if (!begin()) {
                pause(POLL.toMillis());
                continue;
            }
            Throwable cause;
            try {
                cause = attempt > configuration.getRedeliveries()
                        ? bury(open, message)
                        : attempt(open, message, attempt > 0 || message.redelivered());
            } finally {
                end();
            }
            if (cause == null) {
                return;
            }
            LOG.warn(
                    "message failed subscriber={} position={} topic={} attempt={} cause={}",
                    configuration.getSubscriber(),
                    message.position(),
                    message.topic(),
                    attempt + 1,
                    cause.toString());
            if (attempt > configuration.getRedeliveries()) {
                pause(configuration.getRedeliveryDelayMax());
            } else if (attempt < configuration.getRedeliveries()) {
                pause(delay);
            }
            delay = Math.min(delay * 2, configuration.getRedeliveryDelayMax());
            attempt++;
        }
    }

    /** Whether an attempt may be made now. Then who suspends the consumer sees it pending, until it has ended. */
    private boolean begin() {
        synchronized (attempts) {
            attempting = !isSuspendingOrSuspended();
            return attempting;
        }
    }

    private void end() {
        synchronized (attempts) {
            attempting = false;
        }
    }

    /** Returns why it failed, or null. */
    private @Nullable Throwable attempt(Subscriber open, Message message, boolean redelivered) {
        TransactionTemplate template = transactions;
        try {
            Throwable[] cause = new Throwable[1];
            if (template == null) {
                cause[0] = route(message, redelivered);
                if (cause[0] == null) {
                    open.processed(message);
                }
            } else {
                template.executeWithoutResult(status -> {
                    cause[0] = route(message, redelivered);
                    if (cause[0] == null) {
                        open.processed(message);
                    } else {
                        status.setRollbackOnly();
                    }
                });
            }
            return cause[0];
        } catch (RuntimeException e) {
            // A commit may fail with whatever the transaction manager makes of it.
            return e;
        }
    }

    private @Nullable Throwable route(Message message, boolean redelivered) {
        Exchange exchange = createExchange(false);
        ExchangeOutcome outcome = ExchangeOutcome.watch(exchange, watchesTransactions);
        try {
            fill(exchange, message, redelivered, configuration.getHeaderFilterStrategy());
            if (configuration.isTransacted()) {
                exchange.getExchangeExtension().setTransacted(true);
            }
            getProcessor().process(exchange);
        } catch (Exception | Error e) {
            // Camel's error handlers let an Error pass.
            exchange.setException(e);
        }
        Throwable failure = outcome.finish(exchange);
        releaseExchange(exchange, false);
        return failure;
    }

    /** Puts a message into an Exchange. */
    static void fill(Exchange exchange, Message message, boolean redelivered, HeaderFilterStrategy strategy) {
        HeaderTexts.fill(exchange, message.headers(), strategy);
        exchange.getMessage().setBody(message.multipart() ? message.parts() : message.body());
        exchange.getMessage().setHeader(BactrianConstants.TOPIC, message.topic());
        exchange.getMessage().setHeader(BactrianConstants.POSITION, message.position());
        exchange.getMessage().setHeader(BactrianConstants.PUBLISHER, message.publisher());
        exchange.getMessage().setHeader(BactrianConstants.SEQUENCE, message.sequence());
        exchange.getMessage().setHeader(BactrianConstants.REDELIVERED, redelivered);
    }

    private @Nullable Throwable bury(Subscriber open, Message message) throws InterruptedException {
        try {
            Objects.requireNonNull(deadLetters).put(message, open.generation());
            open.processed(message);
            LOG.error(
                    "message is a dead letter now subscriber={} position={} topic={}",
                    configuration.getSubscriber(),
                    message.position(),
                    message.topic());
            return null;
        } catch (BactrianException | StoreException e) {
            return e;
        }
    }
}
