package io.bactrian.pubsub.core;

/** The epoch that an instance of a publisher was granted, so that a repeated HELLO gets the same answer. */
public record GrantState(String publisher, long instance, long epoch) {}
