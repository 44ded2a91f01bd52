package io.bactrian.zeromq;

import io.bactrian.zeromq.FrameMapper.Asker;
import io.bactrian.zeromq.socket.MessageReceiver;
import io.bactrian.zeromq.socket.SharedSocket;
import io.bactrian.zeromq.socket.SocketKind;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.apache.camel.AsyncCallback;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangePattern;
import org.apache.camel.Processor;
import org.apache.camel.Suspendable;
import org.apache.camel.spi.ShutdownStrategy;
import org.apache.camel.support.DefaultConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes an Exchange of each message, or of each batch. The next one comes when the former is completed, so
 * the order is kept, and a slow route makes ZeroMQ hold the senders back; or with {@code concurrentExchanges} when there
 * are fewer under way than there may be.
 */
public class ZeroMqConsumer extends DefaultConsumer implements MessageReceiver<ZeroMqMessage>, Suspendable {
    private static final Logger LOG = LoggerFactory.getLogger(ZeroMqConsumer.class);

    private final ZeroMqConfiguration configuration;
    private final FrameMapper mapper;
    private final boolean answering;
    private final boolean rep;
    private final int concurrent;
    private final Semaphore free;
    private volatile @Nullable SharedSocket<ZeroMqMessage> socket;

    ZeroMqConsumer(ZeroMqEndpoint endpoint, Processor processor) {
        super(endpoint, processor);
        this.configuration = endpoint.getConfiguration().serving();
        this.mapper = new FrameMapper(configuration);
        this.concurrent = configuration.getConcurrentExchanges();
        this.free = new Semaphore(concurrent);
        this.rep = endpoint.getConfiguration().kind() == SocketKind.rep;
        SocketKind kind = configuration.kind();
        this.answering = rep
                || configuration.isStream()
                || (endpoint.getExchangePattern() == ExchangePattern.InOut
                        && kind.producing()
                        && configuration.getBatchSize() == 1);
    }

    @Override
    public ZeroMqEndpoint getEndpoint() {
        return (ZeroMqEndpoint) super.getEndpoint();
    }

    @Override
    protected void doStart() throws Exception {
        super.doStart();
        SharedSocket<ZeroMqMessage> acquired = getEndpoint().acquire();
        try {
            if (answering && configuration.kind() != SocketKind.rep) {
                acquired.prepareToSend();
            }
            socket = acquired;
            acquired.receive(this);
        } catch (RuntimeException e) {
            socket = null;
            acquired.release();
            throw e;
        }
        setHealthCheck(new ZeroMqConsumerHealthCheck(this, getEndpoint().toString()));
    }

    @Override
    protected void doSuspend() throws Exception {
        stopReceiving();
        super.doSuspend();
    }

    @Override
    protected void doResume() throws Exception {
        super.doResume();
        SharedSocket<ZeroMqMessage> open = socket;
        if (open != null) {
            open.receive(this);
        }
    }

    @Override
    protected void doStop() throws Exception {
        SharedSocket<ZeroMqMessage> open = socket;
        if (open != null) {
            stopReceiving();
            socket = null;
            open.release();
        }
        super.doStop();
    }

    private void stopReceiving() throws InterruptedException {
        SharedSocket<ZeroMqMessage> open = socket;
        long timeoutMs = stopTimeoutMs();
        if (open != null && !(open.stopReceiving(this, timeoutMs) && awaitAll(timeoutMs))) {
            LOG.warn("the last batch is still under way endpoint={} timeoutMs={}", getEndpoint(), timeoutMs);
        }
    }

    /** How long a stop waits for what is under way. */
    final long stopTimeoutMs() {
        ShutdownStrategy strategy = getEndpoint().getCamelContext().getShutdownStrategy();
        return strategy.getTimeUnit().toMillis(strategy.getTimeout());
    }

    /** The socket, while it is open. */
    final @Nullable SharedSocket<ZeroMqMessage> socket() {
        return socket;
    }

    private boolean awaitAll(long timeoutMs) throws InterruptedException {
        boolean all = free.tryAcquire(concurrent, timeoutMs, TimeUnit.MILLISECONDS);
        if (all) {
            free.release(concurrent);
        }
        return all;
    }

    /** Why the socket ended by itself, or null. */
    @Nullable Throwable failure() {
        SharedSocket<ZeroMqMessage> open = socket;
        return open == null ? null : open.failure();
    }

    @Override
    public int batchSize() {
        return configuration.getBatchSize();
    }

    @Override
    public long batchBytesMax() {
        return configuration.getBatchBytesMax();
    }

    @Override
    public long batchTimeoutMs() {
        return configuration.getBatchTimeout();
    }

    @Override
    public boolean onSocketThread() {
        return configuration.isOnSocketThread() || configuration.isXpubManual();
    }

