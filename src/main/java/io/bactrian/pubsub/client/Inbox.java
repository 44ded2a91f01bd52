package io.bactrian.pubsub.client;

import io.bactrian.wire.Batch;
import io.bactrian.wire.Headers;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Holds the messages that the hub has delivered and nobody has taken yet, and how far those who take are. Batches come
 * in whole; a lock is
 * held for a moment for each message, and is contended once for each batch.
 */
final class Inbox {
    /** How far the owner is: the last position processed, the output's length then, and whether a withdrawal is over. */
    record ReadProgress(long processed, long outputLength, boolean withdrawn) {}

    /** Whom it tells; called while its lock is held, so neither may block. */
    interface Listener {
        /** More is processed. */
        void progressed();

        /** Much is processed, or a withdrawal is over. */
        void hurry();
    }

    private record Parcel(Batch batch, long position, int logEpoch, long timeMs) {}

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final ArrayDeque<Parcel> parcels = new ArrayDeque<>();
    private final long noticeBytes;
    private final Listener listener;

    private @Nullable Parcel current;
    private List<byte[]> records = List.of();
    private int next;
    private long begun;
    private long processed;
    private long outputLength;
    private long unnoticedBytes;
    private long redeliveredAfter;
    private long redeliveredTo;
    private boolean withdrawing;
    private @Nullable BactrianException end;

    /**
     * An empty inbox.
     *
     * @param position where the subscriber stands
     * @param outputLength the length of its output at that position, -1 if there is none
     * @param noticeBytes octets after which progress is much
     */
    Inbox(long position, long outputLength, long noticeBytes, Listener listener) {
        this.begun = position;
        this.processed = position;
        this.redeliveredAfter = position;
        this.outputLength = outputLength;
        this.noticeBytes = noticeBytes;
        this.listener = listener;
    }

    /** Messages from where the subscriber began up to this position may have been handed out in a former life. */
    void redeliveredTo(long position) {
        lock.lock();
        try {
            redeliveredTo = position;
        } finally {
            lock.unlock();
        }
    }

    /** Takes a batch in. */
    void add(Batch batch, long position, int logEpoch, long timeMs) {
        lock.lock();
        try {
            parcels.add(new Parcel(batch, position, logEpoch, timeMs));
            if (parcels.size() == 1) {
                changed.signal();
            }
        } finally {
            lock.unlock();
        }
    }

    /**
     * The next message, or null if there is none in time.
     *
     * @param acknowledges whether asking says that the messages before are processed
     * @throws BactrianException if nothing will come any more
     */
    @Nullable Message get(long timeoutNanos, boolean acknowledges) throws InterruptedException {
        lock.lock();
        try {
            if (acknowledges) {
                acknowledge(begun, outputLength);
            }
            long left = timeoutNanos;
            while (!ready()) {
                if (end != null) {
                    throw new BactrianException(String.valueOf(end.getMessage()), end);
                }
                if (left <= 0) {
                    return null;
                }
                left = changed.awaitNanos(left);
            }
            return take();
        } finally {
            lock.unlock();
        }
    }

    /** Whether there is a message to be taken; opens the next batch if need be. */
    private boolean ready() {
        if (withdrawing) {
            return false;
        }
        if (next < records.size()) {
            return true;
        }
        Parcel done = current;
        if (done != null) {
            unnoticedBytes += done.batch().bytes().length;
            if (unnoticedBytes >= noticeBytes) {
                unnoticedBytes = 0;
                listener.hurry();
            }
        }
        current = parcels.poll();
        records = current == null ? List.of() : current.batch().records();
        next = 0;
        return current != null;
    }

    private Message take() {
        Parcel parcel = current;
        if (parcel == null) {
            throw new IllegalStateException("no batch is open");
        }
        Batch batch = parcel.batch();
        int index = next++;
        long position = parcel.position() + index;
        begun = position;
        long sequence = batch.publisher().isEmpty() ? 0 : batch.sequence() + index;
        byte[] record = records.get(index);
        boolean bare = !batch.hasHeaders();
        return new Message(
                batch.topic(),
                bare ? record : Arrays.copyOfRange(record, Headers.bodyAt(record, 0), record.length),
                bare ? Map.of() : Headers.unpack(record, 0, record.length),
                position,
                parcel.logEpoch(),
                batch.publisher(),
                sequence,
                batch.multipart(),
                position > redeliveredAfter && position <= redeliveredTo,
                parcel.timeMs());
    }

    /** Everything up to a position is processed. */
    void processed(long position, long length) {
        lock.lock();
        try {
            acknowledge(Math.min(position, begun), length);
        } finally {
            lock.unlock();
        }
    }

    /** The output is empty now. */
    void outputBegins() {
        lock.lock();
        try {
            outputLength = 0;
        } finally {
            lock.unlock();
        }
    }

    /** Everything that was handed out is processed. */
    void allProcessed() {
        lock.lock();
        try {
            acknowledge(begun, outputLength);
        } finally {
            lock.unlock();
        }
    }

    private void acknowledge(long position, long length) {
        outputLength = length;
        if (position > processed) {
            processed = position;
            listener.progressed();
            if (withdrawing && processed >= begun) {
                listener.hurry();
            }
        }
    }

    /** Forgets what nobody has taken; {@link ReadProgress#withdrawn} tells when what was taken is processed. */
    void withdraw() {
        lock.lock();
        try {
            withdrawing = true;
            clear();
            if (processed >= begun) {
                listener.hurry();
            }
        } finally {
            lock.unlock();
        }
    }

    private void clear() {
        parcels.clear();
        records = List.of();
        current = null;
        next = 0;
    }

    /** The withdrawal is over: batches come again. */
    void goOn() {
        lock.lock();
        try {
            withdrawing = false;
        } finally {
            lock.unlock();
        }
    }

    /**
     * The subscriber stands here now; nothing is handed out.
     *
     * @param otherLog whether the position is one of another log than those before
     */
    void standAt(long position, boolean otherLog) {
        lock.lock();
        try {
            clear();
            begun = position;
            processed = position;
            if (otherLog) {
                redeliveredAfter = position;
                redeliveredTo = position;
            }
        } finally {
            lock.unlock();
        }
    }

    ReadProgress progress() {
        lock.lock();
        try {
            return new ReadProgress(processed, outputLength, withdrawing && processed >= begun);
        } finally {
            lock.unlock();
        }
    }

    /** Nothing comes any more; what is there may be taken if it is a failure, and is given back if it is a close. */
    void end(BactrianException cause, boolean giveBack) {
        lock.lock();
        try {
            if (end == null) {
                end = cause;
            }
            if (giveBack) {
                clear();
            }
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
