package io.bactrian.discovery.routes;

import io.bactrian.discovery.core.Action;
import io.bactrian.discovery.core.Content;
import io.bactrian.discovery.core.GossipCodec;
import io.bactrian.discovery.core.NodeView;
import io.bactrian.discovery.core.Registration;
import io.bactrian.discovery.core.RequestRefusedException;
import io.bactrian.discovery.core.RouterCore;
import io.bactrian.discovery.core.Self;
import io.bactrian.support.context.ContextLife;
import io.bactrian.support.database.StoreException;
import io.bactrian.support.thread.ContextThreads;
import io.bactrian.support.thread.NamedThreads;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.apache.camel.CamelContext;
import org.apache.camel.ProducerTemplate;
import org.apache.camel.RuntimeCamelException;
import org.apache.camel.StartupListener;
import org.apache.camel.component.seda.SedaEndpoint;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A router of the discovery: the core with its socket, its pings and its database. There is one for each CamelContext, made
 * when the first route looks up one of its beans. Any thread; events go to the core one at a time, and what it wants done is
 * done outside the lock.
 */
public final class RouterNode extends ContextLife {
    private static final Logger LOG = LoggerFactory.getLogger(RouterNode.class);
    private static final String CHANGES = "seda:announce-change?size=10000&waitForTaskToComplete=Never";
    private static final String ASSIGNMENTS = "seda:announce-assignment?size=10000&waitForTaskToComplete=Never";
    private static final String AS_LONG_AS_ROUTES_RUN = "?block=false&failIfNoConsumers=false";
    private static final String GOSSIP = "direct:take-gossip" + AS_LONG_AS_ROUTES_RUN;
    private static final String TIME = "direct:let-time-pass" + AS_LONG_AS_ROUTES_RUN;
    private static final int QUEUE_MAX = 10_000;

    private final CamelContext context;
    private final DiscoverySettings settings;
    private final NodeStore store;
    private final NodeStore.Identity identity;
    private final GossipCodec codec;
    private final GossipSocket socket;
    private final @Nullable Beacon beacon;
    private final NodePinger pinger;
    private final RouterClock clock;
    private final Notices notices;
    private final NodeWatchers watchers;
    private final ProducerTemplate template;
    private final RouterCore core;
    private final long startedWallMs = System.currentTimeMillis();
    private final long startedNs = System.nanoTime();
    private final Map<String, NodeView> unsaved = new LinkedHashMap<>();
    private final List<String> removed = new ArrayList<>();
    private final String gossipAddress;
    private final Introductions introductions = new Introductions();
    private volatile boolean running;
    private long savedAtMs;
    private volatile String saveProblem = "";

    /**
     * Opens the database and binds the socket.
     *
     * @throws IllegalArgumentException if the configuration is wrong, with every problem
     * @throws StoreException if the database cannot be opened
     */
    RouterNode(CamelContext context) {
        this.context = context;
        settings = DiscoverySettings.of(context);
        if (settings.misleads()) {
            LOG.warn(
                    "other machines cannot reach this router: gossip={} but advertise={}; set bactrian.discovery.advertise to the"
                            + " host under which they do",
                    settings.gossip(),
                    settings.advertised());
        }
        notices = new Notices(this::now);
        watchers = new NodeWatchers(settings.watchersMax());
        template = context.createProducerTemplate();
        codec = new GossipCodec(settings.cluster());
        store = NodeStore.open(settings.database());
        try {
            identity = store.begin(settings.id());
            NamedThreads threads = new ContextThreads(context);
            DatagramSeal seal = DatagramSeal.of(settings.keyFile());
            socket = new GossipSocket(settings.gossip(), seal, this::datagram, threads);
            beacon = beacon(seal, socket.port(), threads);
            gossipAddress = settings.advertised() + ":" + socket.port();
            Self self = new Self(
                    identity.id(),
                    gossipAddress,
                    settings.reachable(settings.register()),
                    settings.reachable(settings.publications()),
                    identity.incarnation());
            core = new RouterCore(self, settings.router(), settings.seeds(), new Random(seed()), now());
            restore();
        } catch (Exception e) {
            store.close();
            throw RuntimeCamelException.wrapRuntimeCamelException(e);
        }
        clock = new RouterClock(context, this::now, () -> read(RouterCore::dueMs), this::timePasses);
        pinger = new NodePinger(context, this, settings.pingNodesMax(), notices);
    }

    private @Nullable Beacon beacon(DatagramSeal seal, int port, NamedThreads threads) throws IOException {
        InetSocketAddress address = settings.beacon();
        if (address == null) {
            return null;
        }
        Beacon.Listener listener = new Beacon.Listener() {
            @Override
            public void received(String id, String gossip) {
                meet(id, gossip);
            }

            @Override
            public void refused(String from, String reason) {
                notices.add("beacon-refused", from, reason);
            }
        };
        return new Beacon(
                address, settings.beaconInterface(), seal, settings.cluster(), identity.id(), port, listener, threads);
    }

