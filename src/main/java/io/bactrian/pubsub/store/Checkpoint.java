package io.bactrian.pubsub.store;

import java.util.List;

/**
 * What has changed since the last checkpoint, up to a position of the log. Everything in it must be synced in the log
 * already: the tables may be behind the log, never ahead of it.
 *
 * @param atMs when, in ms since 1970
 * @param logEpoch the epoch of the log
 * @param position the tables reflect the log up to and including this position
 * @param firstPosition the first position that the log still keeps; statistics of segments below it are dropped
 * @param sequences the last sequences that have changed; those of publishers that are not known are left out
 * @param subscribers the cursors that have changed; those of subscribers that are not known are left out
 * @param segments the topics of segments closed since the last checkpoint
 */
public record Checkpoint(
        long atMs,
        long logEpoch,
        long position,
        long firstPosition,
        List<SequenceState> sequences,
        List<SubscriberProgress> subscribers,
        List<SegmentTopic> segments) {
    public Checkpoint {
        sequences = List.copyOf(sequences);
        subscribers = List.copyOf(subscribers);
        segments = List.copyOf(segments);
    }
}
