package io.bactrian.pair.routes;

import io.bactrian.journal.log.Journal;
import io.bactrian.journal.log.JournalException;
import io.bactrian.pair.core.LogRepair;
import io.bactrian.pair.core.Outbox;
import io.bactrian.pair.core.PairCodec;
import io.bactrian.pair.core.PairEvent;
import io.bactrian.pair.core.PairMessage;
import io.bactrian.pair.core.PairNode;
import io.bactrian.pair.core.PairRehearsal;
import io.bactrian.pair.core.PairSettings;
import io.bactrian.pair.core.Replica;
import io.bactrian.pair.core.Role;
import io.bactrian.pair.core.Side;
import io.bactrian.pair.core.Witness;
import io.bactrian.support.context.ContextLife;
import io.bactrian.support.service.ActiveRole;
import io.bactrian.zeromq.ZeroMqMessage;
import io.bactrian.zeromq.socket.SocketEvent;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.apache.camel.CamelContext;
import org.apache.camel.ProducerTemplate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A node of a pair, as its routes and the application on it see it. It brings the core, the journal and the sockets of the
 * routes together, and decides nothing. Thread-safe.
 */
public final class Pair extends ContextLife implements ActiveRole {
    private static final Logger LOG = LoggerFactory.getLogger(Pair.class);
    private static final String WAKE = "seda:copy-log?size=1&discardWhenFull=true&waitForTaskToComplete=Never";
    private static final String SEND = "direct:send-copies?block=false&failIfNoConsumers=false";
    private static final int PROBE_MS = 100;
    private static final int PROBE_EACH_MS = 100;
    private static final int EVENTS_MAX = 50;

    private final CamelContext context;
    private final PairConfiguration configuration;
    private final Journal journal;
    private final WriteGate gate = new WriteGate();
    private final JournalPairLog log;
    private final PairNode node;
    private final Queues queues = new Queues();
    private final LogRepair repair;
    private final AtomicReference<PairMessage.@Nullable Fetched> fetchedLast = new AtomicReference<>();
    private final Runnable listener = this::logMoved;
    private final OwnHealth health;
    private final List<Consumer<PairEvent>> listeners = new CopyOnWriteArrayList<>();

    /** A lock that can be tried: whoever appends to the log must not wait for whoever waits for the log. */
    private final ReentrantLock lock = new ReentrantLock();
    // Guarded by the lock.
    private final Deque<ZeroMqMessage> down = new ArrayDeque<>();
    private final Deque<ZeroMqMessage> up = new ArrayDeque<>();
    private final Deque<ZeroMqMessage> questions = new ArrayDeque<>();
    private final Map<String, Long> counts = new TreeMap<>();
    private final Deque<String> events = new ArrayDeque<>();
    private final Map<PairEvent, Long> toldMs = new LinkedHashMap<>();
    private byte @Nullable [] peerId;
    /** As far as is known. While it is not, only a word now and then goes into ZeroMQ's queue, to be stale on arrival. */
    private boolean peerConnected = true;

    private long lastUpMs;
    /** Whether the peer can be asked for what is damaged here, and has not said that it lacks it too. */
    private volatile boolean repairIsNear;

    /** When it was last looked whether the peer's port is open; by the monitor's thread only. */
    private long probedMs = Long.MIN_VALUE / 2;

    private boolean healthy = true;
    /** When it was last found out whether this node is well; 0 before the first time. */
    private long beatMs;

    private @Nullable Replica replica;
    /** What is done after the lock; null while everything is done within it. */
    private @Nullable Set<Runnable> afterwards;

    private final Wake wake;
    private final ProducerTemplate send;

    Pair(CamelContext context, PairConfiguration configuration, Journal journal, EpochFile epochs) {
        this.wake = new Wake(context, WAKE);
        this.context = context;
        this.send = context.createProducerTemplate();
        this.configuration = configuration;
        this.journal = journal;
        PairSettings settings = configuration.settings();
        this.health = new OwnHealth(journal, settings.heartbeatMs());
        long firstNumber = System.currentTimeMillis() << 16;
        this.log = new JournalPairLog(journal, gate);
        this.node = new PairNode(settings, log, epochs, new Delegate(), queues, firstNumber, nowMs());
        this.repair = new LogRepair(settings, log, queues, firstNumber);
        journal.repairIsNear(() -> repairIsNear);
    }

