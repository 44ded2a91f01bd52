package io.bactrian.socket;

import io.bactrian.socket.SocketCounters.Counter;
import org.jspecify.annotations.Nullable;
import zmq.Msg;
import zmq.io.Metadata;
import zmq.msg.MsgAllocator;

/**
 * Makes the frames that a socket receives, and looks at each on its way in, on the I/O thread. That is the only place
 * where a message without end can be seen, as ZeroMQ hands over complete ones only; and where the subscriptions of one
 * peer can be told from those of the others. A peer that breaks a limit is cut, and what it sends meanwhile is passed off
 * as a command, which ZeroMQ drops.
 */
final class Frames implements MsgAllocator {
    /** Smaller frames are not worth counting: as many as there may be connections are no harm. */
    private static final int LARGE_BYTES = 1 << 16;

    /** Frames of a message beyond the limit are dropped when it is complete; with so many times more, its peer is cut. */
    private static final int FRAMES_FACTOR = 16;

    private static final int REFUSED = -1;

    private final PeerLimits limits;
    private final int framesMax;
    private final boolean publishing;
    private final Peers peers;
    private volatile @Nullable Last last;

    /** The connection of the last frame: the next one is most often of the same. */
    private record Last(Metadata metadata, Peer peer) {}

    Frames(SocketSettings settings, Peers peers) {
        this.limits = settings.limits();
        this.framesMax = (int) Math.min(Integer.MAX_VALUE, (long) FRAMES_FACTOR * settings.maxFrames());
        this.publishing = settings.kind() == SocketKind.pub || settings.kind() == SocketKind.xpub;
        this.peers = peers;
    }

    @Override
    public Msg allocate(int size) {
        if (size < LARGE_BYTES) {
            return new Frame(size, 0);
        }
        long number = peers.incomplete().announce(size);
        if (number == 0) {
            peers.refusedFrame();
            return new Frame(0, REFUSED);
        }
        Frame frame = new Frame(size, number);
        peers.incomplete().made(number, frame);
        return frame;
    }

    @SuppressWarnings("ReferenceEquality") // each connection has one, and comparing their texts costs too much
    private @Nullable Peer peer(Metadata metadata) {
        Last known = last;
        if (known != null && known.metadata() == metadata) {
            return known.peer();
        }
        String address = metadata.get(Metadata.PEER_ADDRESS);
        Peer peer = address == null ? null : peers.at(address);
        if (peer != null) {
            last = new Last(metadata, peer);
            peers.ready(peer);
        }
        return peer;
    }

    /** I/O thread: a frame is complete. Returns whether it shall be dropped. */
    private boolean received(Frame frame, Metadata metadata) {
        if (frame.number > 0) {
            peers.incomplete().ended(frame.number);
        }
        Peer peer = peer(metadata);
        if (peer == null) {
            return frame.number == REFUSED;
        }
        if (frame.number == REFUSED) {
            peers.cut(peer, Counter.CONNECTIONS_CUT, "its frame was refused");
        } else if (publishing && !frame.isCommand() && peers.subscribed(peer, frame.data())) {
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
        return peer.isCut();
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

    /** A frame on its way in. Its number is that of an announcement, 0 if it is small, -1 if it was refused. */
    final class Frame extends Msg {
        private final long number;
        private boolean dropped;

        Frame(int size, long number) {
            super(size);
            this.number = number;
        }

        /** The connection has ended before the frame was complete. */
        void abandon() {
            if (number > 0) {
                peers.incomplete().ended(number);
            }
        }

        @Override
        public Msg setMetadata(Metadata metadata) {
            dropped = received(this, metadata);
            return super.setMetadata(metadata);
        }

        @Override
        public boolean isCommand() {
            return dropped || super.isCommand();
        }
    }
}
