package io.bactrian.zeromq.socket;

import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.HashSet;
import java.util.Set;

/** One connection of a socket, and what its peer has sent so far. One I/O thread reads a connection. */
final class Peer {
    private static final int SUBSCRIPTION_OVERHEAD = 16;

    /** What a frame takes beside its octets, about. */
    private static final int FRAME_OVERHEAD = 160;

    /** Smaller messages are not worth counting among what is incomplete. */
    private static final int STEP_BYTES = 1 << 14;

    private final SocketChannel channel;
    private final String address;
    private final long sinceNanos;
    private final Set<ByteBuffer> subscriptions = new HashSet<>();
    private long subscriptionBytes;
    private boolean closed;
    private long counted;
    private int frames;
    private long bytes;
    private volatile boolean greeted;
    private volatile boolean ready;
    private volatile boolean cut;

    Peer(SocketChannel channel, String address, long sinceNanos) {
        this.channel = channel;
        this.address = address;
        this.sinceNanos = sinceNanos;
    }

    SocketChannel channel() {
        return channel;
    }

    /** As ZeroMQ writes it, host and port; empty over ipc. */
    String address() {
        return address;
    }

    long sinceNanos() {
        return sinceNanos;
    }

    /** Whether its greeting has come. */
    boolean hasGreeted() {
        return greeted;
    }

    void greets() {
        greeted = true;
    }

    boolean ready() {
        return ready;
    }

    /** Marks it as ready. Returns whether it was not. */
    synchronized boolean becomesReady() {
        boolean first = !ready;
        ready = true;
        return first;
    }

    boolean isCut() {
        return cut;
    }

    /** Marks it as cut. Returns whether it was not. */
    synchronized boolean becomesCut() {
        boolean first = !cut;
        cut = true;
        return first;
    }

    /** I/O thread: frames of a message that is not complete. */
    int frames() {
        return frames;
    }

    /** I/O thread: octets of a message that is not complete. */
    long bytes() {
        return bytes;
    }

    /**
     * I/O thread: another frame of a message. In large steps it takes room among what is incomplete.
     *
     * @return whether there was room
     */
    boolean frame(int size, Incomplete incomplete) {
        frames++;
        bytes += size;
        long taken = bytes + (long) FRAME_OVERHEAD * frames;
        return taken - counted < STEP_BYTES || take(taken, incomplete);
    }

    private synchronized boolean take(long taken, Incomplete incomplete) {
        if (closed) {
            return true;
        }
        long more = taken - counted;
        counted = taken;
        return incomplete.add(more);
    }

    /** I/O thread: the message is complete. */
    void complete(Incomplete incomplete) {
        frames = 0;
        bytes = 0;
        if (counted > 0) {
            release(incomplete);
        }
    }

    private synchronized void release(Incomplete incomplete) {
        incomplete.remove(counted);
        counted = 0;
    }

    /** I/O thread: keeps a subscription, or the end of one. Returns how much more its prefixes take, or less. */
    synchronized int subscribe(byte[] frame) {
        if (closed || frame.length == 0) {
            return 0;
        }
        ByteBuffer prefix = ByteBuffer.wrap(frame, 1, frame.length - 1).slice();
        int bytes = frame.length - 1 + SUBSCRIPTION_OVERHEAD;
        int change = 0;
        if (frame[0] == 1 && subscriptions.add(prefix)) {
            change = bytes;
        } else if (frame[0] == 0 && subscriptions.remove(prefix)) {
            change = -bytes;
        }
        subscriptionBytes += change;
        return change;
    }

    /** What its prefixes take. */
    synchronized long subscriptionBytes() {
        return subscriptionBytes;
    }

    /** The connection has ended, and with it its subscriptions and what it had begun. Returns what the former took. */
    synchronized long close(Incomplete incomplete) {
        release(incomplete);
        long taken = subscriptionBytes;
        closed = true;
        subscriptions.clear();
        subscriptionBytes = 0;
        return taken;
    }
}
