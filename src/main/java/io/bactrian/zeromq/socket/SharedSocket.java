package io.bactrian.zeromq.socket;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** One user's access to a socket. Any thread; what is handed over belongs to the socket from then on. */
public final class SharedSocket<M extends SocketMessage> {
    private final Sockets<M> sockets;
    private final SocketThread<M> thread;
    private final AtomicBoolean sending = new AtomicBoolean();
    private final AtomicBoolean closed = new AtomicBoolean();

    SharedSocket(Sockets<M> sockets, SocketThread<M> thread) {
        this.sockets = sockets;
        this.thread = thread;
    }

    /** The real addresses, with the ports that were chosen; empty if the socket connects. */
    public List<String> boundAddresses() {
        return thread.boundAddresses();
    }

    public SocketCounters counters() {
        return thread.counters();
    }

    /** Why the socket ended by itself, or null while it works. */
    public @Nullable Throwable failure() {
        return thread.failure();
    }

    /** Tells the socket that this user will send, so that it listens for senders. Once before the first send. */
    public void prepareToSend() {
        if (sending.compareAndSet(false, true)) {
            thread.addSender();
        }
    }

    /** Gives what is received to an intake, of which a socket has one. */
    public void receive(MessageReceiver<M> intake) {
        thread.receiving().attach(intake);
    }

    /** Ends an intake. Returns whether its last batch is done; false if that takes longer than the timeout. */
    public boolean stopReceiving(MessageReceiver<M> intake, long timeoutMs) throws InterruptedException {
        return thread.receiving().detach(intake, timeoutMs, thread.owned());
    }

    /**
     * Queues a message.
     *
     * @param timeoutMs how long to wait for room in the queue
     * @throws SendFailedException if there was none, or the socket is closed
     */
    public void send(M message, long timeoutMs) throws SendFailedException, InterruptedException {
        thread.enqueue(new SendItem(message, null), timeoutMs);
    }

    /** Queues a batch as one item. */
    public void send(List<M> batch, long timeoutMs) throws SendFailedException, InterruptedException {
        thread.enqueue(new SendItem(batch, null), timeoutMs);
    }

    /** Queues a batch; the future ends when ZeroMQ has taken all of it, or some message of it cannot be sent. */
    public CompletableFuture<Void> sendAwaited(List<M> batch, long timeoutMs)
            throws SendFailedException, InterruptedException {
        CompletableFuture<Void> sent = new CompletableFuture<>();
        thread.enqueue(new SendItem(batch, sent), timeoutMs);
        return sent;
    }

    /** Whether the caller is the owner thread, which must not wait for itself. */
    public boolean owned() {
        return thread.owned();
    }

    /**
     * With xpubManual, on the owner thread and before the next message is received: lets the last subscription that was
     * received, or the end of one, take effect.
     *
     * @param subscription the frame as it was received
     */
    public void admit(byte[] subscription) {
        thread.admit(subscription);
    }

    /**
     * Sends a request; its end is told to the handler unless this throws.
     *
     * @param sendTimeoutMs how long to wait for room in the queue
     * @param timeoutMs how long to wait for the answer
     */
    public void request(M message, long sendTimeoutMs, long timeoutMs, ReplyHandler<M> handler)
            throws SendFailedException, InterruptedException {
        thread.request(message, sendTimeoutMs, timeoutMs, handler);
    }

    /** Ends this user's access. After the last one the socket is closed. */
    public void release() throws InterruptedException {
        if (closed.compareAndSet(false, true)) {
            if (sending.get()) {
                thread.removeSender();
            }
            sockets.release(thread);
        }
    }
}
