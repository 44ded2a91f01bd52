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
    /** The epochs and generations, together, that are counted so: those of a log whose epochs began with 1. */
    static final long EPOCHS_MAX = WIDE_EPOCHS + (1L << 18) - 1;

    /**
     * The epochs of other logs begin with the half second in which the log was made. An epoch more leaves room for 2^32
     * positions, which never fall by as many; a generation more for 2^44, as a rewind may go back to the first.
     */
    private static final int LIFE_SHIFT = 32;

    private static final int GENERATION_SHIFT = 12;

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
        long number = number(message.logEpoch(), generation, message.position());
        try {
            publisher()
                    .putNumbered(topic, number, message.headers(), message.body(), message.multipart())
                    .get(WAIT.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            throw new BactrianException("the dead letter is not accepted topic=" + topic, e.getCause());
        } catch (TimeoutException e) {
            close();
            throw new BactrianException("the dead letter is not accepted within " + WAIT + " topic=" + topic, e);
        }
    }

    /**
     * The number of a letter; it rises with the epoch and the generation, and within them with the position.
     *
     * @throws BactrianException if there is none any more
     */
    static long number(int logEpoch, int generation, long position) {
        long epoch = (long) logEpoch + generation;
        if (epoch < WIDE_EPOCHS) {
            return (epoch << WIDE_SHIFT) + position;
        }
        boolean counted = epoch <= EPOCHS_MAX;
        long lives = logEpoch + ((long) generation << GENERATION_SHIFT);
        if (position >= 1L << NARROW_SHIFT || (!counted && lives >= Integer.MAX_VALUE - (1L << GENERATION_SHIFT))) {
            throw new BactrianException("there is no number for a dead letter of log epoch " + logEpoch
                    + " and generation " + generation + " at position " + position + ": use another subscriber id");
        }
        if (!counted) {
            return (lives << LIFE_SHIFT) + position;
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
