package io.bactrian.socket;

import io.bactrian.socket.SocketCounters.Counter;
import java.io.IOException;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.zeromq.ZMQ;

/**
 * The one thread that owns a socket: it makes, uses and closes it. It is never interrupted; a flag ends it.
 *
 * <p>While nobody sends on the socket it hands what it receives straight to the intake, waiting inside
 * ZeroMQ. As soon as somebody may send, it waits on the socket's signal and on wake-ups of the senders, and
 * the intake moves to a thread of its own: so a route that answers on the socket it reads cannot block it.
 */
final class SocketThread<M extends Message> implements Runnable {
    private static final Logger LOG = LoggerFactory.getLogger(SocketThread.class);
    private static final int CHUNK = 256;
    private static final long IDLE_WAIT_MS = 1_000;
    private static final long REQUEST_WAIT_MS = 10;
    private static final long STOP_MARGIN_MS = 5_000;
    private static final long UNBIND_TIMEOUT_MS = 1_000;

    /** An intake, and the sign that its last batch is done. */
    private record Attached<M extends Message>(Intake<M> intake, CountDownLatch ended) {}

    private final SocketContext context;
    private final SocketSettings settings;
    private final SocketCounters counters;
    private final SocketEvents events;
    private final MessageReader<M> reader;
    private final Outbox outbox;
    private final Requests<M> requests;
    private final Thread thread;
    private final Selector selector;
    private final CompletableFuture<List<String>> opened = new CompletableFuture<>();
    private final AtomicBoolean sleeping = new AtomicBoolean();
    private final AtomicInteger senders = new AtomicInteger();

    private volatile @Nullable Attached<M> wanted;
    private volatile boolean stopping;
    private volatile boolean over;
    private volatile @Nullable Throwable failure;

    private ZMQ.@Nullable Socket zmq;
    private @Nullable Attached<M> current;
    private volatile @Nullable Handover<M> handover;
    private int sizeHint = 16;

    SocketThread(SocketContext context, SocketSettings settings, MessageFactory<M> factory) throws IOException {
        this.context = context;
        this.settings = settings;
        this.counters = new SocketCounters();
        Complaints complaints = new Complaints(settings.key(), System::nanoTime);
        this.events = new SocketEvents(settings.key(), counters, complaints);
        this.reader = new MessageReader<>(settings, factory, counters, complaints);
        this.outbox = new Outbox(settings, counters, complaints);
        this.requests = new Requests<>(factory, counters, settings.pendingQueue());
        this.selector = Selector.open();
        this.thread = new Thread(this, "bactrian-" + settings.key());
        this.thread.setDaemon(true);
    }

    /** Opens the socket. Returns when it is bound or connecting. */
    void start() throws IOException, InterruptedException {
        thread.start();
        try {
            opened.get();
        } catch (ExecutionException e) {
            throw new IOException(
                    String.valueOf(e.getCause() == null ? e : e.getCause().getMessage()), e.getCause());
        }
    }

    /** Sends what waits, for as long as the socket may linger, then closes it. Returns when it is closed. */
    void stop() throws InterruptedException {
        stopping = true;
        wake();
        if (!owned()) {
            thread.join(settings.linger() + STOP_MARGIN_MS);
            if (thread.isAlive()) {
                LOG.error("socket is not closed in time socket={}", settings.key());
            }
        }
    }

    SocketSettings settings() {
        return settings;
    }

    SocketCounters counters() {
        return counters;
    }

    List<String> boundAddresses() {
        return opened.join();
    }

    /** Why the socket ended by itself, or null. */
    @Nullable Throwable failure() {
        Throwable io = context.failure();
        return io != null ? io : failure;
    }

    int queued() {
        return outbox.size();
    }

    int pendingRequests() {
        return requests.size();
    }

    /** From now on somebody may send. */
    void addSender() {
        senders.incrementAndGet();
    }

    void removeSender() {
        senders.decrementAndGet();
    }

    /** Gives what is received to an intake from now on. */
    synchronized void attach(Intake<M> intake) {
        if (wanted != null) {
            throw new IllegalStateException("socket " + settings.key()
                    + " has a consumer already; set socketName to give this one a socket of its own");
        }
        wanted = new Attached<>(intake, new CountDownLatch(1));
        wake();
    }

    /** Ends the intake. Returns whether its last batch is done; false if that takes longer than the timeout. */
    boolean detach(Intake<M> intake, long timeoutMs) throws InterruptedException {
        Attached<M> attached = wanted;
        if (attached == null || attached.intake() != intake) {
            return true;
        }
        wanted = null;
        wake();
        Handover<M> carrier = handover;
        if (owned() || (carrier != null && carrier.owned())) {
            return true;
        }
        return attached.ended().await(timeoutMs, TimeUnit.MILLISECONDS);
    }

