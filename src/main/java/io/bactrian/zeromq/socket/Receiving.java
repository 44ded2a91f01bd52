package io.bactrian.zeromq.socket;

import io.bactrian.support.thread.NamedThreads;
import io.bactrian.zeromq.socket.SocketCounters.Counter;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.zeromq.ZMQ;

/**
 * The receiving side of a socket: gives what arrives to the request that waits for it, or to the intake.
 * Any thread attaches and detaches; only the owner calls the rest.
 */
final class Receiving<M extends SocketMessage> {
    private static final int CHUNK = 256;
    private static final int SIZE_HINT = 16;

    /** An intake, and the sign that its last batch is done. */
    private record Attached<M extends SocketMessage>(MessageReceiver<M> intake, CountDownLatch ended) {}

    private final SocketSettings settings;
    private final MessageReader<M> reader;
    private final Requests<M> requests;
    private final SocketCounters counters;
    private final NamedThreads threads;
    private final Runnable wakeOwner;
    private final BooleanSupplier sending;

    /** Intakes that were attached, perhaps never seen by the owner, and are to be let go. */
    private final Queue<Attached<M>> leaving = new ConcurrentLinkedQueue<>();

    private volatile boolean over;
    private volatile @Nullable Attached<M> wanted;
    private volatile @Nullable ReceiveQueue<M> handover;
    private @Nullable Attached<M> current;
    private int sizeHint = SIZE_HINT;

    Receiving(
            SocketSettings settings,
            MessageReader<M> reader,
            Requests<M> requests,
            SocketCounters counters,
            NamedThreads threads,
            Runnable wakeOwner,
            BooleanSupplier sending) {
        this.settings = settings;
        this.reader = reader;
        this.requests = requests;
        this.counters = counters;
        this.threads = threads;
        this.wakeOwner = wakeOwner;
        this.sending = sending;
    }

    /** Gives what is received to an intake from now on. */
    synchronized void attach(MessageReceiver<M> intake) {
        if (wanted != null) {
            throw new IllegalStateException("socket " + settings.key()
                    + " has a consumer already; set socketName to give this one a socket of its own");
        }
        wanted = new Attached<>(intake, new CountDownLatch(1));
        wakeOwner.run();
    }

    /** Ends the intake. Returns whether its last batch is done; false if that takes longer than the timeout. */
    boolean detach(MessageReceiver<M> intake, long timeoutMs, boolean byOwner) throws InterruptedException {
        Attached<M> attached = wanted;
        if (attached == null || !attached.intake().equals(intake)) {
            return true;
        }
        ReceiveQueue<M> carrier = handover;
        wanted = null;
        leaving.add(attached);
        wakeOwner.run();
        if (over) {
            letGo();
        }
        if (byOwner || (carrier != null && carrier.owned())) {
            return true;
        }
        return attached.ended().await(timeoutMs, TimeUnit.MILLISECONDS);
    }

    /** Follows an attach or detach. */
    void update() {
        if (!leaving.isEmpty()) {
            letGo();
        }
        if (current == null) {
            current = wanted;
        }
    }

    /** Whether an attach or detach is to be followed. */
    boolean changed() {
        return !Objects.equals(wanted, current);
    }

    /** Ends the intake once it has taken what was handed over. */
    void end() {
        over = true;
        Attached<M> last = current;
        if (last != null) {
            leaving.add(last);
        }
        letGo();
    }

    private synchronized void letGo() {
        Attached<M> attached = leaving.poll();
        while (attached != null) {
            ReceiveQueue<M> carrier = handover;
            if (attached.equals(current) && carrier != null) {
                carrier.close();
            } else {
                attached.ended().countDown();
            }
            if (attached.equals(current)) {
                handover = null;
                current = null;
            }
            attached = leaving.poll();
        }
    }

    /** Whether an intake runs on the owner's thread, or may. */
    boolean inline() {
        return current != null && handover == null && requests.isEmpty();
    }

    /** Whether the intake asks for the owner's thread although others send, and may have it now. */
    boolean onSocketThread() {
        Attached<M> attached = current;
        return attached != null && attached.intake().onSocketThread() && inline();
    }

    /** Whether there is somebody to receive, and room. */
    boolean wanting() {
        if (onSocketThread()) {
            return true;
        }
        ReceiveQueue<M> carrier = carrier();
        return carrier == null ? !requests.isEmpty() : carrier.room() > 0;
    }

