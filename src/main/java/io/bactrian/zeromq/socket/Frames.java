package io.bactrian.zeromq.socket;

import io.bactrian.zeromq.socket.SocketCounters.Counter;
import io.bactrian.zeromq.socket.jeromq.PeerInspector;
import org.jspecify.annotations.Nullable;
import org.zeromq.ZMQ;
import zmq.Msg;
import zmq.msg.MsgAllocator;

/**
 * Makes the frames that a socket receives, and looks at each on its way in, on the I/O thread. That is the only place
 * where a message without end can be seen, as ZeroMQ hands over complete ones only; and where the subscriptions of one
 * peer can be told from those of the others. A peer that breaks a limit is cut, and what it sends meanwhile is dropped by
 * its inspector.
 */
final class Frames implements MsgAllocator {
    /** Smaller frames are not worth counting: as many as there may be connections are no harm. */
    static final int LARGE_BYTES = 1 << 16;

    /** Frames of a message beyond the limit are dropped when it is complete; with so many times more, its peer is cut. */
    private static final int FRAMES_FACTOR = 16;

    private final PeerLimits limits;
    private final int framesMax;
    private final boolean publishing;
    private final ConnectionTable peers;
    private final SpareFrames spares;
    private final @Nullable ReceiveGate gate;

    Frames(SocketSettings settings, ConnectionTable peers, SpareFrames spares) {
        this.spares = spares;
        this.limits = settings.limits();
        this.framesMax = (int) Math.min(
                Integer.MAX_VALUE, (long) FRAMES_FACTOR * settings.queues().maxFrames());
        this.publishing = settings.kind() == SocketKind.pub || settings.kind() == SocketKind.xpub;
        this.peers = peers;
        this.gate = ReceiveGate.of(settings);
    }

    ConnectionTable peers() {
        return peers;
    }

    /** What stands in for the high-water mark, or null. */
    @Nullable ReceiveGate gate() {
        return gate;
    }

    /** I/O thread: a connection of the socket has exchanged greetings, and is about to receive its first frame. */
    void greeted(ZMQ.Socket socket) {
        peers.inspect(socket, connection -> new Inspector(peers.greeted(connection)));
    }

    @Override
    public Msg allocate(int size) {
        if (gate != null) {
            gate.pass(size);
        }
        if (size < LARGE_BYTES || peers.isBlind()) {
            return new Msg(size);
        }
        long number = peers.incomplete().announce(size);
        if (number == 0) {
            return refused("maxIncompleteBytes=" + limits.maxIncompleteBytes() + " are begun and not completed");
        }
        try {
            byte[] spare = spares.take(size);
            Large frame = new Large(spare == null ? new byte[size] : spare, number);
            peers.incomplete().made(number, frame);
            return frame;
        } catch (OutOfMemoryError e) {
            // It is the peer's array that finds no room: the I/O thread, with all it holds, need not die of that.
            peers.incomplete().notMade(size);
            return refused("there is no memory for " + size + " bytes");
        }
    }

    private Msg refused(String cause) {
        peers.refusedFrame(cause);
        return new Refused();
    }

    private void arrived(Peer peer, Msg frame) {
        if (frame instanceof Large large) {
            large.ended();
        } else if (frame instanceof Refused) {
            peers.cut(peer, Counter.CONNECTIONS_CUT, "its frame was refused");
        }
    }

    /** Cuts the peer if the frame is one too many. */
    private void inspect(Peer peer, Msg frame) {
        if (frame.isCommand()) {
            // ZeroMQ drops it. In the middle of a message it neither belongs to it nor ends it.
            return;
        }
        if (publishing && peers.subscribed(peer, frame.data())) {
            peers.cut(
                    peer,
                    Counter.CONNECTIONS_CUT,
                    "subscriptions take more than maxSubscriptionBytes=" + limits.maxSubscriptionBytes());
        }
        if (frame.hasMore()) {
            begun(peer, frame.size());
        } else if (peer.frames() > 0) {
            begun(peer, frame.size());
            peer.complete(peers.incomplete());
        }
    }

    private void begun(Peer peer, int size) {
        boolean room = peer.frame(size, peers.incomplete());
        if (peer.frames() > framesMax || peer.bytes() > limits.maxMessageBytes()) {
            peers.cut(
                    peer,
                    Counter.CONNECTIONS_CUT,
                    "a message of more than " + framesMax + " frames or maxMessageBytes=" + limits.maxMessageBytes());
        } else if (!room) {
            peers.cut(
                    peer,
                    Counter.CONNECTIONS_CUT,
                    "more than maxIncompleteBytes=" + limits.maxIncompleteBytes() + " were begun and not completed");
        }
    }

    private final class Inspector implements PeerInspector {
        private final Peer peer;

        Inspector(Peer peer) {
            this.peer = peer;
        }

        @Override
        public void ready() {
            peers.ready(peer);
        }

        @Override
        public void arrived(Msg frame) {
            Frames.this.arrived(peer, frame);
        }

        @Override
        public void inspect(Msg frame) {
            Frames.this.inspect(peer, frame);
        }

        @Override
        public boolean isCut() {
            return peer.isCut();
        }
    }

    /** A large frame on its way in. */
    final class Large extends Msg {
        private final long number;
        private boolean ended;

        Large(byte[] array, long number) {
            super(array);
            this.number = number;
        }

        /** It is complete, or its connection has ended before. */
        void ended() {
            if (!ended) {
                ended = true;
                peers.incomplete().ended(number);
            }
        }

        /** Asked of each frame that is complete, and all that is asked of those of old peers, which nobody inspects. */
        @Override
        public boolean isCommand() {
            ended();
            return super.isCommand();
        }
    }

    /** In place of a frame for which there is no room. What was announced still comes, and must not be taken for frames. */
    private static final class Refused extends Msg {
        @Override
        public boolean isCommand() {
            return true;
        }
    }
}
