package io.bactrian.zeromq.socket;

import java.util.List;

/** The receiver of the messages of a socket. */
public interface MessageReceiver<M extends SocketMessage> {

    /** Most messages of one batch, at least 1. */
    int batchSize();

    /** A batch is closed once it holds this many octets. */
    long batchBytesMax();

    /** How long a batch waits for more messages, in milliseconds; 0 to take what is there. */
    long batchTimeoutMs();

    /** Whether it runs on the thread of the socket's owner also while others send on the socket. */
    boolean onSocketThread();

    /**
     * Takes a batch of at least one message. Called by one thread at a time: the socket's owner if nobody
     * sends on the socket or {@link #onSocketThread} says so, else a thread of its own. The next batch comes when it
     * returns. The list is
     * the intake's to keep. Must not throw: an exception ends the socket.
     */
    void take(List<M> batch);

    /** Takes a batch of one message, where {@link #batchSize} is 1. */
    void takeOne(M message);
}
