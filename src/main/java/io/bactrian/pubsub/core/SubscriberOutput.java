package io.bactrian.pubsub.core;

import io.bactrian.wire.Batch;
import io.bactrian.wire.Cause;
import io.bactrian.wire.Code;

/**
 * Takes the actions that a {@link SubscriberCore} wants done. Called on the thread that called the core, in the order
 * in which it must
 * take effect; an implementation does not call the core back from within.
 */
public interface SubscriberOutput {
    /** Send a frame to the hub; it may be lost. */
    void send(byte[] frame);

    /**
     * Process a batch, after those handed out before; record {@code i} has the position {@code position + i}. Each
     * record is handed out once, unless {@link #withdraw} takes it back.
     *
     * @param timeMs when the hub logged the batch, in ms since 1970; 0 if that is not told
     */
    void deliver(Batch batch, long position, long timeMs);

    /**
     * Begin nothing that was handed out and is not yet begun, forget it, finish what was begun, and then call {@link
     * SubscriberCore#withdrawn}. What was given back comes again.
     */
    void withdraw();

    /**
     * Store this cursor in place of the present one, with {@link SubscriberCore#changes}, and then call {@link
     * SubscriberCore#rebased}.
     */
    void rebase(SubscriberCursor cursor);

    /**
     * Store this cursor, which has moved over messages that were not for us, when convenient, and then call {@link
     * SubscriberCore#advanced}. Deliveries go on meanwhile, and whatever is stored with them stands above it.
     */
    void advance(SubscriberCursor cursor);

    /** Messages that this subscriber should have had are gone for good. */
    void lost(long from, long to, Cause cause);

    /**
     * The hub has granted a request.
     *
     * @param start the position from which a subscribed pattern holds; 0 for other requests
     */
    void confirmed(int request, long start);

    /** The hub has refused a request. */
    void refused(int request, Code code, String text);

    /** The hub has a session for this subscriber: what {@link #troubled} said before is over. */
    void attached();

    /** The hub does not know headers: it is asked for the bodies alone until the next attachment. */
    void withoutHeaders();

    /** The hub refuses to talk to this subscriber for now; it will be tried again. */
    void troubled(Code code, String text);

    /**
     * Another process uses this subscriber's id or has ended its patterns, or the hub refuses one that it had, or does not know
     * ephemeral subscribers: nothing more will come.
     */
    void stopped(Code code, String text);
}
