package io.bactrian.zeromq.socket;

import io.bactrian.zeromq.socket.SocketCounters.Counter;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.zeromq.ZMQ;
import zmq.Msg;

/** Reads whole messages of one socket within the bound of frames. Owner thread only. */
final class MessageReader<M extends SocketMessage> {
    private final boolean routed;
    private final int maxFrames;
    private final MessageFactory<M> factory;
    private final SocketCounters counters;
    private final PeerErrorLog errorLog;
    private final SocketSecurity security;

    MessageReader(
            SocketSettings settings,
            MessageFactory<M> factory,
            SocketCounters counters,
            PeerErrorLog errorLog,
            SocketSecurity security) {
        this.security = security;
        this.routed = settings.kind() == SocketKind.router;
        this.maxFrames = settings.queues().maxFrames();
        this.factory = factory;
        this.counters = counters;
        this.errorLog = errorLog;
    }

    /**
     * Reads the next message that is within bounds, dropping those that are not.
     *
     * @param flags 0 to wait up to the socket's receive timeout, {@link ZMQ#DONTWAIT} not to wait
     * @return null if there is none now
     */
    @Nullable M read(ZMQ.Socket socket, int flags) {
        Msg msg = socket.recvMsg(flags);
        while (msg != null) {
            byte[] routingId = null;
            boolean complete = true;
            if (routed) {
                routingId = msg.data();
                complete = msg.hasMore();
                if (complete) {
                    msg = socket.recvMsg(0);
                }
            }
            if (complete && msg != null) {
                M message = msg.hasMore() ? readFrames(socket, routingId, msg) : factory.single(routingId, msg.data());
                if (message != null) {
                    return message;
                }
            } else {
                drop(routingId, "message without a body");
            }
            msg = socket.recvMsg(ZMQ.DONTWAIT);
        }
        security.emptied();
        return null;
    }

    /** The frames of a message are complete once its first one is there, so this does not wait. */
    private @Nullable M readFrames(ZMQ.Socket socket, byte @Nullable [] routingId, Msg first) {
        List<byte[]> frames = new ArrayList<>(4);
        frames.add(first.data());
        int count = 1;
        boolean more = true;
        while (more) {
            Msg msg = socket.recvMsg(0);
            if (msg == null) {
                drop(routingId, "message that was cut short");
                return null;
            }
            if (++count <= maxFrames) {
                frames.add(msg.data());
            }
            more = msg.hasMore();
        }
        if (count > maxFrames) {
            drop(routingId, "message with more than " + maxFrames + " frames");
            return null;
        }
        return factory.multi(routingId, frames);
    }

    private void drop(byte @Nullable [] routingId, String cause) {
        counters.count(Counter.DROPPED_RECEIVED);
        errorLog.report("dropped a " + cause, routingId);
    }
}
