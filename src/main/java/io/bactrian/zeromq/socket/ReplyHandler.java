package io.bactrian.zeromq.socket;

/** Takes the end of a request. Called once, on the socket's owner thread: it must be quick and must not throw. */
public interface ReplyHandler<M extends SocketMessage> {

    /** The answer, without its envelope. */
    void replied(M reply);

    /** There is no answer. */
    void failed(SendFailedException cause);
}
