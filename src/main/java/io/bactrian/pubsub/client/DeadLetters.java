package io.bactrian.pubsub.client;

import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Puts what a route cannot process to a topic of the hub. A letter's number is made of the log epoch and the generation of
 * the cursor together, and of the position of the message: so the hub drops a repeat, and nothing else, as positions rise
 * until one of the two does.
 */
final class DeadLetters implements AutoCloseable {
    /** Epochs below this have 48 bits for positions, as they always had; those above have 44, as there may be more of them. */
    private static final long WIDE_EPOCHS = 1L << 14;

    private static final int WIDE_SHIFT = 48;
    private static final int NARROW_SHIFT = 44;
    /** The epochs and generations, together, for which there are numbers. */
    static final long EPOCHS_MAX = WIDE_EPOCHS + (1L << 18) - 1;

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
        long number = number((long) message.logEpoch() + generation, message.position());
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

    /**
     * The number of a letter; it rises with the epoch, and within one with the position.
     *
     * @throws BactrianException if there is none any more
     */
    static long number(long epoch, long position) {
        if (epoch < WIDE_EPOCHS) {
            return (epoch << WIDE_SHIFT) + position;
        }
        if (epoch > EPOCHS_MAX || position >= 1L << NARROW_SHIFT) {
            throw new BactrianException("there is no number for a dead letter of epoch and generation " + epoch
                    + " at position " + position + ": use another subscriber id");
        }
        return (WIDE_EPOCHS << WIDE_SHIFT) + ((epoch - WIDE_EPOCHS) << NARROW_SHIFT) + position;
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
