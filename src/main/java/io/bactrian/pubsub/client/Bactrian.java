package io.bactrian.pubsub.client;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * The four calls in one: a {@link Publisher} and a {@link Subscriber} of the same id over one transport, each opened
 * when it is first used. Put from any thread; get from one at a time.
 */
public final class Bactrian implements AutoCloseable {
    private final ClientSettings settings;
    private @Nullable Publisher publisher;
    private @Nullable Subscriber subscriber;
    private boolean closed;

    private Bactrian(ClientSettings settings) {
        this.settings = settings;
    }

    /** A client of the hub on this machine, with its cursor in {@code data/client}. */
    public static Bactrian open(String id) {
        return open(ClientSettings.builder(id).build());
    }

    /** A client that works as the settings say. */
    public static Bactrian open(ClientSettings settings) {
        return new Bactrian(settings);
    }

    /** Puts a message; see {@link Publisher#put(String, byte[])}. */
    public CompletableFuture<Accepted> put(String topic, byte[] body) {
        return publisher().put(topic, body);
    }

    /** Puts a message of several frames; see {@link Publisher#put(String, List)}. */
    public CompletableFuture<Accepted> put(String topic, List<byte[]> parts) {
        return publisher().put(topic, parts);
    }

    /** Puts a message with headers; see {@link Publisher#put(String, Map, byte[], Acceptance)}. */
    public CompletableFuture<Accepted> put(String topic, Map<String, String> headers, byte[] body) {
        return publisher().put(topic, headers, body, Acceptance.HUB);
    }

    /** The next message, null if none comes in time; see {@link Subscriber#get}. */
    public @Nullable Message get(Duration timeout) throws InterruptedException {
        return subscriber().get(timeout);
    }

    /** Says that a message and all before it are processed; see {@link Subscriber#processed(Message)}. */
    public void processed(Message message) {
        subscriber().processed(message);
    }

    /** Subscribes, and returns the position from which it holds; see {@link Subscriber#subscribe}. */
    public long subscribe(String topicOrPrefix, Start from) {
        return await(subscriber().subscribe(topicOrPrefix, from));
    }

    /** Gives a pattern up; see {@link Subscriber#unsubscribe}. */
    public void unsubscribe(String topicOrPrefix) {
        await(subscriber().unsubscribe(topicOrPrefix));
    }

    /**
     * Waits for an answer.
     *
     * @throws BactrianException what the future has failed with
     */
    static long await(CompletableFuture<Long> answer) {
        try {
            return answer.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new BactrianException("interrupted while waiting for the hub", e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof BactrianException cause) {
                throw cause;
            }
            throw new BactrianException("the request has failed", e.getCause());
        }
    }

    /** The publishing half. */
    public synchronized Publisher publisher() {
        checkOpen();
        if (publisher == null) {
            publisher = Publisher.open(settings);
        }
        return publisher;
    }

    /** The subscribing half. */
    public synchronized Subscriber subscriber() {
        checkOpen();
        if (subscriber == null) {
            subscriber = Subscriber.open(settings);
        }
        return subscriber;
    }

    private void checkOpen() {
        if (closed) {
            throw new BactrianException("client " + settings.id + " is closed");
        }
    }

    /** Closes both halves: the cursor is saved, and what was put is waited for as long as the settings say. */
    @Override
    public synchronized void close() {
        closed = true;
        if (subscriber != null) {
            subscriber.close();
        }
        if (publisher != null) {
            publisher.close();
        }
    }
}
