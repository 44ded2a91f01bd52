package io.bactrian.pubsub.core;

import io.bactrian.wire.Cause;
import io.bactrian.wire.Command;

/**
 * The meaning of an ATTACHED for a subscriber: where it goes on, and what of the range that the hub tells as lost is
 * lost to it. The
 * hub decides that by its {@link ResumePoint}; it may have been restored, may have lost the end of its log, and may
 * have forgotten
 * the subscriber.
 *
 * @param before where the subscriber stands, with the last position that it has received
 */
record ResumeAnswer(Command.Attached answer, SubscriberCursor before) {
    /** Whether the answer is older than the cursor. */
    boolean isOutdated() {
        return answer.logEpoch() < before.logEpoch()
                || (answer.logEpoch() == before.logEpoch() && answer.generation() < before.generation());
    }

    /** Whether what was received says nothing of what is lost, as it was received under another cursor than the one in force. */
    private boolean receivedElsewhere() {
        return answer.cause() == Cause.CUT || answer.generation() != before.generation();
    }

    /** The first position that is lost, if {@link #hasLoss}. */
    long lostFrom() {
        return receivedElsewhere() ? answer.lostFrom() : Math.max(answer.lostFrom(), before.position() + 1);
    }

    boolean hasLoss() {
        return answer.lostTo() > 0 && lostFrom() <= answer.lostTo();
    }

    /**
     * If the log is cut: its last position that means the same as before. What was to come from above begins right after it
     * now. The cut may lie above the cursor: then what is lost was not received.
     */
    long cut() {
        return answer.cursor() < before.position() ? answer.cursor() : Math.max(answer.cursor(), answer.lostFrom() - 1);
    }

    /**
     * The position after which patterns that the hub may not know go on. It is not where a hub may have moved the subscriber
     * up to: the hub knows nothing of what a pattern missed that it has forgotten.
     */
    long stood() {
        return receivedElsewhere() ? answer.cursor() : before.position();
    }

    /** Whether the hub has forgotten the subscriber. Then it does not move the cursor up: what it still has comes. */
    boolean isForgotten() {
        return answer.cause() == Cause.EXPIRED && answer.cursor() < answer.lostTo();
    }

    /** Whether {@link #cursor} is to be stored before anything else. */
    boolean isElsewhere() {
        boolean moved = answer.cause() != Cause.NONE && !isForgotten();
        return answer.generation() != before.generation() || answer.logEpoch() != before.logEpoch() || moved;
    }

    SubscriberCursor cursor() {
        return new SubscriberCursor(answer.generation(), answer.logEpoch(), answer.cursor());
    }
}
