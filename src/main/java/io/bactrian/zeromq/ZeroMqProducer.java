package io.bactrian.zeromq;

import io.bactrian.zeromq.socket.ReplyHandler;
import io.bactrian.zeromq.socket.RequestTimeoutException;
import io.bactrian.zeromq.socket.SendFailedException;
import io.bactrian.zeromq.socket.SharedSocket;
import io.bactrian.zeromq.socket.SocketKind;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.camel.AsyncCallback;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangeTimedOutException;
import org.apache.camel.support.DefaultAsyncProducer;
import org.jspecify.annotations.Nullable;

/** Queues messages for the thread of the socket, and for a req or an InOut dealer waits for the answer. */
public class ZeroMqProducer extends DefaultAsyncProducer {
    private final ZeroMqConfiguration configuration;
    private final SocketKind kind;
    private final FrameMapper mapper;
    private @Nullable SharedSocket<ZeroMqMessage> socket;

    ZeroMqProducer(ZeroMqEndpoint endpoint) {
        super(endpoint);
        this.configuration = endpoint.getConfiguration();
        this.kind = configuration.kind();
        this.mapper = new FrameMapper(configuration);
    }

    @Override
    public ZeroMqEndpoint getEndpoint() {
        return (ZeroMqEndpoint) super.getEndpoint();
    }

    @Override
    protected void doStart() throws Exception {
        super.doStart();
        SharedSocket<ZeroMqMessage> acquired = getEndpoint().acquire();
        acquired.prepareToSend();
        socket = acquired;
    }

    @Override
    protected void doStop() throws Exception {
        SharedSocket<ZeroMqMessage> open = socket;
        socket = null;
        if (open != null) {
            open.release();
        }
        super.doStop();
    }

    /** Unlike the one of the superclass it does not prepare to wait where there is nothing to wait for. */
    @Override
    public void process(Exchange exchange) throws Exception {
        if (kind == SocketKind.req || kind == SocketKind.dealer) {
            super.process(exchange);
        } else {
            process(exchange, doneSync -> {});
        }
    }

    @Override
    public boolean process(Exchange exchange, AsyncCallback callback) {
        try {
            SharedSocket<ZeroMqMessage> open = open();
            List<ZeroMqMessage> batch = mapper.batch(exchange.getMessage());
            if (batch == null && (kind == SocketKind.req || (kind == SocketKind.dealer && isInOut(exchange)))) {
                request(open, exchange, callback);
                return false;
            }
            if (configuration.isAwaitSend()) {
                sendAwaited(open, batch == null ? List.of(mapper.message(exchange.getMessage())) : batch);
            } else if (batch == null) {
                open.send(mapper.message(exchange.getMessage()), configuration.getSendTimeout());
            } else if (!batch.isEmpty()) {
                open.send(batch, configuration.getSendTimeout());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            exchange.setException(e);
        } catch (Exception e) {
            exchange.setException(e);
        }
        callback.done(true);
        return true;
    }

    private static boolean isInOut(Exchange exchange) {
        return exchange.getPattern().isOutCapable();
    }

    /** The socket, while it is open. */
    final SharedSocket<ZeroMqMessage> open() throws IOException {
        SharedSocket<ZeroMqMessage> open = socket;
        if (open == null) {
            throw new IOException("producer is not started endpoint=" + getEndpoint());
        }
        return open;
    }

    private void sendAwaited(SharedSocket<ZeroMqMessage> open, List<ZeroMqMessage> batch) throws Exception {
        CompletableFuture<Void> sent = open.sendAwaited(batch, configuration.getSendTimeout());
        if (open.owned() && !sent.isDone()) {
            throw new SendFailedException("the socket takes no more now, and its own thread cannot wait for it");
        }
        try {
            sent.get(configuration.getSendTimeout(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof Exception cause ? cause : e;
        } catch (TimeoutException e) {
            throw new SendFailedException(
                    "ZeroMQ did not take the message in time, it may still be sent sendTimeout="
                            + configuration.getSendTimeout() + " ms",
                    e);
        }
    }

    private void request(SharedSocket<ZeroMqMessage> open, Exchange exchange, AsyncCallback callback) throws Exception {
        open.request(
                mapper.message(exchange.getMessage()),
                configuration.getSendTimeout(),
                configuration.getRequestTimeout(),
                new Continuation(
                        exchange, callback, getEndpoint().getComponent().replies()));
    }

    /** Lets the route go on with the answer, on a thread that is not the socket's. */
    private final class Continuation implements ReplyHandler<ZeroMqMessage> {
        private final Exchange exchange;
        private final AsyncCallback callback;
        private final ExecutorService executor;

        Continuation(Exchange exchange, AsyncCallback callback, ExecutorService executor) {
            this.exchange = exchange;
            this.callback = callback;
            this.executor = executor;
        }

        @Override
        public void replied(ZeroMqMessage reply) {
            goOn(() -> mapper.fill(exchange.getMessage(), reply));
        }

        @Override
        public void failed(SendFailedException cause) {
            goOn(() -> exchange.setException(camel(cause)));
        }

        /** Routes catch Camel's own exception when an answer does not come in time. */
        private Exception camel(SendFailedException cause) {
            if (cause instanceof RequestTimeoutException timeout) {
                ExchangeTimedOutException timedOut =
                        new ExchangeTimedOutException(exchange, timeout.timeoutMs(), cause.getMessage());
                timedOut.initCause(cause);
                return timedOut;
            }
            return cause;
        }

        private void goOn(Runnable result) {
            Runnable rest = () -> {
                result.run();
                callback.done(false);
            };
            try {
                executor.execute(rest);
            } catch (RejectedExecutionException e) {
                exchange.setException(e);
                callback.done(false);
            }
        }
    }
}