    private <T extends @Nullable Object> T locked(Supplier<T> step) {
        lock.lock();
        try {
            return step.get();
        } finally {
            lock.unlock();
        }
    }

    private void doLocked(Runnable step) {
        lock.lock();
        try {
            step.run();
        } finally {
            lock.unlock();
        }
    }

    /** Milliseconds that never go back. */
    static long nowMs() {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime());
    }

    @Override
    protected void lifeBegins() {
        journal.addListener(listener);
        LOG.info(
                "pair={} side={} journal={} epoch={} end={} replication={} witness={}",
                configuration.settings().pair(),
                configuration.settings().side(),
                journal.folder(),
                journal.epoch(),
                journal.end(),
                configuration.settings().sync() ? "sync" : "async",
                configuration.settings().witness() ? configuration.witness() : "none");
    }

    @Override
    protected void lifeEnds() {
        journal.removeListener(listener);
        wake.close();
        send.stop();
        repair.close();
    }

    /** Takes the application that keeps its state in the log; it is asked to build it at once. */
    public void replica(Replica application) {
        doLocked(() -> {
            replica = application;
            application.rebuild();
        });
    }

    /**
     * As {@link #replica}, for what needs time to become active: nothing can be appended to the log of an active node until
     * it says {@link #open}.
     */
    public void slowReplica(Replica application) {
        doLocked(() -> {
            log.opensLater();
            replica(application);
        });
    }

    /**
     * Takes over once with a log that is thrown away, so that the code of a takeover is loaded. The log of the pair,
     * its peer and its
     * witness are not touched.
     *
     * @throws JournalException if that log fails
     */
    public void rehearse(Journal scratch) {
        PairRehearsal.takeOver(configuration.settings(), new JournalPairLog(scratch, new WriteGate()), nowMs());
        try {
            rehearseProbe();
        } catch (IOException e) {
            LOG.debug("the probe of the peer's port is not rehearsed: {}", e.getMessage());
        }
    }

    /** Asks for a port of this machine, while it takes connections and when it refuses them. */
    private static void rehearseProbe() throws IOException {
        String address;
        try (ServerSocket open = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            address = "tcp://" + open.getInetAddress().getHostAddress() + ":" + open.getLocalPort();
            LOG.trace("refused={}", isRefused(address));
        }
        LOG.trace("refused={}", isRefused(address));
    }

    /** Opens the log to appends, if this node is still active in an epoch; returns whether it is. */
    public boolean open(int epoch) {
        return locked(() -> {
            boolean may = node.active() && node.epoch() == epoch;
            if (may) {
                log.openNow();
            }
            return may;
        });
    }

    /** A client asks for something that only an active node gives: it is the vote for a takeover. */
    public void vote() {
        doLocked(() -> node.request(nowMs()));
        wake();
    }

    public void removeListener(Consumer<PairEvent> events) {
        listeners.remove(events);
    }

    /** Which node this is. */
    public Side side() {
        return configuration.settings().side();
    }

    /** Whether the peer was last heard as active. */
    public boolean peerActive() {
        return locked(() -> node.peerRole() == Role.ACTIVE && !node.peerDead(nowMs()));
    }

    /** The log of the pair. */
    public Journal journal() {
        return journal;
    }

    /** Something that must work for the node to send heartbeats, beside its disk. */
    public void addHealthCheck(BooleanSupplier check) {
        health.add(check);
    }

    /** Hears of every event, on the thread on which it happens, so it must be quick. */
    public void addListener(Consumer<PairEvent> events) {
        listeners.add(events);
    }

    /**
     * A client's request: it is the vote for a takeover. If true, the caller is inside the gate: whatever it appends belongs
     * to this epoch, and it must call {@link #leave} afterwards.
     */
    public boolean enter() {
        if (!locked(() -> node.request(nowMs()))) {
            wake();
            return false;
        }
        return gate.enter();
    }

    public void leave() {
        gate.leave();
    }

    /** Something was appended: what may be relied on moves on at once if nobody is waited for. Outside the gate. */
    public void appended() {
        doLocked(() -> node.appended(nowMs()));
    }

    @Override
    public void onRoleChange(Runnable changed) {
        addListener(event -> {
            if (event.kind() == PairEvent.Kind.ACTIVE || event.kind() == PairEvent.Kind.PASSIVE) {
                changed.run();
            }
        });
    }

    @Override
    public boolean active() {
        return locked(node::active);
    }

    public Role role() {
        return locked(node::role);
    }

    @Override
    public int epoch() {
        return locked(node::epoch);
    }

    /** The position up to which the log may be relied on. */
    public long committed() {
        return locked(node::committed);
    }

    private void wake() {
        wake.now();
    }

    /**
     * Called by whoever appends, so it waits for nothing. A lone entry goes to the peer on this thread, as each change
     * of threads costs
     * as much as the network; a stream is copied by the route, in larger parts.
     */
    private void logMoved() {
        if (!lock.tryLock()) {
            wake();
            return;
        }
        boolean done;
        List<ZeroMqMessage> copies;
        try {
            done = node.appendedInPassing(nowMs()) && up.isEmpty() && questions.isEmpty();
            copies = drain(down);
        } finally {
            lock.unlock();
        }
        if (!copies.isEmpty() && context.isStarted()) {
            send.send(SEND, exchange -> exchange.getMessage().setBody(copies));
        }
        if (!done) {
            wake();
        }
    }

    /** The digit of the role, or null while this node could not serve: its disk does not take a write, say. */
    public byte @Nullable [] beat() {
        String problem = health.problem(nowMs());
        return locked(() -> {
            if (healthy != problem.isEmpty()) {
                healthy = problem.isEmpty();
                LOG.warn("heartbeats {}", healthy ? "go on" : "stop: " + problem);
            }
            beatMs = nowMs();
            node.silent(!healthy);
            return healthy ? new byte[] {node.role().digit()} : null;
        });
    }

    /** Hears heartbeats of the peer. */
    public void hearHeartbeat(byte[] frame) {
        doLocked(() -> Role.ofHeartbeat(frame)
                .ifPresentOrElse(role -> node.heartbeat(role, nowMs()), () -> count("badHeartbeats")));
    }

    /** Time goes on. */
    public void tick() {
        doLocked(() -> {
            long now = nowMs();
            // Whoever looks after the beats waits for the disk.
            node.silent(!healthy
                    || (beatMs > 0 && now - beatMs >= configuration.settings().deadAfterMs()));
            node.tick(now);
        });
    }

    /** Looks at the next part of the log for what the disk has damaged, and repairs what is known. */
    public void scrub(int bytes) {
        try {
            log.scrub(bytes);
        } catch (JournalException e) {
            queues.event(new PairEvent(PairEvent.Kind.REPAIR_FAILED, "the log cannot be read: " + e.getMessage()));
        }
        long shared = locked(node::shared);
        repair.step(shared, fetchedLast.getAndSet(null), nowMs());
        repairIsNear = shared > 0 && !repair.pauses(nowMs());
    }

    /** Hears what the peer says to the log of this node; returns whether there is something to send. */
    public boolean hear(List<ZeroMqMessage> messages) {
        Set<Runnable> steps = new LinkedHashSet<>();
        for (ZeroMqMessage message : messages) {
            PairMessage read = read(message);
            doLocked(() -> {
                afterwards = steps;
                try {
                    if (read instanceof PairMessage.State) {
                        peerId = message.routingId();
                    }
                    take(read);
                } finally {
                    afterwards = null;
                }
            });
        }
        steps.forEach(Runnable::run);
        return locked(() -> !down.isEmpty() || !up.isEmpty() || !questions.isEmpty());
    }

    /**
     * For an application that is told something while the peer is heard: has a step done on this thread, as soon as the lock of
     * the pair is free. Returns false if it is told for another reason; then the step is to be done elsewhere.
     */
    public boolean afterwards(Runnable step) {
        Set<Runnable> steps = lock.isHeldByCurrentThread() ? afterwards : null;
        if (steps != null) {
            steps.add(step);
        }
        return steps != null;
    }

    /** Keeps what comes from the log of the peer. */
    public void keep(List<ZeroMqMessage> messages) {
        List<PairMessage> read = new ArrayList<>();
        for (ZeroMqMessage message : messages) {
            PairMessage one = read(message);
            if (one != null) {
                read.add(one);
            }
        }
        for (PairMessage message : PairMessage.Copies.joined(read)) {
            doLocked(() -> {
                peerConnected = true;
                take(message);
            });
        }
    }

    private @Nullable PairMessage read(ZeroMqMessage message) {
        try {
            return PairCodec.message(message.frame(message.size() - 1));
        } catch (PairCodec.BadFrameException e) {
            doLocked(() -> count("badFrames"));
            LOG.debug("refused a frame of {} octets: {}", message.bytes(), e.getMessage());
            return null;
        }
    }

    private void take(@Nullable PairMessage read) {
        try {
            if (read instanceof PairMessage.Fetch fetch) {
                queues.toPeer(
                        LogRepair.answer(fetch, log, configuration.settings().chunkBytes()));
            } else if (read instanceof PairMessage.Fetched fetched) {
                fetchedLast.set(fetched);
            } else if (read != null) {
                node.message(read, nowMs());
            }
        } catch (JournalException | IllegalArgumentException e) {
            count("failures");
            tell(new PairEvent(PairEvent.Kind.COPY_FAILED, String.valueOf(e.getMessage())));
        }
    }

    /** Hears the witness. */
    public void hearWitness(List<ZeroMqMessage> messages) {
        for (ZeroMqMessage message : messages) {
            doLocked(() -> {
                try {
                    node.witnessReply(PairCodec.reply(message.frame(message.size() - 1)), nowMs());
                } catch (PairCodec.BadFrameException e) {
                    count("badFrames");
                    LOG.debug("refused a frame of the witness: {}", e.getMessage());
                }
            });
        }
    }

    /** Returns the messages to the peer's copy: entries and what begins them. */
    public List<ZeroMqMessage> copies() {
        return locked(() -> {
            node.appended(nowMs());
            return drain(down);
        });
    }

    /** Returns the messages to the peer's log: how this node stands, and what it has. */
    public List<ZeroMqMessage> confirms() {
        return drain(up);
    }

    /** Returns the questions to the witness. */
    public List<ZeroMqMessage> questions() {
        return drain(questions);
    }

    private List<ZeroMqMessage> drain(Deque<ZeroMqMessage> queue) {
        return locked(() -> {
            List<ZeroMqMessage> all = new ArrayList<>(queue);
            queue.clear();
            return all;
        });
    }

    /** Hears of the connection to the peer. When it is closed, it is looked whether anybody still listens there. */
    public void noticeConnection(SocketEvent event) {
        switch (event.type()) {
            case CONNECTED -> {
                doLocked(() -> peerConnected = true);
            }
            case DISCONNECTED, RETRIED, CLOSED -> {
                if (event.type() != SocketEvent.Type.DISCONNECTED && nowMs() - probedMs < PROBE_EACH_MS) {
                    return; // each try to connect again tells two of them
                }
                probedMs = nowMs();
                boolean refused = isRefused(configuration.peerCopies());
                doLocked(() -> {
                    peerConnected = false;
                    up.clear();
                    if (refused) {
                        node.peerRefused(nowMs());
                    }
                });
                wake();
            }
            default -> LOG.trace("event={}", event);
        }
    }

    static boolean isRefused(String address) {
        // No URI: the name of a container may have an underscore, which the host of a URI may not.
        String place = address.substring(address.indexOf("://") + 3);
        int colon = place.lastIndexOf(':');
        String host = place.substring(0, colon).replaceAll("[\\[\\]]", "");
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(host, Integer.parseInt(place.substring(colon + 1))), PROBE_MS);
            return false;
        } catch (java.net.ConnectException e) {
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    /** Hands over to the peer; throws {@link IllegalStateException} if that is not possible now. */
    public void switchOver() {
        doLocked(() -> node.switchOver(nowMs()));
        wake();
    }

    /** Makes this node active by an operator's decision; throws {@link IllegalStateException} if it must not. */
    public void promote(boolean force) {
        doLocked(() -> node.promote(force, nowMs()));
        wake();
    }

    private void count(String what) {
        counts.merge(what, 1L, Long::sum);
    }

    private void tell(PairEvent event) {
        count("event." + event.kind());
        long now = nowMs();
        Long last = toldMs.get(event);
        if (last != null && now - last < 60_000) {
            return;
        }
        toldMs.put(event, now);
        if (toldMs.size() > EVENTS_MAX) {
            toldMs.remove(toldMs.keySet().iterator().next());
        }
        events.addFirst(java.time.Instant.now().truncatedTo(java.time.temporal.ChronoUnit.MILLIS) + " " + event.kind()
                + " " + event.text());
        if (events.size() > EVENTS_MAX) {
            events.removeLast();
        }
        if (event.kind().alarm()) {
            LOG.warn("pair={} {}: {}", configuration.settings().pair(), event.kind(), event.text());
        } else {
            LOG.info("pair={} {}: {}", configuration.settings().pair(), event.kind(), event.text());
        }
    }

    /** Returns the figures for an operator. */
    public Map<String, Object> figures() {
        return locked(() -> {
            Map<String, Object> all = new LinkedHashMap<>();
            long now = nowMs();
            PairMessage.State peer = node.peerState();
            all.put("pair", configuration.settings().pair());
            all.put("side", configuration.settings().side().name());
            all.put("role", node.role().name());
            all.put("epoch", node.epoch());
            all.put("first", journal.first());
            all.put("end", journal.end());
            all.put("committed", node.committed());
            all.put("healthy", healthy);
            all.put("takeovers", node.takeovers());
            all.put("repaired", counts.getOrDefault("event." + PairEvent.Kind.REPAIRED, 0L));
            all.put("peerAlive", !node.peerDead(now));
            all.put("peerRole", String.valueOf(node.peerRole()));
            all.put("peerEnd", peer == null ? -1 : peer.log().end());
            all.put("peerStanding", node.active() ? node.standing().name() : "-");
            all.put(
                    "lag",
                    node.active()
                            ? journal.end() - node.confirmed()
                            : peer == null ? 0 : Math.max(0, peer.log().end() - journal.end()));
            all.put("replication", configuration.settings().sync() ? "sync" : "async");
            all.put("witness", !configuration.settings().witness() ? "none" : node.witnessAway() ? "away" : "answers");
            all.put("witnessRecord", String.valueOf(node.witnessRecord()));
            all.put("counts", new TreeMap<>(counts));
            all.put("events", List.copyOf(events));
            return all;
        });
    }

    /** Sorts what the core has to say into the queues of the routes. */
    private final class Queues implements Outbox {
        @Override
        public void toPeer(PairMessage message) {
            doLocked(() -> sort(message));
        }

        private void sort(PairMessage message) {
            boolean toCopy = message instanceof PairMessage.Attach
                    || message instanceof PairMessage.Copies
                    || message instanceof PairMessage.HandOver
                    || message instanceof PairMessage.Fetched;
            byte[] id = peerId;
            if (toCopy && id != null) {
                down.add(ZeroMqMessage.of(id, PairCodec.encode(message)));
            } else if (!toCopy
                    && (peerConnected
                            || nowMs() - lastUpMs > 5 * configuration.settings().heartbeatMs())) {
                lastUpMs = nowMs();
                up.add(ZeroMqMessage.of(null, PairCodec.encode(message)));
            }
        }

        @Override
        public void toWitness(Witness.Request request) {
            questions.add(ZeroMqMessage.of(null, PairCodec.encode(request)));
        }

        @Override
        public void event(PairEvent event) {
            doLocked(() -> {
                tell(event);
                listeners.forEach(listener -> listener.accept(event));
            });
        }
    }

    /** Passes on to the application, if there is one. Called within the lock. */
    private final class Delegate implements Replica {
        @Override
        public void copied(List<io.bactrian.journal.log.Entry> entries) {
            Replica application = replica;
            if (application != null) {
                application.copied(entries);
            }
        }

        @Override
        public void rebuild() {
            Replica application = replica;
            if (application != null) {
                application.rebuild();
            }
        }

        @Override
        public void activated(int epoch) {
            Replica application = replica;
            if (application != null) {
                application.activated(epoch);
            }
        }

        @Override
        public void deactivated() {
            Replica application = replica;
            if (application != null) {
                application.deactivated();
            }
        }

        @Override
        public void committed(long position) {
            Replica application = replica;
            if (application != null) {
                application.committed(position);
            }
        }
    }
}
