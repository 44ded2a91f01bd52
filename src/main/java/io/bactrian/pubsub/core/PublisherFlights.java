package io.bactrian.pubsub.core;

import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The batches of a publisher that wait for the hub's answer: how many may wait, what is under way, and when that is
 * sent again. Not
 * thread-safe.
 */
final class PublisherFlights {
    private final PublisherSettings settings;
    private final PublisherOutput output;
    private final OutboxOrder outboxOrder;
    private final PublisherWindow window;
    /** Topics with batches under way, for repeats. */
    private final Set<PublisherTopic> flying = new LinkedHashSet<>();

    private int waitingMessages;
    private long waitingBytes;
    private long accepted;
    private long retransmitted;

    PublisherFlights(PublisherSettings settings, PublisherOutput output, OutboxOrder outboxOrder) {
        this.settings = settings;
        this.output = output;
        this.outboxOrder = outboxOrder;
        window = new PublisherWindow(settings.windowBytesMax());
    }

    /** Whether another record finds room. */
    boolean takes(int octets, long nowMs) {
        return waitingMessages < settings.windowMessagesMax() && window.takes(waitingBytes, octets + 4L, nowMs);
    }

    /** So much waits from now on. */
    void waits(int messages, long bytes) {
        waitingMessages += messages;
        waitingBytes += bytes;
    }

    /** The fate of a batch is known: it waits no longer. */
    void decided(SealedBatch batch) {
        waitingMessages -= batch.count();
        waitingBytes -= batch.recordBytes();
    }

    /**
     * Sends what may be sent of a topic.
     *
     * @param leftOnly whether only what a former process has left may go
     * @return the batch at which it stopped as the hub would not take it, or null
     */
    @Nullable SealedBatch send(PublisherTopic topic, HubBounds bounds, boolean leftOnly, long nowMs) {
        int flights = topic.flights;
        if (flights == topic.waiting().size()) {
            return null;
        }
        SealedBatch obstacle = null;
        int most = topic.sparse() ? 1 : Integer.MAX_VALUE;
        int index = 0;
        for (SealedBatch batch : topic.waiting()) {
            if (index++ < flights) {
                continue;
            }
            boolean later = leftOnly && batch.batch().sequence() > topic.leftTo;
            if (topic.flights >= most || !outboxOrder.isSynced(batch) || later) {
                break;
            }
            if (!bounds.fits(batch)) {
                obstacle = batch;
                break;
            }
            if (batch.maybeSent()) {
                retransmitted++;
            }
            batch.sent(true);
            topic.flights++;
            output.send(batch.batch().bytes());
        }
        if (flights == 0 && topic.flights > 0) {
            flying.add(topic);
            topic.retryAfter(settings.retryMsMin(), nowMs);
        }
        return obstacle;
    }

    /** Tells the fate of what may have been sent before and is logged, up to a sequence. */
    void settle(PublisherTopic topic, long last, long nowMs) {
        SealedBatch logged = topic.takeLogged(last);
        while (logged != null) {
            window.accepted(logged.recordBytes(), waitingBytes, nowMs - logged.sealedMs(), nowMs);
            decided(logged);
            accepted += logged.count();
            output.accepted(logged);
            logged = topic.takeLogged(last);
        }
    }

    /** The topics with something under way. */
    Set<PublisherTopic> flying() {
        return Collections.unmodifiableSet(flying);
    }

    /** Nothing of a topic is under way any more. */
    void landed(PublisherTopic topic) {
        flying.remove(topic);
    }

    /** Nothing is under way any more. */
    void clear() {
        flying.clear();
    }

    /** When the first topic is to be repeated; {@code latestMs} if that is earlier. */
    long dueMs(long latestMs) {
        long dueMs = latestMs;
        for (PublisherTopic topic : flying) {
            if (topic.flights > 0) {
                dueMs = Math.min(dueMs, topic.retryAtMs());
            }
        }
        return dueMs;
    }

    int waitingMessages() {
        return waitingMessages;
    }

    long waitingBytes() {
        return waitingBytes;
    }

    /** Records that the hub has logged. */
    long accepted() {
        return accepted;
    }

    /** Batches that were sent again. */
    long retransmitted() {
        return retransmitted;
    }
}
