package io.bactrian.socket;

import java.util.concurrent.atomic.AtomicLong;
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

    private final int capacity;
    private final int mask;
    private final AtomicReferenceArray<@Nullable E> ring;
    private final AtomicLong tail = new AtomicLong();
    private final AtomicLong head = new AtomicLong();

    SendQueue(int capacity) {
        int size = Integer.highestOneBit(Math.max(1, capacity - 1)) * 2;
        this.capacity = capacity;
        this.mask = size - 1;
        this.ring = new AtomicReferenceArray<>(size);
    }

    /** Any thread: adds an item, or returns false if the queue is full. */
    boolean offer(E item) {
        long index = tail.get();
        while (index - head.get() < capacity) {
            if (tail.compareAndSet(index, index + 1)) {
                ring.setRelease((int) index & mask, item);
                return true;
            }
            index = tail.get();
        }
        return false;
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
        long index = head.get();
        int slot = (int) index & mask;
        E item = ring.getAcquire(slot);
        if (item != null) {
            ring.setPlain(slot, null);
            head.setRelease(index + 1);
        }
        return item;
    }

    boolean isEmpty() {
        return size() == 0;
    }

    int size() {
        return (int) Math.max(0, tail.get() - head.get());
    }
}
