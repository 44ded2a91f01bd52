package io.bactrian.zeromq.socket;

import io.bactrian.zeromq.socket.SocketCounters.Counter;
import java.io.IOException;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.zeromq.ZMQ;

/**
 * The one thread that owns a socket: it makes, uses and closes it. It is never interrupted; a flag ends it.
 *
 * <p>While nobody sends on the socket it hands what it receives straight to the intake, waiting inside
 * ZeroMQ. As soon as somebody may send, it waits on the socket's signal and on wake-ups of the senders, and
 * the intake moves to a thread of its own, unless it asks for this one: so a route that answers on the socket it
 * reads cannot block it.
 */
final class SocketThread<M extends SocketMessage> implements Runnable, SocketView {
    private static final Logger LOG = LoggerFactory.getLogger(SocketThread.class);
    private static final long IDLE_WAIT_MS = 1_000;
    private static final long BUSY_WAIT_MS = 10;
    private static final long NAP_MIN_NANOS = 20_000;
    private static final long NAP_MAX_NANOS = 160_000;
    /** A nap after which this share of the queue waits was not too long. */
    private static final int NAP_SHARE = 16;

    private static final int BUSY_ITEMS = 64;
    /** So often ZeroMQ is waited in for a message in vain, until the thread sleeps so that only a message wakes it. */
    private static final int IN_VAIN = 10;

    private static final long STOP_MARGIN_MS = 5_000;
    private static final long UNBIND_TIMEOUT_MS = 1_000;
    private static final long REVIVE_LOOK_NANOS = 20_000_000;
    private static final long REVIVE_RETRY_NANOS = 500_000_000;

    private final SocketSecurity security;
    private final SocketSettings settings;
    private final SocketCounters counters = new SocketCounters();
    private final PeerErrorLog errorLog;
    private final SocketEvents events;
    private final SendBuffer outbox;
    private final Requests<M> requests;
    private final Receiving<M> receiving;
    private final @Nullable LazyPirate<M> pirate;
    private final Signal signal = new Signal();
    private final Thread thread;
    private final CompletableFuture<List<String>> opened = new CompletableFuture<>();
    private final AtomicInteger senders = new AtomicInteger();

    private final AtomicInteger users = new AtomicInteger();
    private volatile boolean stopping;
    private volatile boolean over;
    private volatile @Nullable Throwable failure;
    private final Targets targets;
    private volatile @Nullable Throwable notRevived;
    private volatile SocketContext.@Nullable Life life;
    private ZMQ.@Nullable Socket zmq;
    private long itemsAtSleep;
    private int inVain;
    private long napNanos = NAP_MIN_NANOS;

    SocketThread(SocketContext context, SocketSettings settings, MessageFactory<M> factory, SocketListener listener)
            throws IOException {
        this.settings = settings;
        this.errorLog = new PeerErrorLog(settings.key(), System::nanoTime);
        ConnectionTable peers = new ConnectionTable(settings, counters, errorLog, System::nanoTime);
        Frames frames = new Frames(settings, peers, context.spareFrames());
        this.events = new SocketEvents(settings, counters, errorLog, frames, up -> {}, listener::happened);
        this.security = new SocketSecurity(context, settings, events, frames);
        this.targets = new Targets(settings, context, false, signal::wake);
        MessageReader<M> reader = new MessageReader<>(settings, factory, counters, errorLog, security);
        this.outbox = new SendBuffer(settings, counters, errorLog);
        this.requests = new Requests<>(factory, counters, settings.queues().pendingQueue());
        this.receiving =
                new Receiving<>(settings, reader, requests, counters, context.threads(), signal::wake, this::sending);
        this.pirate =
                settings.kind() == SocketKind.req ? new LazyPirate<>(settings, reader, counters, () -> reopen()) : null;
        this.thread = context.threads().newThread("bactrian-" + settings.key(), this);
    }

    /** Opens the socket. Returns when it is bound or connecting. */
    void start() throws IOException, InterruptedException {
        thread.start();
        try {
            opened.get();
        } catch (ExecutionException e) {
            throw e.getCause() instanceof IOException cause
                    ? cause
                    : new IOException("cannot open " + settings.key() + ": " + e.getMessage(), e.getCause());
        }
    }

    /** Sends what waits, for as long as the socket may linger, then closes it. Returns when it is closed. */
    void stop() throws InterruptedException {
        stopping = true;
        signal.wake();
        if (!owned()) {
            thread.join(settings.queues().linger() + STOP_MARGIN_MS);
            if (thread.isAlive()) {
                LOG.error("socket is not closed in time socket={}", settings.key());
            }
        }
    }

