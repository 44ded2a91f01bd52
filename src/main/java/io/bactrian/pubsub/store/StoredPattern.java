package io.bactrian.pubsub.store;

/**
 * A pattern of a subscriber that the hub has confirmed.
 *
 * @param pattern a topic, or the beginning of topics, which may be empty
 * @param logEpoch the log epoch in which the hub did so last
 * @param start the position from which it holds; 0 if that is not known
 */
public record StoredPattern(SubscriptionState.Kind kind, String pattern, long logEpoch, long start) {}