    /**
     * Runs the route with one batch and waits for the end of it, or until the next one may begin. The Exchange is released
     * only at its end, as a pooled one is emptied then, and its outcome is still to be looked at.
     */
    @Override
    public void take(List<ZeroMqMessage> batch) {
        Exchange exchange = createExchange(false);
        exchange.getMessage().setBody(batch);
        run(exchange, null, null);
    }

    /** As {@link #take}, with one message. */
    @Override
    public void takeOne(ZeroMqMessage message) {
        Exchange exchange = createExchange(false);
        mapper.fill(exchange.getMessage(), message);
        run(
                exchange,
                answering ? FrameMapper.asker(exchange.getMessage()) : null,
                configuration.isXpubManual() ? message.frame(0) : null);
    }

    private void run(Exchange exchange, @Nullable Asker asker, byte @Nullable [] subscription) {
        if (concurrent > 1) {
            begin(exchange, asker);
        } else {
            process(exchange, asker, subscription);
        }
        // A route that interrupts its thread must not break the socket, which may live on it.
        if (Thread.interrupted()) {
            LOG.debug("interrupt of the route was cleared endpoint={}", getEndpoint());
        }
    }

    /** Begins an Exchange as soon as there are fewer under way than there may be. */
    private void begin(Exchange exchange, @Nullable Asker asker) {
        free.acquireUninterruptibly();
        UnderWay underWay = new UnderWay(exchange, asker);
        try {
            getAsyncProcessor().process(exchange, underWay);
        } catch (RuntimeException | Error e) {
            exchange.setException(e);
            underWay.done(true);
        }
    }

    private void process(Exchange exchange, @Nullable Asker asker, byte @Nullable [] subscription) {
        Completion completion = new Completion();
        try {
            if (!getAsyncProcessor().process(exchange, completion)) {
                completion.await();
            }
        } catch (RuntimeException | Error e) {
            exchange.setException(e);
        }
        if (subscription != null) {
            decide(exchange, subscription);
        }
        finish(exchange, asker);
    }

    /** A subscription is a frame that begins with 1, its end one that begins with 0; the rest is the prefix. */
    private void decide(Exchange exchange, byte[] frame) {
        SharedSocket<ZeroMqMessage> open = socket;
        if (open == null || frame.length == 0) {
            return;
        }
        boolean admitted = exchange.getException() == null
                && exchange.getMessage().getHeader(ZeroMqConstants.SUBSCRIPTION) != null;
        if (frame[0] == 0 || (frame[0] == 1 && admitted)) {
            open.admit(frame);
        }
    }

    /**
     * In place of Camel's default callback, which would release the Exchange: its answer is sent first. No Synchronization sends
     * it, as seda hands those over to another Exchange while the one who asks waits.
     */
    private void finish(Exchange exchange, @Nullable Asker asker) {
        if (exchange.getException() != null) {
            getExceptionHandler().handleException("Error processing exchange", exchange, exchange.getException());
        }
        SharedSocket<ZeroMqMessage> open = socket;
        if (asker != null && open != null) {
            asker.address(exchange.getMessage());
            answer(exchange, open);
        }
        releaseExchange(exchange, false);
    }

    /** A rep must answer before it can receive again, so a failed Exchange is answered with an empty frame. */
    private void answer(Exchange exchange, SharedSocket<ZeroMqMessage> open) {
        boolean failed = exchange.getException() != null;
        if (failed && !rep) {
            return;
        }
        try {
            if (failed || exchange.getMessage().getBody() == null) {
                // Who asked waits for an answer.
                exchange.getMessage().setBody(new byte[0]);
            }
            open.send(mapper.message(exchange.getMessage()), configuration.getSendTimeout());
        } catch (Exception e) {
            getExceptionHandler().handleException("Error sending the answer", exchange, e);
        }
    }

    /** The end of one of several Exchanges, on whatever thread it comes to it. */
    private final class UnderWay implements AsyncCallback {
        private final Exchange exchange;
        private final @Nullable Asker asker;
        private final AtomicBoolean ended = new AtomicBoolean();

        UnderWay(Exchange exchange, @Nullable Asker asker) {
            this.exchange = exchange;
            this.asker = asker;
        }

        @Override
        public void done(boolean doneSync) {
            if (ended.compareAndSet(false, true)) {
                try {
                    finish(exchange, asker);
                } finally {
                    free.release();
                }
            }
        }
    }

    /** The end of an Exchange that may go on by itself. Made by the thread that waits; small, as there is one for each. */
    private static final class Completion implements AsyncCallback {
        private final Thread waiter = Thread.currentThread();
        private final AtomicBoolean done = new AtomicBoolean();

        @Override
        public void done(boolean doneSync) {
            done.setRelease(true);
            if (Thread.currentThread() != waiter) {
                LockSupport.unpark(waiter);
            }
        }

        void await() {
            while (!done.get()) {
                LockSupport.park(this);
                if (Thread.interrupted()) {
                    LOG.debug("interrupt while waiting for the route is ignored");
                }
            }
        }
    }
}
