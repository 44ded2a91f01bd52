package io.bactrian.pubsub.core;

import io.bactrian.wire.Code;

/**
 * Takes the actions that a {@link PublisherCore} wants done. Called on the thread that called the core, in the order
 * in which it must
 * take effect; an implementation does not call the core back from within.
 */
public interface PublisherOutput {
    /** Send a frame to the hub; it may be lost. */
    void send(byte[] frame);

    /**
     * Append an entry to the outbox, and when it is synced call {@link PublisherCore#stored}. Only with an outbox.
     */
    void store(OutboxEntry entry);

    /** A batch is in the outbox: it survives a crash. Only with an outbox. */
    void kept(SealedBatch batch);

    /** The hub has logged and synced all records of a batch. Batches of one topic are told in order. */
    void accepted(SealedBatch batch);

    /** The hub refuses a batch for good: none of its records is logged, nor ever will be. */
    void failed(SealedBatch batch, Code code, String text);

    /** The hub refuses to talk to this publisher for now, or says that a frame was broken; it will be tried again. */
    void troubled(Code code, String text);

    /** Another process uses this publisher's id: nothing more is sent, and nothing that waits is decided any more. */
    void stopped(Code code, String text);
}