    @Override
    public SocketSettings settings() {
        return settings;
    }

    @Override
    public SocketCounters counters() {
        return counters;
    }

    @Override
    public List<String> boundAddresses() {
        return opened.join();
    }

    @Override
    public @Nullable Throwable failure() {
        Throwable io = security.context().failure();
        SocketContext.Life current = life;
        Throwable death = current == null ? null : current.death();
        Throwable intake = receiving.failure();
        Throwable mine = failure == null ? notRevived : failure;
        return io != null ? io : death != null ? death : intake != null ? intake : mine;
    }

    @Override
    public int queued() {
        return outbox.size();
    }

    @Override
    public int pendingRequests() {
        return pirate == null ? requests.size() : pirate.size();
    }

    @Override
    public int users() {
        return users.get();
    }

    /** Owner, with xpubManual: lets a subscription, or the end of one, take effect for the peer that was heard last. */
    void admit(byte[] subscription) {
        if (!owned()) {
            throw new IllegalStateException("a subscription is decided on the thread of its socket");
        }
        ZMQ.Socket socket = Objects.requireNonNull(zmq);
        // JeroMQ skips the first octet of the prefix: it has to be given the whole frame.
        if (subscription[0] == 1) {
            socket.subscribe(subscription);
        } else {
            socket.unsubscribe(subscription);
        }
    }

    /** Counts users more or less. Returns their number. */
    int use(int change) {
        return users.addAndGet(change);
    }

    /** From now on somebody may send. */
    void addSender() {
        senders.incrementAndGet();
    }

    void removeSender() {
        senders.decrementAndGet();
    }

    private boolean sending() {
        return senders.get() > 0;
    }

    Receiving<M> receiving() {
        return receiving;
    }

    boolean owned() {
        return Thread.currentThread() == thread;
    }

    /** Queues an item, waiting for room up to the timeout. */
    void enqueue(SendItem item, long timeoutMs) throws SendFailedException, InterruptedException {
        if (owned()) {
            enqueueFromOwner(item, timeoutMs);
            return;
        }
        failIfOver();
        if (!outbox.offer(item, timeoutMs)) {
            throw queueFull(timeoutMs);
        }
        signal.wake();
        if (over) {
            outbox.discard("socket is closed socket=" + settings.key(), failure());
            if (item.discarded()) {
                throw closed();
            }
        }
    }

    /** A route that runs on this thread sends on its own socket: nobody else will empty the queue meanwhile. */
    private void enqueueFromOwner(SendItem item, long timeoutMs) throws SendFailedException {
        ZMQ.Socket socket = Objects.requireNonNull(zmq);
        long deadline = System.nanoTime() + timeoutMs * 1_000_000;
        try {
            while (outbox.full() && !outbox.pump(socket)) {
                if (System.nanoTime() - deadline >= 0) {
                    throw queueFull(timeoutMs);
                }
                signal.sleep(BUSY_WAIT_MS);
            }
        } catch (IOException e) {
            throw new SendFailedException("cannot wait for the socket socket=" + settings.key(), e);
        }
        outbox.addFromOwner(item);
        outbox.pump(socket);
    }

    private SendFailedException queueFull(long timeoutMs) {
        counters.count(Counter.SEND_TIMEOUTS);
        return new SendFailedException("send queue is full socket=" + settings.key() + " pendingQueue="
                + settings.queues().pendingQueue() + " sendTimeout=" + timeoutMs + " ms");
    }

    /** Sends a request; its end is told to the handler unless this throws. */
    void request(M message, long sendTimeoutMs, long timeoutMs, ReplyHandler<M> handler)
            throws SendFailedException, InterruptedException {
        if (pirate != null) {
            failIfOver();
            if (!pirate.offer(message, sendTimeoutMs, timeoutMs, handler)) {
                throw queueFull(sendTimeoutMs);
            }
            signal.wake();
            if (over) {
                pirate.failAll(closed());
            }
            return;
        }
        Requests.Registered registered = requests.register(message, timeoutMs, handler);
        try {
            enqueue(registered.item(), sendTimeoutMs);
        } catch (SendFailedException | InterruptedException e) {
            if (requests.cancel(registered.number())) {
                throw e;
            }
        }
        if (over) {
            requests.failAll(closed());
        }
    }

    private void failIfOver() throws SendFailedException {
        if (over || stopping) {
            throw closed();
        }
    }

    private SendFailedException closed() {
        return new SendFailedException("socket is closed socket=" + settings.key(), failure());
    }

