package io.bactrian.zeromq;

import io.bactrian.socket.Intake;
import io.bactrian.socket.SharedSocket;
import io.bactrian.socket.SocketKind;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.apache.camel.AsyncCallback;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangePattern;
import org.apache.camel.Processor;
import org.apache.camel.Suspendable;
import org.apache.camel.support.DefaultConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes an Exchange of each message, or of each batch. The next one comes when the former is completed, so
 * the order is kept, and a slow route makes ZeroMQ hold the senders back.
 */
public class ZeroMqConsumer extends DefaultConsumer implements Intake<ZeroMqMessage>, Suspendable {
    private static final Logger LOG = LoggerFactory.getLogger(ZeroMqConsumer.class);

    private final ZeroMqConfiguration configuration;
    private final FrameMapper mapper;
    private final boolean answering;
    private volatile @Nullable SharedSocket<ZeroMqMessage> socket;

    ZeroMqConsumer(ZeroMqEndpoint endpoint, Processor processor) {
        super(endpoint, processor);
        this.configuration = endpoint.getConfiguration();
        this.mapper = new FrameMapper(configuration);
        SocketKind kind = configuration.kind();
        this.answering = kind == SocketKind.rep
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
        setHealthCheck(new ZeroMqConsumerHealthCheck(this, getEndpoint().getEndpointUri()));
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
        long timeoutMs = getEndpoint()
                .getCamelContext()
                .getShutdownStrategy()
                .getTimeUnit()
                .toMillis(getEndpoint().getCamelContext().getShutdownStrategy().getTimeout());
        if (open != null && !open.stopReceiving(this, timeoutMs)) {
            LOG.warn("the last batch is still under way endpoint={} timeoutMs={}", getEndpoint(), timeoutMs);
        }
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
     * Runs the route with one batch and waits for the end of it. The Exchange is released only then, as a pooled one is
     * emptied when it is, and its outcome is still to be looked at.
     */
    @Override
    public void take(List<ZeroMqMessage> batch) {
        Exchange exchange = createExchange(false);
        exchange.getMessage().setBody(batch);
        process(exchange);
        finish(exchange);
    }

    /** Runs the route with one message and waits for the end of it. */
    @Override
    public void takeOne(ZeroMqMessage message) {
        Exchange exchange = createExchange(false);
        mapper.fill(exchange.getMessage(), message);
        process(exchange);
        if (configuration.isXpubManual()) {
            decide(exchange, message.frame(0));
        }
        finish(exchange);
    }

    private void process(Exchange exchange) {
        Completion completion = new Completion();
        try {
            if (!getAsyncProcessor().process(exchange, completion)) {
                completion.await();
            }
        } catch (RuntimeException e) {
            exchange.setException(e);
        }
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

    private void finish(Exchange exchange) {
        if (exchange.getException() != null) {
            getExceptionHandler().handleException("Error processing exchange", exchange, exchange.getException());
        }
        SharedSocket<ZeroMqMessage> open = socket;
        if (answering && open != null) {
            answer(exchange, open);
        }
        // A route that interrupts its thread must not break the socket, which may live on it.
        if (Thread.interrupted()) {
            LOG.debug("interrupt of the route was cleared endpoint={}", getEndpoint());
        }
        releaseExchange(exchange, false);
    }

    /** A rep must answer before it can receive again, so a failed Exchange is answered with an empty frame. */
    private void answer(Exchange exchange, SharedSocket<ZeroMqMessage> open) {
        boolean failed = exchange.getException() != null;
        if (failed && configuration.kind() != SocketKind.rep) {
            return;
        }
        try {
            ZeroMqMessage reply = failed ? ZeroMqMessage.of(null, new byte[0]) : mapper.message(exchange.getMessage());
            open.send(reply, configuration.getSendTimeout());
        } catch (Exception e) {
            getExceptionHandler().handleException("Error sending the answer", exchange, e);
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
