package io.bactrian.pubsub.core;

import java.util.List;

/**
 * The results that the hub must not forget. A core says them here at once; whoever drives the core makes them durable
 * before the core's answers go out.
 */
public interface HubRegistry {
    /** Grants this instance of a publisher an epoch that was never granted before, or the one that it has. */
    long grant(String publisher, long instance);

    /**
     * Puts an epoch of a publisher in force. The publisher need not be known: a hub that was restored does not know all
     * that it has granted.
     */
    void open(String publisher, long epoch);

    /** Removes a publisher with its grants and sequences. */
    void forgetPublisher(String publisher);

    /** Records that a publisher says were accepted and that the hub does not have. */
    void lost(String publisher, String topic, long fromSequence, long toSequence);

    /** Records that a publisher has lost something in that many topics more, too many to name. */
    void lostMore(String publisher, int topics);

    /** Replaces what is known of a subscriber. */
    void save(DurableSubscriber subscriber);

    /** Replaces what is known of these subscribers but for their patterns. */
    void passedOver(List<DurableSubscriber> subscribers);

    /** Records that a subscriber does not get positions, as the log is damaged there. */
    void damaged(String subscriber, long from, long to);

    /** Removes a subscriber with all its patterns. */
    void forget(String subscriber);
}