    @Override
    public void run() {
        try {
            security.open();
            targets.begin();
            opened.complete(open());
        } catch (Throwable e) {
            over = true;
            targets.close();
            signal.close();
            closeSecurity();
            opened.completeExceptionally(e);
            return;
        }
        try {
            while (!stopping) {
                step();
            }
        } catch (Throwable e) {
            failure = e;
            LOG.error("socket ended socket={}", settings.key(), e);
        } finally {
            close();
        }
    }

    private List<String> open() throws IOException {
        life = security.context().life();
        events.peers().in(security.context());
        boolean again = settings.bind() && opened.isDone();
        SocketOpener.Opened made =
                SocketOpener.open(security, settings, events, again ? boundAddresses() : targets.opening());
        zmq = made.socket();
        targets.unknown(made.unknown());
        if (settings.kind() == SocketKind.router) {
            // Else what it drops could not be counted: whether to drop or to wait, the outbox decides.
            made.socket().setRouterMandatory(true);
        }
        signal.watch(made.socket());
        security.context().sweeper().add(events.peers());
        LOG.info(
                "opened socket={} {}={}",
                settings.key(),
                settings.bind() ? "bound" : "connecting",
                settings.bind() ? made.boundAddresses() : settings.addresses());
        return made.boundAddresses();
    }

    /** Whether an I/O thread has died, so that the socket is to be opened once more. */
    private boolean dead() {
        SocketContext.Life current = life;
        return zmq == null || (current != null && current.death() != null);
    }

    /** Leaves the socket to the dead context, and opens it in the new one as soon as that is there. */
    private void revive() throws InterruptedException, IOException {
        receiving.update();
        SocketContext.Life current = Objects.requireNonNull(life);
        if (current.death() != null && security.context().revive(current) == null) {
            LockSupport.parkNanos(this, REVIVE_LOOK_NANOS);
            return;
        }
        ZMQ.Socket former = zmq;
        if (former != null) {
            zmq = null;
            signal.unwatch();
            security.abandon(former, current, boundAddresses());
        }
        try {
            security.reopen();
            open();
            notRevived = null;
            counters.count(Counter.REBUILT);
        } catch (IOException | RuntimeException e) {
            notRevived = e;
            errorLog.report("cannot open the socket again: " + e.getMessage(), "-");
            LockSupport.parkNanos(this, REVIVE_RETRY_NANOS);
        }
    }

    private ZMQ.Socket reopen() throws IOException {
        ZMQ.Socket former = Objects.requireNonNull(zmq);
        signal.unwatch();
        unbind(former);
        former.setLinger(0);
        former.close();
        open();
        return Objects.requireNonNull(zmq);
    }

    private void step() throws IOException, InterruptedException {
        if (dead()) {
            revive();
            return;
        }
        ZMQ.Socket socket = Objects.requireNonNull(zmq);
        if (targets.moved()) {
            targets.move(socket, events.reconnector());
        }
        if (pirate != null) {
            if (!pirate.step(socket)) {
                awaitAnswer(socket, pirate);
            }
            return;
        }
        receiving.update();
        if (events.reconnector().waiting()) {
            events.reconnector().reconnect(socket, targets);
        }
        if (security.overflowing(receiving.unread())) {
            discard(socket);
        }
        if (!sending() && receiving.inline()) {
            outbox.pump(socket);
            receiveOrSleep(socket);
            return;
        }
        inVain = 0;
        boolean worked = outbox.pump(socket);
        security.sending(outbox.blocked());
        worked |=
                receiving.onSocketThread() ? receiving.receiveInline(socket, ZMQ.DONTWAIT) : receiving.receive(socket);
        worked |= requests.expire();
        if (worked) {
            signal.worked();
        } else {
            await(socket);
        }
    }

    /**
     * Waits for a message inside ZeroMQ, which is the fastest way but has to look up every few milliseconds whether there
     * is something else to do: thousands of sockets without messages would keep the machine busy. So it sleeps when there
     * were none for a while.
     */
    private void receiveOrSleep(ZMQ.Socket socket) throws IOException {
        boolean quiet = inVain >= IN_VAIN;
        if (receiving.receiveInline(socket, quiet ? ZMQ.DONTWAIT : 0)) {
            inVain = 0;
            signal.worked();
        } else if (!quiet) {
            inVain++;
        } else {
            signal.arm();
            if (stopping
                    || targets.moved()
                    || receiving.changed()
                    || !outbox.isEmpty()
                    || (socket.getEvents() & ZMQ.Poller.POLLIN) != 0) {
                signal.disarm();
            } else {
                signal.sleep(IDLE_WAIT_MS);
            }
        }
    }

