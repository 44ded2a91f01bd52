package io.bactrian.pubsub.client;

import io.bactrian.wire.Cause;

/** Positions that a subscriber should have had are gone for good: cut, purged or expired. */
public record Lost(String subscriber, long from, long to, Cause cause) {}
