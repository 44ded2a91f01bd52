package io.bactrian.pubsub.store;

import java.util.List;

/**
 * All that the database knows about a hub, as read at its start.
 *
 * @param logEpoch the log epoch of the last checkpoint, 0 if there was none
 * @param position the tables reflect the log up to this position; what is behind it comes from the log
 * @param savedMs when the last checkpoint was, in ms since 1970, 0 if there was none
 * @param publishers ordered by id
 * @param formerEpochs the epochs granted to publishers by lives of the hub that are lost are not above this one; 0 if it
 *     was never restored
 * @param sequences ordered by publisher and topic
 * @param subscribers ordered by id
 * @param subscriptions ordered by subscriber, kind and pattern
 * @param segments ordered by segment and topic
 */
public record HubState(
        long logEpoch,
        long position,
        long savedMs,
        List<PublisherState> publishers,
        long formerEpochs,
        List<SequenceState> sequences,
        List<SubscriberState> subscribers,
        List<SubscriptionState> subscriptions,
        List<SegmentTopic> segments) {
    public HubState {
        publishers = List.copyOf(publishers);
        sequences = List.copyOf(sequences);
        subscribers = List.copyOf(subscribers);
        subscriptions = List.copyOf(subscriptions);
        segments = List.copyOf(segments);
    }
}
