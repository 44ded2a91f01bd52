package io.bactrian.pubsub.core;

import java.util.List;

/**
 * The changes since the last checkpoint, up to a position of the log. The log must be synced up to there before: a
 * snapshot may be behind the log, never ahead of it.
 *
 * @param atMs when, in ms since 1970
 * @param logEpoch the epoch of the log
 * @param position the snapshot then reflects the log up to and including this position
 * @param firstPosition the first position that the log still keeps; statistics of segments below it are dropped
 * @param sequences the last sequences that have changed; those of publishers that are not known are left out
 * @param subscribers how far subscribers have come; their patterns are not looked at, and a subscriber that is not known,
 *     or has another generation by now, is left out
 * @param segments the topics of segments closed since the last checkpoint
 * @param applied the control records of the log up to here are in the snapshot; at the position or above it
 */
public record Checkpoint(
        long atMs,
        int logEpoch,
        long position,
        long firstPosition,
        List<SequenceState> sequences,
        List<DurableSubscriber> subscribers,
        List<SegmentTopic> segments,
        LogPosition applied) {
    public Checkpoint {
        sequences = List.copyOf(sequences);
        subscribers = List.copyOf(subscribers);
        segments = List.copyOf(segments);
    }
}
