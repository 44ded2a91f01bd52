package io.bactrian.zeromq.socket;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** Makes messages of what a socket receives. Called on the socket's owner thread. */
public interface MessageFactory<M extends SocketMessage> {

    /** A message of one frame. */
    M single(byte @Nullable [] routingId, byte[] frame);

    /** A message of several frames; the list is the factory's to keep. */
    M multi(byte @Nullable [] routingId, List<byte[]> frames);
}