    /** Queues an item, waiting for room up to the timeout. */
    void enqueue(Outbound item, long timeoutMs) throws SendFailedException, InterruptedException {
        if (owned()) {
            enqueueFromOwner(item, timeoutMs);
            return;
        }
        failIfOver();
        if (!outbox.offer(item, timeoutMs)) {
            throw queueFull(timeoutMs);
        }
        if (over && outbox.remove(item)) {
            failIfOver();
        }
        wake();
    }

    /** A route that runs on this thread sends on its own socket: nobody else will empty the queue meanwhile. */
    private void enqueueFromOwner(Outbound item, long timeoutMs) throws SendFailedException {
        long deadline = System.nanoTime() + timeoutMs * 1_000_000;
        try {
            while (outbox.full() && !outbox.pump(socket())) {
                if (System.nanoTime() - deadline >= 0) {
                    throw queueFull(timeoutMs);
                }
                selector.select(REQUEST_WAIT_MS);
                selector.selectedKeys().clear();
            }
        } catch (IOException e) {
            throw new SendFailedException("cannot wait for the socket socket=" + settings.key(), e);
        }
        outbox.addFromOwner(item);
        outbox.pump(socket());
    }

    private SendFailedException queueFull(long timeoutMs) {
        counters.count(Counter.SEND_TIMEOUTS);
        return new SendFailedException("send queue is full socket=" + settings.key() + " pendingQueue="
                + settings.pendingQueue() + " sendTimeout=" + timeoutMs + " ms");
    }

    /** Sends a request and tells its end to the handler, also when this throws nothing. */
    void request(M message, long sendTimeoutMs, long timeoutMs, ReplyHandler<M> handler)
            throws SendFailedException, InterruptedException {
        Requests.Registered<M> registered = requests.register(message, timeoutMs, handler);
        try {
            enqueue(new Outbound(registered.message(), null), sendTimeoutMs);
        } catch (SendFailedException | InterruptedException e) {
            if (requests.cancel(registered.number())) {
                throw e;
            }
        }
    }

    boolean owned() {
        return Thread.currentThread() == thread;
    }

    private void failIfOver() throws SendFailedException {
        if (over || stopping) {
            throw new SendFailedException("socket is closed socket=" + settings.key(), failure());
        }
    }

    private void wake() {
        if (sleeping.get() && sleeping.compareAndSet(true, false)) {
            selector.wakeup();
        }
    }

    private ZMQ.Socket socket() {
        return Objects.requireNonNull(zmq, "socket is not open");
    }

    @Override
    public void run() {
        try {
            SocketOpener.Opened made = SocketOpener.open(context, settings, events);
            zmq = made.socket();
            SelectableChannel signal = made.socket().getFD();
            signal.register(selector, SelectionKey.OP_READ);
            LOG.info(
                    "opened socket={} {}={}",
                    settings.key(),
                    settings.bind() ? "bound" : "connecting",
                    settings.bind() ? made.boundAddresses() : settings.addresses());
            opened.complete(made.boundAddresses());
        } catch (Throwable e) {
            over = true;
            closeSelector();
            opened.completeExceptionally(e);
            return;
        }
        try {
            while (!stopping) {
                step(socket());
            }
        } catch (Throwable e) {
            if (!stopping) {
                failure = e;
                LOG.error("socket ended socket={}", settings.key(), e);
            }
        } finally {
            close(socket());
        }
    }

    private void step(ZMQ.Socket socket) throws IOException {
        Attached<M> attached = wanted;
        if (!Objects.equals(attached, current)) {
            change(attached);
        }
        if (attached != null && handover == null && senders.get() == 0 && requests.isEmpty()) {
            outbox.pump(socket);
            receiveInline(socket, attached.intake());
        } else {
            boolean worked = outbox.pump(socket);
            worked |= receive(socket, attached);
            requests.expire();
            if (!worked) {
                await(socket, attached);
            }
        }
    }

    private void change(@Nullable Attached<M> attached) {
        Attached<M> former = current;
        Handover<M> carrier = handover;
        if (carrier != null) {
            carrier.close();
            handover = null;
        } else if (former != null) {
            former.ended().countDown();
        }
        current = attached;
    }

    private void receiveInline(ZMQ.Socket socket, Intake<M> intake) {
        M message = reader.read(socket, 0);
        if (message == null) {
            return;
        }
        if (intake.batchSize() == 1) {
            counters.add(Counter.RECEIVED_MESSAGES, 1);
            counters.add(Counter.RECEIVED_BYTES, message.bytes());
            intake.take(List.of(message));
            return;
        }
        List<M> batch = new ArrayList<>(Math.min(sizeHint, intake.batchSize()));
        long bytes = message.bytes();
        batch.add(message);
        long deadline = intake.batchTimeoutMs() > 0 ? System.nanoTime() + intake.batchTimeoutMs() * 1_000_000 : 0;
        while (message != null && batch.size() < intake.batchSize() && bytes < intake.batchBytesMax()) {
            message = reader.read(socket, ZMQ.DONTWAIT);
            if (message == null && deadline != 0 && !stopping) {
                message = receiveUntil(socket, deadline);
            }
            if (message != null) {
                batch.add(message);
                bytes += message.bytes();
            }
        }
        sizeHint = batch.size() + batch.size() / 4 + 1;
        counters.add(Counter.RECEIVED_MESSAGES, batch.size());
        counters.add(Counter.RECEIVED_BYTES, bytes);
        intake.take(batch);
    }

