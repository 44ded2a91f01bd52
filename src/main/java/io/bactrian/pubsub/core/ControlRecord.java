package io.bactrian.pubsub.core;

import java.util.List;

/**
 * A result that the hub must not forget. Each names what holds from now on and not what was asked for, so applying a
 * record twice changes nothing.
 */
public sealed interface ControlRecord {
    /** An instance of a publisher was granted an epoch that nobody was granted before. */
    record Granted(String publisher, long instance, long epoch, long atMs) implements ControlRecord {}

    /** An epoch of a publisher is in force. The publisher need not have been known. */
    record Opened(String publisher, long epoch, long atMs) implements ControlRecord {}

    /** A publisher, its grants and its sequences are no longer known. */
    record PublisherForgotten(String publisher) implements ControlRecord {}

    /**
     * A subscriber stands so; only the changes of its patterns are said.
     *
     * @param subscriber its own list of patterns is empty
     * @param gone patterns that it no longer has
     * @param fresh patterns that it has now
     */
    record SubscriberSaved(
            DurableSubscriber subscriber, List<DurableSubscription> gone, List<DurableSubscription> fresh)
            implements ControlRecord {
        public SubscriberSaved {
            gone = List.copyOf(gone);
            fresh = List.copyOf(fresh);
        }
    }

    /** A subscriber and its patterns are no longer known. */
    record SubscriberForgotten(String subscriber) implements ControlRecord {}

    /** The log has lost its end: in an epoch, or in one before it, it once reached a position that it has no more. */
    record LogCut(int logEpoch, long reached) implements ControlRecord {}

    /** The log that belongs to this snapshot, by the number that the log was given when it was made. */
    record LogNamed(long identity) implements ControlRecord {}

    /** From an epoch on, as the log counts, so much is added for clients: see {@link LogLife}. */
    record LogLives(long identity, int fromEpoch, int life) implements ControlRecord {}

    /** In the log of that identity nobody is granted a start below this position any more: what is there may be deleted. */
    record LogPurged(long identity, long before) implements ControlRecord {}

    /** Epochs up to this one may have been granted to publishers of which nothing is known; new ones are above. */
    record EpochsRaised(long epoch) implements ControlRecord {}

    /** Epochs up to this one were granted to publishers; new ones are above. */
    record EpochsUsed(long epoch) implements ControlRecord {}

    /** Publishers have got so far, at least: a snapshot that knows more keeps it. */
    record Sequences(List<SequenceState> last) implements ControlRecord {
        public Sequences {
            last = List.copyOf(last);
        }
    }

    /**
     * The records of the log up to this place are in the snapshot. It comes last of those that are applied together, and
     * is not itself in the log.
     */
    record Applied(LogPosition upTo) implements ControlRecord {}

    /** Something happened that an operator must be able to see later. */
    record Noted(HubEvent event) implements ControlRecord {}
}