    /** Bounds how many routers a second this one introduces itself to: beacons may come from anybody. */
    private static final class Introductions {
        private static final int A_SECOND_MAX = 20;
        private long second;
        private int made;

        synchronized boolean admit(long nowMs) {
            long now = TimeUnit.MILLISECONDS.toSeconds(nowMs);
            made = now == second ? made + 1 : 1;
            second = now;
            return made <= A_SECOND_MAX;
        }
    }

    private static long seed() {
        return new SecureRandom().nextLong();
    }

    private void restore() {
        int inCare = 0;
        for (NodeStore.StoredNode stored : store.load()) {
            if (stored.inCare() && stored.status().live()) {
                core.restore(stored.node(), stored.status(), stored.firstSeenMs(), now());
                inCare++;
            }
        }
        LOG.info(
                "router id={} incarnation={} cluster={} gossip={} restored={}",
                identity.id(),
                identity.incarnation(),
                settings.cluster(),
                gossipAddress,
                inCare);
    }

    /** Milliseconds like those of the wall clock at the start, but never going back. */
    long now() {
        return startedWallMs + TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startedNs);
    }

    @Override
    protected void lifeBegins() throws Exception {
        context.getCamelContextExtension().addContextPlugin(RouterNode.class, this);
        DiscoveryMeters.bind(context, this);
        RouterHealthCheck.register(context, this);
        context.addStartupListener(new StartupListener() {
            @Override
            public void onCamelContextStarted(CamelContext started, boolean already) {
                // Endpoints that are made here would not be started.
            }

            @Override
            public void onCamelContextFullyStarted(CamelContext started, boolean already) {
                listen();
            }
        });
    }

    /** Datagrams and time go through routes, so they wait until those run. Camel tells again when routes are added later. */
    private void listen() {
        if (!running) {
            running = true;
            socket.start();
            clock.start();
            Optional.ofNullable(beacon).ifPresent(Beacon::start);
        }
    }

    @Override
    protected void lifeEnds() {
        boolean ran = running;
        // The routes have ended, so nobody announces what changes now.
        running = false;
        if (ran) {
            clock.close();
            event(router -> {
                router.leave(now());
                return true;
            });
        }
        watchers.close();
        pinger.close();
        Optional.ofNullable(beacon).ifPresent(Beacon::close);
        socket.close();
        try {
            save(true);
        } catch (StoreException e) {
            LOG.warn("the registry was not written at the stop: {}", e.getMessage());
        } finally {
            store.close();
        }
        LOG.info("router stopped id={}", identity.id());
    }

    DiscoverySettings settings() {
        return settings;
    }

    Notices notices() {
        return notices;
    }

    NodeWatchers watchers() {
        return watchers;
    }

    /** Gives the core an event, and does what it wants then. */
    <T> T event(Function<RouterCore, T> event) {
        T result;
        List<Action> actions;
        long dueMs;
        synchronized (core) {
            try {
                result = event.apply(core);
            } finally {
                actions = core.drain();
                note(actions);
            }
            dueMs = core.dueMs();
        }
        clock.due(dueMs);
        actions.forEach(this::perform);
        return result;
    }

    /** Reads of the core what needs no action. */
    <T> T read(Function<RouterCore, T> question) {
        synchronized (core) {
            return question.apply(core);
        }
    }

    /** In the lock, so that the last change of a node is the one that is saved. */
    private void note(List<Action> actions) {
        for (Action action : actions) {
            if (action instanceof Action.NodeChanged changed) {
                NodeView after = changed.after();
                NodeView before = changed.before();
                if (after != null) {
                    unsaved.put(after.node().id(), after);
                } else if (before != null) {
                    unsaved.remove(before.node().id());
                    removed.add(before.node().id());
                }
            }
        }
    }

    private void perform(Action action) {
        if (action instanceof Action.Send send) {
            socket.send(send.address(), codec.encode(send.message(), now()));
        } else if (action instanceof Action.PingNode ping) {
            pinger.ping(ping);
        } else if (action instanceof Action.CheckNode check) {
            pinger.check(check);
        } else if (action instanceof Action.NodeChanged changed) {
            announce(CHANGES, NodeEvent.of(changed, now()));
        } else if (action instanceof Action.Assigned assigned) {
            announce(ASSIGNMENTS, assigned);
        } else if (action instanceof Action.RouterChanged changed) {
            LOG.info(
                    "router={} is {}{}",
                    changed.router(),
                    changed.state(),
                    changed.router().equals(changed.accuser())
                            ? ""
                            : " said by " + changed.accuser().replace('\n', ','));
        } else if (action instanceof Action.Notice notice) {
            notices.add(notice.kind(), notice.subject(), notice.text());
        }
    }

    private void announce(String uri, Object body) {
        if (!running) {
            return;
        }
        if (context.getEndpoint(uri, SedaEndpoint.class).getQueue().size() >= QUEUE_MAX) {
            notices.add(
                    "announcements-full",
                    uri,
                    "more than " + QUEUE_MAX + " changes wait to be announced; one is left out");
            return;
        }
        template.sendBody(uri, body);
    }

    private void timePasses() {
        if (running) {
            template.sendBody(TIME, "");
        }
    }

    private void datagram(String from, byte[] bytes) {
        if (running) {
            template.sendBodyAndHeader(GOSSIP, bytes, "peer", from);
        }
    }

    /** Takes a datagram of another router. One that cannot be read is counted and harms nobody. */
    public void gossip(byte[] datagram, String from) {
        try {
            var message = codec.decode(datagram, now());
            event(router -> {
                router.receive(from, message, now());
                return true;
            });
        } catch (RequestRefusedException e) {
            notices.add("datagram-refused", from, e.reason());
        }
    }

    /** Lets time pass: does what is due. */
    public void tick() {
        event(router -> {
            router.tick(now());
            return true;
        });
    }

    /** Tells other routers of the network that this one is there, if that is configured; called by a timer. */
    public void beacon() {
        Optional.ofNullable(beacon).ifPresent(Beacon::send);
    }

    /** Introduces this router to one that a beacon has told of, unless it is known. */
    private void meet(String id, String gossip) {
        if (!running) {
            return;
        }
        long nowMs = now();
        boolean known = routers().stream()
                .anyMatch(one -> one.id().equals(id) && one.state().member());
        if (!known && introductions.admit(nowMs)) {
            event(router -> {
                router.meet(gossip);
                return true;
            });
        }
    }

    void register(Registration node) {
        event(router -> {
            router.register(node, now());
            return true;
        });
    }

    boolean deregister(String id, String instance) {
        return event(router -> router.deregister(id, instance, now()));
    }

    /** Writes what has changed to the database; called by a timer. What cannot be written is tried again. */
    public void save() {
        try {
            save(false);
            if (!saveProblem.isEmpty()) {
                LOG.info("the registry is written again");
                saveProblem = "";
            }
        } catch (StoreException e) {
            saveProblem = String.valueOf(e.getMessage());
            notices.add("registry-not-written", "database", saveProblem);
        }
        pinger.closeIdle();
    }

    private void save(boolean all) {
        Map<String, NodeStore.StoredNode> changed = new TreeMap<>();
        List<String> gone;
        List<NodeView> taken;
        long nowMs = now();
        synchronized (core) {
            taken = new ArrayList<>(unsaved.values());
            gone = List.copyOf(removed);
            unsaved.clear();
            removed.clear();
            Collection<String> inCare = core.inCare();
            for (NodeView view : taken) {
                NodeView full = core.node(view.node().id(), nowMs);
                if (full != null) {
                    changed.put(view.node().id(), stored(full, inCare));
                }
            }
            // When they were last seen matters only after a restart, so it is written from time to time.
            if (all || nowMs - savedAtMs > TimeUnit.MINUTES.toMillis(1)) {
                savedAtMs = nowMs;
                for (String id : inCare) {
                    NodeView full = core.node(id, nowMs);
                    if (full != null) {
                        changed.put(id, stored(full, inCare));
                    }
                }
            }
        }
        try {
            store.save(changed.values(), gone);
        } catch (StoreException e) {
            synchronized (core) {
                taken.forEach(view -> unsaved.putIfAbsent(view.node().id(), view));
                removed.addAll(gone);
            }
            throw e;
        }
    }

    private static NodeStore.StoredNode stored(NodeView view, Collection<String> inCare) {
        return new NodeStore.StoredNode(
                view.node(), view.status(), inCare.contains(view.node().id()), view.firstSeenMs(), view.lastSeenMs());
    }

    /** Why the registry is not written now, empty if it is. */
    String saveProblem() {
        return saveProblem;
    }

    /** This router's id. */
    public String id() {
        return identity.id();
    }

    /** {@code host:port} where other routers reach it. */
    public String gossipAddress() {
        return gossipAddress;
    }

    /** All nodes, by id. */
    public List<NodeView> nodes() {
        return read(router -> router.nodes(now()));
    }

    /** One node, null if it is not known. */
    public @Nullable NodeView node(String id) {
        return read(router -> Optional.ofNullable(router.node(id, now()))).orElse(null);
    }

    /** All routers, this one included. */
    public List<Content.Router> routers() {
        return read(RouterCore::routers);
    }

    /** Returns the assignments: who does what. */
    public List<Content.Assignment> assignments() {
        return read(RouterCore::assignments);
    }

    /** The work that a node of a group does. */
    List<String> work(String group, String holder) {
        return read(router -> router.work(group, holder));
    }

    /** Returns the counts by name. */
    public Map<String, Long> figures() {
        Map<String, Long> figures = new TreeMap<>(read(RouterCore::figures));
        socket.figures(figures);
        Optional.ofNullable(beacon).ifPresent(it -> it.figures(figures));
        figures.put(
                "notices",
                notices.counts().values().stream().mapToLong(Long::longValue).sum());
        figures.put("watchers", (long) watchers.size());
        figures.put("pinged", (long) pinger.size());
        return figures;
    }
}
