package io.bactrian.pubsub.core;

/** The outcome of offering a record to a publisher. */
public enum OfferResult {
    /** It is in the window; its fate will be told. */
    TAKEN,
    /** There is no room; offer it again when something was accepted. */
    FULL,
    /** The hub takes no message of this size; it was not taken. */
    TOO_LARGE,
    /** The publisher has stopped for good; it was not taken. */
    STOPPED
}
