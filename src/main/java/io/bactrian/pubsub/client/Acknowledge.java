package io.bactrian.pubsub.client;

/** How a subscriber says that it has processed a message. */
public enum Acknowledge {
    /**
     * By asking for the next one. The cursor is saved at intervals and at the close, so a crash lets the messages since
     * the last save come again; they are marked {@link Message#redelivered}.
     */
    AUTOMATIC,
    /** By {@link Subscriber#processed(Message)}. The cursor is saved at intervals, as with {@link #AUTOMATIC}. */
    EXPLICIT,
    /**
     * By {@link Subscriber#processed(Message)}, which saves the cursor before it returns, in the Spring transaction of
     * the caller if there is one: then what the caller has written to the same database and the cursor are committed
     * together, and each message takes effect exactly once.
     */
    TRANSACTIONAL
}
