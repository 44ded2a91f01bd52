package io.bactrian.pubsub.client;

/** When a message counts as accepted. */
public enum Acceptance {
    /** The hub has logged and synced it. */
    HUB,
    /** It is synced in the publisher's own outbox, from where it goes to the hub by itself. */
    OUTBOX
}