    /**
     * Reads one batch and runs the intake with it on this thread; hands it over if somebody sends meanwhile.
     *
     * @param flags 0 to wait for the first message in ZeroMQ, {@link ZMQ#DONTWAIT} not to wait
     * @return whether there was one
     */
    boolean receiveInline(ZMQ.Socket socket, int flags) {
        MessageReceiver<M> intake = Objects.requireNonNull(current).intake();
        M message = reader.read(socket, flags);
        if (message == null) {
            return false;
        }
        if (intake.batchSize() == 1) {
            count(1, message.bytes());
            if (mayRunInline(intake)) {
                intake.takeOne(message);
            } else {
                handOver(new ArrayList<>(List.of(message)), message.bytes());
            }
            return true;
        }
        List<M> batch = new ArrayList<>(Math.min(sizeHint, intake.batchSize()));
        long bytes = message.bytes();
        batch.add(message);
        long deadline = System.nanoTime() + intake.batchTimeoutMs() * 1_000_000;
        while (message != null && batch.size() < intake.batchSize() && bytes < intake.batchBytesMax()) {
            message = reader.read(socket, ZMQ.DONTWAIT);
            if (message == null && intake.batchTimeoutMs() > 0) {
                message = readUntil(socket, deadline);
            }
            if (message != null) {
                batch.add(message);
                bytes += message.bytes();
            }
        }
        sizeHint = batch.size() + batch.size() / 4 + 1;
        count(batch.size(), bytes);
        if (mayRunInline(intake)) {
            intake.take(batch);
        } else {
            handOver(batch, bytes);
        }
        return true;
    }

    /** Somebody may have begun to send while this thread waited for the message. */
    private boolean mayRunInline(MessageReceiver<M> intake) {
        return !sending.getAsBoolean() || intake.onSocketThread();
    }

    private void handOver(List<M> messages, long bytes) {
        Objects.requireNonNull(carrier()).add(messages, bytes);
    }

    private @Nullable M readUntil(ZMQ.Socket socket, long deadline) {
        long left = (deadline - System.nanoTime() + 999_999) / 1_000_000;
        if (left <= 0 || changed()) {
            return null;
        }
        socket.setReceiveTimeOut((int) Math.min(left, Integer.MAX_VALUE));
        M message = reader.read(socket, 0);
        socket.setReceiveTimeOut(SocketOpener.RECEIVE_TIMEOUT_MS);
        return message;
    }

    /** Reads what is there and there is room for, without waiting. Returns whether there was anything. */
    boolean receive(ZMQ.Socket socket) {
        ReceiveQueue<M> carrier = carrier();
        if (carrier == null && requests.isEmpty()) {
            return false;
        }
        int room = carrier == null ? CHUNK : Math.min(CHUNK, carrier.room());
        if (room == 0) {
            return false;
        }
        List<M> messages = new ArrayList<>(Math.min(sizeHint, room));
        long bytesMax = carrier == null ? Long.MAX_VALUE : carrier.roomBytes();
        long bytes = 0;
        int count = 0;
        M message = reader.read(socket, ZMQ.DONTWAIT);
        while (message != null) {
            count++;
            bytes += message.bytes();
            if (!requests.take(message)) {
                if (carrier == null) {
                    counters.count(Counter.DROPPED_RECEIVED);
                } else {
                    messages.add(message);
                }
            }
            message = count < room && bytes < bytesMax ? reader.read(socket, ZMQ.DONTWAIT) : null;
        }
        if (count == 0) {
            return false;
        }
        count(count, bytes);
        sizeHint = count + count / 4 + 1;
        if (carrier != null && !messages.isEmpty()) {
            carrier.add(messages, bytes);
        }
        return true;
    }

    /** Whether nobody is there to receive. */
    boolean unread() {
        return current == null && requests.isEmpty();
    }

    /** Throws away what was received and not read. Returns how many messages that were. */
    long discard(ZMQ.Socket socket) {
        long dropped = 0;
        while (reader.read(socket, ZMQ.DONTWAIT) != null) {
            dropped++;
        }
        counters.add(Counter.DROPPED_RECEIVED, dropped);
        return dropped;
    }

    /** Why the intake ended by itself, or null. */
    @Nullable Throwable failure() {
        ReceiveQueue<M> carrier = handover;
        return carrier == null ? null : carrier.failure();
    }

    private void count(int messages, long bytes) {
        counters.received(messages, bytes);
    }

    private @Nullable ReceiveQueue<M> carrier() {
        Attached<M> attached = current;
        if (attached == null) {
            return null;
        }
        ReceiveQueue<M> carrier = handover;
        if (carrier == null) {
            carrier = new ReceiveQueue<>(
                    attached.intake(), wakeOwner, attached.ended(), threads, "bactrian-in-" + settings.key());
            carrier.start();
            handover = carrier;
        }
        return carrier;
    }
}
