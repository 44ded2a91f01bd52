package io.bactrian.pubsub.core;

import io.bactrian.pubsub.core.LastProcessed.MessageSource;
import io.bactrian.wire.Batch;
import java.util.ArrayDeque;
import java.util.function.Consumer;

/**
 * How far a subscriber is: what it has received, has been given, has processed and has stored, each up to a position. What was
 * not for it counts with what lies below.
 *
 * <p>Not thread-safe.
 */
final class SubscriberProgress {
    private record WaitingMessage(long first, long last, int bytes, MessageSource source, long epoch, long sequence) {
        /** Whether its publisher has numbered it. */
        boolean numbered() {
            return sequence > 0;
        }

        LastProcessed upTo(long position, int logEpoch) {
            return new LastProcessed(source, epoch, sequence + position - first, logEpoch, position);
        }
    }

    /** What was handed out and is not processed, in order. */
    private final ArrayDeque<WaitingMessage> waiting = new ArrayDeque<>();

    private long processed;
    private long stored;
    private long handedOut;
    private long received;
    private long waitingBytes;
    private long processedBytes;

    SubscriberProgress(long position) {
        standAt(position);
    }

    /** Everything up to here is processed and stored, and nothing above was received. */
    void standAt(long position) {
        processed = position;
        stored = position;
        handedOut = position;
        received = position;
        waiting.clear();
        waitingBytes = 0;
    }

    /** What was handed out above a position will not be processed, and comes again. */
    void withdrawnTo(long position) {
        long safe = Math.max(stored, position);
        standAt(Math.max(processed, position));
        stored = safe;
    }

    /** Everything up to here was handed out, or is not for us, or is gone. */
    long received() {
        return received;
    }

    void receivedTo(long position) {
        received = Math.max(received, position);
    }

    /** Everything up to here is processed, or was not for us, and the owner has stored that. */
    long stored() {
        return stored;
    }

    void storedTo(long position) {
        stored = Math.max(stored, position);
    }

    /** The last position that was handed out. */
    long handedOut() {
        return handedOut;
    }

    /** Whether something that was handed out is not processed. */
    boolean underWay() {
        return handedOut > processed;
    }

    /** Up to here nothing is to come or to be processed any more. */
    long position() {
        return underWay() ? processed : received;
    }

    /** Whether another batch fits into a window; one always does. */
    boolean fits(int bytes, int windowBytes) {
        return waitingBytes == 0 || waitingBytes + bytes <= windowBytes;
    }

    /** Octets that were handed out and are not processed. */
    long waitingBytes() {
        return waitingBytes;
    }

    /**
     * A batch is handed out.
     *
     * @param bytes what it takes of the window, which may be more than its own octets if a part was had before
     */
    void handOut(Batch batch, long first, int bytes) {
        if (!underWay()) {
            processed = received;
        }
        long last = first + batch.count() - 1;
        received = last;
        handedOut = last;
        waiting.add(new WaitingMessage(
                first,
                last,
                bytes,
                new MessageSource(batch.publisher(), batch.topic()),
                batch.epoch(),
                batch.sequence()));
        waitingBytes += bytes;
    }

    /** Everything up to a position, also inside a batch, is processed and stored. */
    void processedTo(long position) {
        long at = Math.min(position, handedOut);
        processed = Math.max(processed, at);
        stored = Math.max(stored, at);
        while (!waiting.isEmpty() && waiting.element().last() <= processed) {
            int bytes = waiting.remove().bytes();
            waitingBytes -= bytes;
            processedBytes += bytes;
        }
    }

    /** Octets that were processed since the last call of {@link #told}. */
    long processedBytes() {
        return processedBytes;
    }

    /** The hub is told how far we are. */
    void told() {
        processedBytes = 0;
    }

    /** What is processed last of each batch that waits, if everything up to a position is; in the order of the log. */
    void lastUpTo(long position, int logEpoch, Consumer<LastProcessed> last) {
        for (WaitingMessage batch : waiting) {
            if (batch.first() > position) {
                return;
            }
            if (batch.numbered()) {
                last.accept(batch.upTo(Math.min(position, batch.last()), logEpoch));
            }
        }
    }
}
