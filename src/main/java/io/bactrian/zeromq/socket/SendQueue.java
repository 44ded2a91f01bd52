package io.bactrian.zeromq.socket;

import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A bounded queue from many threads to one, without locks: with a lock a few busy senders spend most of
 * their time in waking one another. Source: D. Vyukov, bounded queues over a ring with indices that only grow.
 */
final class SendQueue<E> {
    private static final long PAUSE_NANOS = 50_000;
    private static final int YIELDS = 64;

    /** Two cache lines, in longs: processors fetch them in pairs. */
    private static final int CACHE_LINE = 16;

    /** Where the next item goes. */
    private static final int TAIL = CACHE_LINE;
    /** The receiver has taken all before this. */
    private static final int HEAD = 2 * CACHE_LINE;
    /** Up to here the senders know that there is room, without a look at the head, which changes all the time. */
    private static final int LIMIT = 3 * CACHE_LINE;

    private final int capacity;
    private final int mask;
    private final AtomicReferenceArray<@Nullable E> ring;
    /** The indices, far enough apart that a thread which changes one does not slow down those that read another. */
    private final AtomicLongArray cursors = new AtomicLongArray(4 * CACHE_LINE);

    SendQueue(int capacity) {
        int size = Integer.highestOneBit(Math.max(1, capacity - 1)) * 2;
        this.capacity = capacity;
        this.mask = size - 1;
        this.ring = new AtomicReferenceArray<>(size);
        cursors.set(LIMIT, capacity);
    }

    /** Any thread: adds an item, or returns false if the queue is full. */
    boolean offer(E item) {
        long index = cursors.get(TAIL);
        while (index < cursors.get(LIMIT) || raiseLimit(index)) {
            if (cursors.compareAndSet(TAIL, index, index + 1)) {
                ring.setRelease((int) index & mask, item);
                return true;
            }
            index = cursors.get(TAIL);
        }
        return false;
    }

    /** Returns whether there is room for the item of that index. */
    private boolean raiseLimit(long index) {
        long limit = cursors.get(HEAD) + capacity;
        if (index >= limit) {
            return false;
        }
        // Of two senders that do this the slower may lower it again, which costs one more look and no more.
        cursors.set(LIMIT, limit);
        return true;
    }

    /** Any thread: adds an item, waiting for room up to a time. */
    boolean offer(E item, long timeoutMs) throws InterruptedException {
        if (offer(item)) {
            return true;
        }
        long deadline = System.nanoTime() + timeoutMs * 1_000_000;
        for (int i = 0; System.nanoTime() - deadline < 0; i++) {
            if (i < YIELDS) {
                Spin.yieldOnce();
            } else {
                LockSupport.parkNanos(this, PAUSE_NANOS);
            }
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
            if (offer(item)) {
                return true;
            }
        }
        return false;
    }

    /** The one receiving thread: the next item, or null if there is none that is complete. */
    @Nullable E poll() {
        long index = cursors.getPlain(HEAD);
        int slot = (int) index & mask;
        E item = ring.getAcquire(slot);
        if (item != null) {
            ring.setPlain(slot, null);
            cursors.setRelease(HEAD, index + 1);
        }
        return item;
    }

    boolean isEmpty() {
        return size() == 0;
    }

    int size() {
        return (int) Math.max(0, cursors.get(TAIL) - cursors.get(HEAD));
    }
}
