package io.bactrian.pubsub.client;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import org.apache.camel.AsyncCallback;
import org.apache.camel.Exchange;
import org.apache.camel.support.DefaultAsyncProducer;
import org.jspecify.annotations.Nullable;

/**
 * Puts the body and the headers of each Exchange, which completes when the message is accepted. Exchanges that are under way at the
 * same time share a batch. It blocks only while the window is full.
 */
public class BactrianProducer extends DefaultAsyncProducer {
    private final BactrianConfiguration configuration;
    private volatile @Nullable Publisher publisher;

    BactrianProducer(BactrianEndpoint endpoint) {
        super(endpoint);
        configuration = endpoint.getConfiguration();
    }

    @Override
    public BactrianEndpoint getEndpoint() {
        return (BactrianEndpoint) super.getEndpoint();
    }

    @Override
    protected void doStart() throws Exception {
        super.doStart();
        publisher = getEndpoint().getComponent().acquire(configuration);
    }

    @Override
    protected void doStop() throws Exception {
        Publisher open = publisher;
        publisher = null;
        if (open != null) {
            getEndpoint().getComponent().release(open);
        }
        super.doStop();
    }

    @Override
    @SuppressWarnings("FutureReturnValueIgnored") // both outcomes are told to the Exchange
    public boolean process(Exchange exchange, AsyncCallback callback) {
        CompletableFuture<Accepted> future;
        try {
            future = put(exchange);
        } catch (Exception e) {
            exchange.setException(e);
            callback.done(true);
            return true;
        }
        if (future.isDone() || exchange.isTransacted()) {
            finishNow(exchange, future);
            callback.done(true);
            return true;
        }
        future.whenComplete((accepted, failure) -> later(exchange, accepted, failure, callback));
        return false;
    }

    private CompletableFuture<Accepted> put(Exchange exchange) throws Exception {
        Publisher open = publisher;
        if (open == null) {
            throw new RejectedExecutionException(getEndpoint() + " is stopped");
        }
        String topic = configuration.isTopicFromHeader()
                ? exchange.getMessage().getHeader(BactrianConstants.TOPIC, String.class)
                : null;
        String to = topic == null ? Pattern.topic(configuration.getTopic()) : topic;
        List<byte[]> parts = parts(exchange.getMessage().getBody());
        Map<String, String> headers = HeaderTexts.of(exchange, configuration.getHeaderFilterStrategy());
        return parts.isEmpty()
                ? open.put(
                        to,
                        headers,
                        exchange.getMessage().getMandatoryBody(byte[].class),
                        configuration.getAcceptance())
                : open.put(to, headers, parts, configuration.getAcceptance());
    }

    /** The frames of a multipart message, as a consumer gives them; of any other body none. */
    private static List<byte[]> parts(@Nullable Object body) {
        List<byte[]> parts = new ArrayList<>();
        if (body instanceof List<?> list) {
            for (Object part : list) {
                if (!(part instanceof byte[] octets)) {
                    return List.of();
                }
                parts.add(octets);
            }
        }
        return parts;
    }

    /** A transacted Exchange stays on its thread. */
    private static void finishNow(Exchange exchange, CompletableFuture<Accepted> future) {
        try {
            finish(exchange, future.get(), null);
        } catch (ExecutionException e) {
            finish(exchange, null, e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            exchange.setException(e);
        }
    }

    private void later(
            Exchange exchange, @Nullable Accepted accepted, @Nullable Throwable failure, AsyncCallback callback) {
        Runnable end = () -> {
            finish(exchange, accepted, failure);
            callback.done(false);
        };
        try {
            getEndpoint().getComponent().acceptances().execute(end);
        } catch (RejectedExecutionException e) {
            // The component stops: the Exchange still has to end.
            end.run();
        }
    }

    private static void finish(Exchange exchange, @Nullable Accepted accepted, @Nullable Throwable failure) {
        if (failure != null) {
            exchange.setException(
                    failure instanceof CompletionException && failure.getCause() != null
                            ? failure.getCause()
                            : failure);
        } else if (accepted != null && accepted.sequence() > 0) {
            exchange.getMessage().setHeader(BactrianConstants.SEQUENCE, accepted.sequence());
        }
    }
}
