package io.bactrian.zeromq.socket;

import org.jspecify.annotations.Nullable;

/**
 * Holds the I/O thread of a socket back when too much was received that nobody has read, so that its peers are held
 * back in turn. It stands in for the high-water mark of CURVE sockets: there JeroMQ loses a message and delivers its
 * ciphertext each time it meets the mark.
 *
 * <p>What waits is what was received since the owner last found the socket empty, in octets and a share for each
 * frame's objects. While the socket has to send and cannot, more is let in: the same thread has to do that.
 */
final class ReceiveGate {
    /** What a frame takes beside its octets, about. */
    private static final int FRAME_OVERHEAD = 160;

    private static final int OVERFLOW_FACTOR = 2;

    private final long bytesMax;
    private final Object lock = new Object();

    /** Written by the I/O thread only. */
    private volatile long taken;

    private volatile long emptiedAt;
    private volatile boolean sending;
    private volatile boolean released;
    private volatile boolean shut;

    ReceiveGate(long bytesMax) {
        this.bytesMax = bytesMax;
    }

    /** The gate of a socket that needs one: what a push receives is never read, so there its mark does no harm. */
    static @Nullable ReceiveGate of(SocketSettings settings) {
        return settings.security().encrypts() && settings.kind() != SocketKind.push
                ? new ReceiveGate(settings.queues().curveBacklogBytes())
                : null;
    }

    /** I/O thread: makes room for a frame, waiting if the gate is shut. */
    @SuppressWarnings("NonAtomicOperationOnVolatileField") // one thread writes it
    void pass(int size) {
        if (blocks()) {
            await();
        }
        taken = taken + size + FRAME_OVERHEAD;
    }

    private boolean blocks() {
        long waiting = taken - emptiedAt;
        return waiting > bytesMax && !released && !(sending && waiting <= OVERFLOW_FACTOR * bytesMax);
    }

    private void await() {
        boolean interrupted = false;
        synchronized (lock) {
            shut = true;
            while (blocks()) {
                try {
                    lock.wait();
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
            shut = false;
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void look() {
        if (shut) {
            synchronized (lock) {
                lock.notifyAll();
            }
        }
    }

    /** Owner: the socket has nothing to read. */
    void emptied() {
        long now = taken;
        if (now != emptiedAt) {
            emptiedAt = now;
            look();
        }
    }

    /** Owner: whether the socket has something to send that ZeroMQ does not take. */
    void sending(boolean blocked) {
        if (sending != blocked) {
            sending = blocked;
            look();
        }
    }

    /** Whether the I/O thread is held back now. */
    boolean shut() {
        return shut;
    }

    /** Whether it is held back although the socket has to send: only throwing away what waits helps then. */
    boolean overflowing() {
        return shut && sending;
    }

    /** Owner: opens the gate for good, as the socket is about to be closed. */
    void release() {
        released = true;
        look();
    }
}