    private void discard(ZMQ.Socket socket) {
        if (receiving.discard(socket) > 0) {
            errorLog.report("dropped what was received and nobody read in time", "all");
        }
    }

    /** Sleeps until ZeroMQ has something, a sender or the intake wakes us, or a request may be over. */
    private void await(ZMQ.Socket socket) throws IOException {
        if (outbox.itemsSent() - itemsAtSleep > BUSY_ITEMS && !outbox.blocked()) {
            itemsAtSleep = outbox.itemsSent();
            if (nap()) {
                return;
            }
        }
        signal.arm();
        int ready = socket.getEvents();
        if ((ready & ZMQ.Poller.POLLIN) == 0) {
            security.emptied();
        }
        boolean work = stopping
                || targets.moved()
                || receiving.changed()
                || ((ready & ZMQ.Poller.POLLIN) != 0 && receiving.wanting())
                || (outbox.blocked() ? (ready & ZMQ.Poller.POLLOUT) != 0 : !outbox.isEmpty());
        if (work) {
            signal.disarm();
        } else {
            itemsAtSleep = outbox.itemsSent();
            signal.sleep(requests.isEmpty() ? IDLE_WAIT_MS : BUSY_WAIT_MS);
        }
    }

    /**
     * Many senders are at work: the next messages are due, and a wake-up costs more than a nap. It is the longer the more
     * was waiting after the last one, so that a round of questions and answers is not held up, and a stream runs in large
     * steps. Returns whether something waits.
     */
    private boolean nap() {
        LockSupport.parkNanos(this, napNanos);
        int waiting = outbox.size();
        napNanos = waiting > settings.queues().pendingQueue() / NAP_SHARE
                ? Math.min(NAP_MAX_NANOS, 2 * napNanos)
                : Math.max(NAP_MIN_NANOS, napNanos / 2);
        return waiting > 0 || !outbox.isEmpty();
    }

    private void awaitAnswer(ZMQ.Socket socket, LazyPirate<M> requester) throws IOException {
        signal.arm();
        long sleepMs = requester.sleepMs(IDLE_WAIT_MS);
        if (stopping || targets.moved() || sleepMs == 0 || requester.ready(socket.getEvents())) {
            signal.disarm();
        } else {
            signal.sleep(sleepMs);
        }
    }

    private void close() {
        boolean dead = dead();
        ZMQ.Socket socket = zmq;
        targets.close();
        try {
            receiving.end();
            if (failure == null && !dead && socket != null) {
                drain(socket);
            }
        } catch (IOException | RuntimeException e) {
            LOG.error("socket could not send all that waited socket={}", settings.key(), e);
        } finally {
            over = true;
            long dropped = outbox.discard("socket is closed socket=" + settings.key(), failure());
            if (dropped > 0) {
                LOG.warn("socket closed with messages left socket={} dropped={}", settings.key(), dropped);
            }
            requests.failAll(closed());
            if (pirate != null) {
                pirate.failAll(closed());
            }
            signal.close();
            security.release();
            security.context().sweeper().remove(events.peers());
            if (socket != null) {
                close(socket, dead);
            }
            closeSecurity();
            LOG.info("closed socket={}", settings.key());
        }
    }

    private void close(ZMQ.Socket socket, boolean dead) {
        if (dead) {
            security.abandon(socket, Objects.requireNonNull(life), boundAddresses());
        } else {
            unbind(socket);
            socket.close();
        }
    }

    private void closeSecurity() {
        try {
            security.close();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void drain(ZMQ.Socket socket) throws IOException {
        long deadline = System.nanoTime() + settings.queues().linger() * 1_000_000L;
        while (!outbox.isEmpty() && System.nanoTime() - deadline < 0) {
            if (!outbox.pump(socket)) {
                signal.sleep(BUSY_WAIT_MS);
            }
        }
    }

    /** Closes the listeners, and waits for it, so that the address is free when the stop returns. */
    private void unbind(ZMQ.Socket socket) {
        if (settings.bind()) {
            settings.addresses().forEach(security.context()::closed);
        }
        for (String address : settings.bind() ? boundAddresses() : List.<String>of()) {
            if (address.startsWith("inproc:")) {
                socket.unbind(address);
            } else if (!events.awaitClosed(address, UNBIND_TIMEOUT_MS, () -> socket.unbind(address))) {
                LOG.warn("listener is not closed in time socket={} address={}", settings.key(), address);
            }
        }
    }
}
