package io.bactrian.pubsub.core;

import io.bactrian.wire.PatternKind;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The requests of a subscriber to the hub, in order, and those under way: one request at a time, but renewals of patterns
 * together, so that a session with many patterns stands after one round trip.
 *
 * <p>Numbers on the wire rise from one request to the next. The hub answers in the order of the numbers and ignores one that is
 * below the last that it has answered; so an answer to a later request says that an earlier one is lost, or overtaken, and all
 * that have no answer are asked again under new numbers, one by one. Not thread-safe.
 */
final class SubscriberRequests {
    /** Renewals under way at most, lest a subscriber with thousands of patterns floods the hub. */
    static final int TOGETHER_MAX = 100;

    private final ArrayDeque<SubscriberRequest> queue = new ArrayDeque<>();
    private int underWay;
    private int lastNumber;
    private boolean oneByOne;

    void add(SubscriberRequest request) {
        queue.add(request);
    }

    /** Takes renewals in place of all that were there, before everything else. */
    void renew(List<SubscriberRequest.Subscribe> renewals) {
        oneByOne = false;
        queue.removeIf(SubscriberRequests::isRenewal);
        for (int i = renewals.size() - 1; i >= 0; i--) {
            queue.addFirst(renewals.get(i));
        }
    }

    private static boolean isRenewal(SubscriberRequest request) {
        return request instanceof SubscriberRequest.Subscribe subscribe && subscribe.renewal();
    }

    /** Whether nothing is asked or to be asked. */
    boolean isEmpty() {
        return queue.isEmpty();
    }

    /** The first that has no answer yet, asked for or not; null if there is none. */
    @Nullable SubscriberRequest first() {
        return queue.peek();
    }

    /** The first that is under way, null if none is. */
    @Nullable SubscriberRequest active() {
        return underWay > 0 ? queue.peek() : null;
    }

    /** Whether a pattern that is asked for waits for its answer, so that no delivery counts. */
    boolean subscribing() {
        return active() instanceof SubscriberRequest.Subscribe;
    }

    /** Answers are lost: what has none begins anew, and one by one, as otherwise nothing is won where frames overtake others. */
    void beginAgain() {
        oneByOne = true;
        begin();
    }

    /** Puts the first request under way, and all renewals that follow a renewal. */
    void begin() {
        underWay = 0;
        int most = oneByOne ? 1 : TOGETHER_MAX;
        for (SubscriberRequest request : queue) {
            if (underWay > 0 && !(isRenewal(request) && isRenewal(queue.element()))) {
                break;
            }
            underWay++;
            lastNumber++;
            if (underWay == most) {
                break;
            }
        }
    }

    /** What is under way is asked again, under the same numbers. */
    List<byte[]> frames(int session, long cursor) {
        List<byte[]> frames = new ArrayList<>();
        int number = firstNumber();
        for (SubscriberRequest request : queue) {
            if (frames.size() == underWay) {
                break;
            }
            frames.add(request.command(session, number++, cursor).encode());
        }
        return frames;
    }

    private int firstNumber() {
        return lastNumber - underWay + 1;
    }

    /** Whether a number is that of {@link #active}. */
    boolean isActive(int number) {
        return underWay > 0 && number == firstNumber();
    }

    /** Whether a number is that of a request under way behind {@link #active}, whose answer is lost then. */
    boolean isLater(int number) {
        return underWay > 0 && number > firstNumber() && number <= lastNumber;
    }

    /** {@link #active} is answered; the next one is active then, if it is under way. */
    void answered() {
        queue.remove();
        underWay--;
    }

    /** Nothing is under way any more: the session is another one, or answers are lost. */
    void stop() {
        underWay = 0;
    }

    boolean anySubscribe(Predicate<SubscriberRequest.Subscribe> condition) {
        return queue.stream()
                .anyMatch(request -> request instanceof SubscriberRequest.Subscribe asked && condition.test(asked));
    }

    boolean givesUp(PatternKind kind, String pattern) {
        return queue.stream()
                .anyMatch(request -> request instanceof SubscriberRequest.Unsubscribe asked
                        && asked.kind() == kind
                        && asked.pattern().equals(pattern));
    }
}
