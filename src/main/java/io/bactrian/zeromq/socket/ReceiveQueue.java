package io.bactrian.zeromq.socket;

import io.bactrian.support.thread.NamedThreads;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Carries received messages from a socket's owner to the thread that runs the route, so that a route may
 * send on the socket that it reads. It holds at most one batch beside the one under way: while the route
 * works the next batch grows, and what is more than a batch stays in ZeroMQ, which holds the senders back.
 */
final class ReceiveQueue<M extends SocketMessage> implements Runnable {
    private static final Logger LOG = LoggerFactory.getLogger(ReceiveQueue.class);
    /** Messages that are handed over at once although the route takes one at a time. */
    private static final int PREFETCH = 16;

    private final MessageReceiver<M> intake;
    private final Runnable wakeOwner;
    private final CountDownLatch ended;
    private final int capacity;
    private final Thread thread;
    private final Object lock = new Object();

    private List<M> filling = new ArrayList<>();
    private long fillingBytes;
    private boolean closed;
    private boolean ownerStalled;
    private volatile @Nullable Throwable failure;

    ReceiveQueue(
            MessageReceiver<M> intake,
            Runnable wakeOwner,
            CountDownLatch ended,
            NamedThreads threads,
            String threadName) {
        this.thread = threads.newThread(threadName, this);
        this.intake = intake;
        this.wakeOwner = wakeOwner;
        this.ended = ended;
        this.capacity = intake.batchSize() == 1 ? PREFETCH : intake.batchSize();
    }

    void start() {
        thread.start();
    }

    /** Whether the caller runs on the route's thread. */
    boolean owned() {
        return Thread.currentThread() == thread;
    }

    /** Owner: how many more messages it may read now. At 0 the owner is woken when there is room again. */
    int room() {
        synchronized (lock) {
            if (filling.size() < capacity && fillingBytes < intake.batchBytesMax()) {
                return capacity - filling.size();
            }
            ownerStalled = true;
            return 0;
        }
    }

    /** Owner: octets that the batch may still grow by. */
    long roomBytes() {
        synchronized (lock) {
            return intake.batchBytesMax() - fillingBytes;
        }
    }

    /** Owner: hands over what it has read. */
    void add(List<M> messages, long bytes) {
        synchronized (lock) {
            if (filling.isEmpty()) {
                filling = messages;
            } else {
                filling.addAll(messages);
            }
            fillingBytes += bytes;
            lock.notifyAll();
        }
    }

    /** No more will come: what is there is still taken, then the thread ends. */
    void close() {
        synchronized (lock) {
            closed = true;
            lock.notifyAll();
        }
    }

    /** Why the intake ended, or null. */
    @Nullable Throwable failure() {
        return failure;
    }

    @Override
    public void run() {
        try {
            List<M> batch = next();
            while (batch != null) {
                deliver(batch);
                batch = next();
            }
        } catch (Throwable e) {
            failure = e;
            LOG.error("a route's intake failed, its socket is read no more", e);
            wakeOwner.run();
        } finally {
            ended.countDown();
        }
    }

    private void deliver(List<M> batch) {
        if (intake.batchSize() == 1) {
            for (M message : batch) {
                intake.takeOne(message);
            }
        } else {
            intake.take(batch);
        }
    }

    private @Nullable List<M> next() throws InterruptedException {
        List<M> batch;
        boolean wake;
        synchronized (lock) {
            while (filling.isEmpty()) {
                if (closed) {
                    return null;
                }
                lock.wait();
            }
            awaitMore();
            batch = filling;
            filling = new ArrayList<>(Math.min(capacity, batch.size() + PREFETCH));
            fillingBytes = 0;
            wake = ownerStalled;
            ownerStalled = false;
        }
        if (wake) {
            wakeOwner.run();
        }
        return batch;
    }

    /** With a batch timeout, waits for the batch to become full. Lock held. */
    private void awaitMore() throws InterruptedException {
        if (intake.batchTimeoutMs() <= 0) {
            return;
        }
        long deadline = System.nanoTime() + intake.batchTimeoutMs() * 1_000_000;
        long left = intake.batchTimeoutMs();
        while (left > 0 && !closed && filling.size() < intake.batchSize() && fillingBytes < intake.batchBytesMax()) {
            lock.wait(left);
            left = (deadline - System.nanoTime() + 999_999) / 1_000_000;
        }
    }
}
