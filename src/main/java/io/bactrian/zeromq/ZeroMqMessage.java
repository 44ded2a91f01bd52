package io.bactrian.zeromq;

import io.bactrian.zeromq.socket.MessageFactory;
import io.bactrian.zeromq.socket.SocketMessage;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One ZeroMQ message: frames, and for a router the routing id of the peer, which is not one of the frames.
 *
 * <p>Immutable until it is given back ({@link ZeroMqEndpoint#recycle}), and so must be the arrays: whoever makes a message
 * gives them away. A message of one frame costs one object.
 */
public final class ZeroMqMessage implements SocketMessage {
    private static final int SHOWN_BYTES = 16;
    private static final byte[] NOTHING = {};

    private final byte @Nullable [] routingId;
    private byte[] first;
    private @Nullable List<byte[]> all;

    private ZeroMqMessage(byte @Nullable [] routingId, byte[] first, @Nullable List<byte[]> all) {
        this.routingId = routingId;
        this.first = first;
        this.all = all;
    }

    /** A message of one frame. */
    public static ZeroMqMessage of(byte @Nullable [] routingId, byte[] frame) {
        return new ZeroMqMessage(routingId, frame, null);
    }

    /** A message of one or more frames. */
    public static ZeroMqMessage of(byte @Nullable [] routingId, byte[]... frames) {
        return of(routingId, List.of(frames));
    }

    /** A message of one or more frames; the list is copied. */
    public static ZeroMqMessage of(byte @Nullable [] routingId, List<byte[]> frames) {
        if (frames.isEmpty()) {
            throw new IllegalArgumentException("a ZeroMQ message has at least one frame");
        }
        return frames.size() == 1
                ? new ZeroMqMessage(routingId, frames.get(0), null)
                : new ZeroMqMessage(routingId, frames.get(0), List.copyOf(frames));
    }

    /** Makes what the sockets receive. */
    static MessageFactory<ZeroMqMessage> factory() {
        return Factory.INSTANCE;
    }

    @Override
    public byte @Nullable [] routingId() {
        return routingId;
    }

    /** The frames, unmodifiable. */
    public List<byte[]> frames() {
        List<byte[]> several = all;
        return several == null ? List.of(first) : several;
    }

    @Override
    public int size() {
        List<byte[]> several = all;
        return several == null ? 1 : several.size();
    }

    @Override
    public byte[] frame(int index) {
        return index == 0 ? first : frames().get(index);
    }

    @Override
    public long bytes() {
        return all == null ? first.length : SocketMessage.super.bytes();
    }

    /** Takes the frames out, for good: the message then has one frame of no octets. So nobody gets an array twice. */
    synchronized List<byte[]> takeFrames() {
        List<byte[]> taken = frames();
        first = NOTHING;
        all = null;
        return taken;
    }

    /** The first frame as text: the topic of what a publisher sent. */
    public String topic() {
        return new String(first, StandardCharsets.UTF_8);
    }

    /** Sizes and the routing id, never the content. */
    @Override
    public String toString() {
        byte[] id = routingId;
        return "ZeroMqMessage[routingId="
                + (id == null ? "-" : HexFormat.of().formatHex(id, 0, Math.min(id.length, SHOWN_BYTES)))
                + " frames=" + size() + " bytes=" + bytes() + "]";
    }

    private enum Factory implements MessageFactory<ZeroMqMessage> {
        INSTANCE;

        @Override
        public ZeroMqMessage single(byte @Nullable [] routingId, byte[] frame) {
            return new ZeroMqMessage(routingId, frame, null);
        }

        @Override
        public ZeroMqMessage multi(byte @Nullable [] routingId, List<byte[]> frames) {
            return of(routingId, frames);
        }
    }
}