    private @Nullable M receiveUntil(ZMQ.Socket socket, long deadline) {
        long left = (deadline - System.nanoTime() + 999_999) / 1_000_000;
        if (left <= 0) {
            return null;
        }
        socket.setReceiveTimeOut((int) left);
        M message = reader.read(socket, 0);
        socket.setReceiveTimeOut(SocketOpener.RECEIVE_TIMEOUT_MS);
        return message;
    }

    /** Reads what is there and there is room for. Returns whether there was anything. */
    private boolean receive(ZMQ.Socket socket, @Nullable Attached<M> attached) {
        if (attached == null && requests.isEmpty()) {
            return false;
        }
        int room = attached == null ? CHUNK : Math.min(CHUNK, carrier(attached).room());
        if (room == 0) {
            return false;
        }
        List<M> messages = new ArrayList<>(Math.min(sizeHint, room));
        long bytesMax = attached == null ? Long.MAX_VALUE : carrier(attached).roomBytes();
        long bytes = 0;
        int count = 0;
        M message = reader.read(socket, ZMQ.DONTWAIT);
        while (message != null) {
            count++;
            bytes += message.bytes();
            if (!requests.take(message)) {
                if (attached == null) {
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
        counters.add(Counter.RECEIVED_MESSAGES, count);
        counters.add(Counter.RECEIVED_BYTES, bytes);
        sizeHint = count + 1;
        if (attached != null && !messages.isEmpty()) {
            carrier(attached).add(messages, bytes);
        }
        return true;
    }

    private Handover<M> carrier(Attached<M> attached) {
        Handover<M> carrier = handover;
        if (carrier == null) {
            carrier = new Handover<>(attached.intake(), this::wake, attached.ended(), "bactrian-in-" + settings.key());
            carrier.start();
            handover = carrier;
        }
        return carrier;
    }

    /** Sleeps until ZeroMQ has something, a sender or the intake wakes us, or a request may be over. */
    private void await(ZMQ.Socket socket, @Nullable Attached<M> attached) throws IOException {
        sleeping.set(true);
        int events = socket.getEvents();
        boolean wantsIn =
                !requests.isEmpty() || (attached != null && carrier(attached).room() > 0);
        boolean ready = stopping
                || !Objects.equals(wanted, attached)
                || (wantsIn && (events & ZMQ.Poller.POLLIN) != 0)
                || (outbox.blocked() ? (events & ZMQ.Poller.POLLOUT) != 0 : !outbox.isEmpty());
        if (ready) {
            selector.selectNow();
        } else {
            selector.select(requests.isEmpty() && !stopping ? IDLE_WAIT_MS : REQUEST_WAIT_MS);
        }
        selector.selectedKeys().clear();
        sleeping.set(false);
    }

    private void close(ZMQ.Socket socket) {
        try {
            if (failure == null) {
                drain(socket);
            }
            change(null);
        } catch (Throwable e) {
            LOG.error("socket could not send all that waited socket={}", settings.key(), e);
        } finally {
            over = true;
            long dropped = outbox.discard("socket is closed socket=" + settings.key(), failure());
            if (dropped > 0) {
                LOG.warn("socket closed with messages left socket={} dropped={}", settings.key(), dropped);
            }
            requests.failAll(new SendFailedException("socket is closed socket=" + settings.key()));
            closeSelector();
            unbind(socket);
            socket.close();
            LOG.info("closed socket={}", settings.key());
        }
    }

    private void drain(ZMQ.Socket socket) throws IOException {
        long deadline = System.nanoTime() + settings.linger() * 1_000_000L;
        while (!outbox.isEmpty() && System.nanoTime() - deadline < 0) {
            if (!outbox.pump(socket)) {
                selector.select(REQUEST_WAIT_MS);
                selector.selectedKeys().clear();
            }
        }
    }

    /** Closes the listeners, and waits for it, so that the address is free when the stop returns. */
    private void unbind(ZMQ.Socket socket) {
        for (String address : settings.bind() ? boundAddresses() : List.<String>of()) {
            if (!address.startsWith("inproc:")) {
                events.awaitClosed(address, UNBIND_TIMEOUT_MS, () -> socket.unbind(address));
            }
        }
    }

    private void closeSelector() {
        try {
            selector.close();
        } catch (IOException e) {
            LOG.warn("selector could not be closed socket={}", settings.key(), e);
        }
    }
}
