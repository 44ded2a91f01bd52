package io.bactrian.pubsub.core;

import java.util.List;

/**
 * What the hub must have on disk before it answers. Every method returns when its effect is durable, and throws an
 * unchecked exception when it is not; then nothing has changed and the caller does not answer, so that the peer asks
 * again.
 */
public interface HubRegistry {
    /** Grants this instance of a publisher an epoch that was never granted before, or the one that it has. */
    long grant(String publisher, long instance);

    /** Puts a granted epoch of a publisher in force. */
    void open(String publisher, long epoch);

    /**
     * Puts an epoch of a publisher in force that a life of this hub had granted which is lost, as the hub was restored.
     * The publisher need not be known.
     */
    void adopt(String publisher, long epoch);

    /** Records that a publisher says were accepted and that the hub does not have. */
    void lost(String publisher, String topic, long fromSequence, long toSequence);

    /** Replaces what is known of a subscriber. */
    void save(DurableSubscriber subscriber);

    /** Replaces what is known of these subscribers but for their patterns. */
    void passedOver(List<DurableSubscriber> subscribers);

    /** Removes a subscriber with all its patterns. */
    void forget(String subscriber);
}
