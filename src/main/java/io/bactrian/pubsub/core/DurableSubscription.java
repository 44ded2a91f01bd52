package io.bactrian.pubsub.core;

import io.bactrian.wire.PatternKind;

/**
 * One pattern of a durable subscriber.
 *
 * <p>It holds from {@code start} on. What it covered before a rewind of the cursor, up to {@code processedUpTo}, has been
 * processed already and is not delivered again, by this pattern or another.
 *
 * @param start the first position for which it holds
 * @param processedUpTo the last position that was processed under it before a rewind, 0 if there was none
 * @param ended whether it was unsubscribed; it is kept only until the cursor has passed {@code processedUpTo}
 */
public record DurableSubscription(PatternKind kind, String pattern, long start, long processedUpTo, boolean ended) {
    /** Whether it speaks of this topic. */
    public boolean covers(String topic) {
        return kind.covers(pattern, topic);
    }

    boolean isFrom(PatternKind itsKind, String itsPattern, long itsStart) {
        return kind == itsKind && start == itsStart && pattern.equals(itsPattern);
    }

    boolean wants(long position) {
        return !ended && position >= start;
    }

    boolean done(long position) {
        return position >= start && position <= processedUpTo;
    }

    /** The same over a log that has lost what came after {@code end}; it holds for all that comes instead. */
    DurableSubscription cutTo(long end) {
        return new DurableSubscription(kind, pattern, Math.min(start, end + 1), Math.min(processedUpTo, end), ended);
    }

    DurableSubscription rewoundFrom(long cursor) {
        return start > cursor || processedUpTo >= cursor
                ? this
                : new DurableSubscription(kind, pattern, start, cursor, ended);
    }
}
