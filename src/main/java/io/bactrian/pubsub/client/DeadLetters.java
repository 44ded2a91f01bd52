package io.bactrian.pubsub.client;

import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Puts what a route cannot process to a topic of the hub. A letter's number is the log epoch and the generation of the
 * cursor together, times 2^48, plus the position of the message: so the hub drops a repeat, and nothing else, as
 * positions rise until one of the two does.
 */
final class DeadLetters implements AutoCloseable {
    private static final int EPOCH_SHIFT = 48;
    private static final Duration WAIT = Duration.ofSeconds(30);

    private final ClientSettings settings;
    private final String topic;
    private @Nullable Publisher publisher;

    /**
     * Opens nothing before the first letter.
     *
     * @param settings of a publisher whose id is {@code dead-letter:} and the subscriber
     */
    DeadLetters(ClientSettings settings, String topic) {
        this.settings = settings;
        this.topic = topic;
    }

    static String publisherOf(String subscriber) {
        return "dead-letter:" + subscriber;
    }

    /**
     * Returns when the hub has the letter.
     *
     * @param generation of the cursor under which the message was delivered
     * @throws BactrianException if it has not got it in time, or refuses it; it may be put again
     */
    void put(Message message, int generation) throws InterruptedException {
        long number = (((long) message.logEpoch() + generation) << EPOCH_SHIFT) + message.position();
        try {
            publisher()
                    .putNumbered(topic, number, message.body(), message.multipart())
                    .get(WAIT.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            throw new BactrianException("the dead letter is not accepted topic=" + topic, e.getCause());
        } catch (TimeoutException e) {
            close();
            throw new BactrianException("the dead letter is not accepted within " + WAIT + " topic=" + topic, e);
        }
    }

    private synchronized Publisher publisher() {
        Publisher open = publisher;
        if (open == null) {
            open = Publisher.open(settings);
            publisher = open;
        }
        return open;
    }

    @Override
    public synchronized void close() {
        Publisher open = publisher;
        publisher = null;
        if (open != null) {
            open.close();
        }
    }
}
