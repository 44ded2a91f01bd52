package io.bactrian.discovery.core;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A cluster of production cores on a network that loses, delays and cuts, with sensors that live and die. Everything follows
 * from the seed.
 */
final class SimCluster {
    /** A process wakes up so much too late at most. */
    private static final int LATE_MAX_MS = 10;

    private static final long LEASE_MS = 15_000;
    private static final int LATENCY_MAX_MS = 5;

    final Random random;
    final RouterSettings settings;
    final List<SimRouter> routers = new ArrayList<>();
    final List<SimSensor> sensors = new ArrayList<>();
    final List<String> violations = new ArrayList<>();
    private final Rules rules;
    private final boolean encoded;
    private final GossipCodec codec = new GossipCodec("sim");
    private final Map<String, SimRouter> byAddress = new HashMap<>();
    private boolean[][] cut;
    long nowMs = 1_000_000;
    private final SimTimeline events = new SimTimeline(nowMs);
    double loss;
    private long handled;

    /** True while nobody that is alive may be called down: no partition, nobody who is held up. */
    boolean strict = true;

    /** How often the routers, other than router-3, heard that a router is suspect that lives. */
    final Map<String, Long> suspicionsOf = new TreeMap<>();

    long falseRouterSuspicions;
    long falseNodeSuspicions;
    /** How often a router heard that work has another holder. */
    long moves;

    /** A router, its process, and what its database holds. */
    final class SimRouter {
        final int index;
        final String address;

        @Nullable RouterCore core;

        long incarnation;
        int life;
        /** True if it knows no other router at its start. */
        boolean seedless;

        long stoppedUntilMs;
        long wakesAtMs;
        long bytesSent;
        long messagesSent;
        final Map<String, Registration> database = new TreeMap<>();
        final Map<String, RouterState> seen = new HashMap<>();

        private SimRouter(int index) {
            this.index = index;
            address = "10.0.0." + index + ":8102";
        }

        String id() {
            return "router-" + index;
        }

        boolean alive() {
            return core != null;
        }
    }

    /** A sensor that registers with two routers and answers pings. */
    final class SimSensor {
        final int index;
        final String id;
        boolean alive = true;
        /** True while it cannot be reached from the routers that have it in their care. */
        boolean hidden;

        long diedMs;
        final int[] owners;
        final Registration registration;

        private SimSensor(int index, int routerCount) {
            this.index = index;
            id = "sensor-" + index;
            int first = random.nextInt(routerCount);
            owners = routerCount == 1
                    ? new int[] {first}
                    : new int[] {first, (first + 1 + random.nextInt(routerCount - 1)) % routerCount};
            registration = registration();
        }

        private boolean hiddenFrom(int router) {
            return hidden && (owners[0] == router || owners[owners.length - 1] == router);
        }

        private Registration registration() {
            return new Registration(
                    id,
                    "publisher",
                    "",
                    "10.1.0.1",
                    5563,
                    ("/group-" + index / 10).intern(),
                    "premium",
                    List.of(),
                    Map.of(),
                    id,
                    LEASE_MS,
                    1 + index % 60_000,
                    List.of());
        }
    }

    SimCluster(long seed, int routerCount, int sensorCount, RouterSettings settings, Rules rules, boolean encoded) {
        random = new Random(seed);
        this.settings = settings;
        this.rules = rules;
        this.encoded = encoded;
        cut = new boolean[routerCount][routerCount];
        for (int i = 0; i < routerCount; i++) {
            SimRouter router = new SimRouter(i);
            routers.add(router);
            byAddress.put(router.address, router);
        }
        routers.forEach(this::start);
        for (int i = 0; i < sensorCount; i++) {
            SimSensor sensor = new SimSensor(i, routerCount);
            sensors.add(sensor);
            for (int owner : sensor.owners) {
                register(sensor, owner, nowMs + random.nextInt(1_000));
            }
        }
    }

    private void at(long atMs, Runnable what) {
        events.add(atMs, what);
    }

    /** Lets time pass. */
    void run(long ms) {
        long endMs = nowMs + ms;
        for (; nowMs <= endMs; nowMs++) {
            for (Runnable event = events.next(nowMs); event != null; event = events.next(nowMs)) {
                handled++;
                event.run();
            }
        }
        nowMs = endMs;
    }

    long handled() {
        return handled;
    }

    /** Starts a router, or starts it again. */
    void start(SimRouter router) {
        router.incarnation++;
        router.life++;
        List<String> seeds =
                router.seedless ? List.of() : List.of(routers.get(0).address, routers.get(routers.size() / 2).address);
        Self self = new Self(
                router.id(), router.address, "tcp://" + router.id(), "tcp://" + router.id(), router.incarnation);
        RouterCore core = new RouterCore(self, settings, seeds, new Random(random.nextLong()), nowMs, rules);
        router.core = core;
        router.database.values().forEach(node -> core.restore(node, NodeStatus.ACTIVE, nowMs, nowMs));
        router.wakesAtMs = Long.MAX_VALUE;
        perform(router);
    }

    /** Lets the router's clock wake it when something is due. */
    private void wake(SimRouter router, RouterCore core) {
        long dueMs = Math.max(core.dueMs(), nowMs + 1);
        if (dueMs < router.wakesAtMs) {
            router.wakesAtMs = dueMs;
            int life = router.life;
            at(dueMs + random.nextInt(LATE_MAX_MS), () -> tick(router, life, dueMs));
        }
    }

    private void tick(SimRouter router, int life, long dueMs) {
        RouterCore core = router.core;
        if (core == null || router.life != life || router.wakesAtMs != dueMs) {
            return;
        }
        if (nowMs < router.stoppedUntilMs) {
            at(router.stoppedUntilMs, () -> tick(router, life, dueMs));
            return;
        }
        router.wakesAtMs = Long.MAX_VALUE;
        core.tick(nowMs);
        perform(router);
    }

    void kill(SimRouter router) {
        router.core = null;
        router.life++;
    }

    /** Holds a process up, as SIGSTOP does: what comes waits. */
    void stop(SimRouter router, long ms) {
        router.stoppedUntilMs = nowMs + ms;
    }

    void kill(SimSensor sensor) {
        sensor.alive = false;
        sensor.diedMs = nowMs;
    }

    void revive(SimSensor sensor) {
        sensor.alive = true;
        for (int owner : sensor.owners) {
            register(sensor, owner, nowMs);
        }
    }

    /** Cuts one direction between two routers, or mends it. */
    void cut(int from, int to, boolean isCut) {
        cut[from][to] = isCut;
    }

    void partition(int firstSize, boolean isCut) {
        for (int a = 0; a < routers.size(); a++) {
            for (int b = 0; b < routers.size(); b++) {
                if (a < firstSize != b < firstSize) {
                    cut[a][b] = isCut;
                }
            }
        }
    }

    void heal() {
        cut = new boolean[routers.size()][routers.size()];
    }

    private boolean lost() {
        return loss > 0 && random.nextDouble() < loss;
    }

    /** A sensor registers, and again before its lease ends; one that gets no answer tries again after a second. */
    private void register(SimSensor sensor, int owner, long atMs) {
        at(atMs, () -> {
            if (!sensor.alive) {
                return;
            }
            SimRouter router = routers.get(owner);
            RouterCore core = router.core;
            boolean reached = core != null && nowMs >= router.stoppedUntilMs && !lost() && !lost();
            if (core != null && reached) {
                Registration node = sensor.registration;
                core.register(node, nowMs);
                router.database.put(sensor.id, node);
                perform(router);
            }
            register(sensor, owner, nowMs + (reached ? LEASE_MS / 3 : 1_000));
        });
    }

    private void perform(SimRouter router) {
        RouterCore core = router.core;
        if (core == null) {
            return;
        }
        for (Action action : core.drain()) {
            if (action instanceof Action.Send send) {
                send(router, send);
            } else if (action instanceof Action.PingNode ping) {
                ping(router, router.life, ping.node(), running -> running.pingAnswered(ping.node(), 1_000, nowMs));
            } else if (action instanceof Action.CheckNode check) {
                ping(router, router.life, check.node(), running -> running.checkAnswered(check));
            } else if (action instanceof Action.RouterChanged changed) {
                changed(router, changed);
            } else if (action instanceof Action.NodeChanged changed) {
                changed(router, changed);
            } else if (action instanceof Action.Assigned) {
                moves++;
            }
        }
        wake(router, core);
    }

    private void send(SimRouter from, Action.Send send) {
        byte[] bytes = null;
        from.messagesSent++;
        if (encoded) {
            bytes = codec.encode(send.message(), nowMs);
            from.bytesSent += bytes.length;
        }
        SimRouter to = byAddress.get(send.address());
        if (to == null || cut[from.index][to.index] || lost()) {
            return;
        }
        byte[] sent = bytes;
        at(nowMs + 1 + random.nextInt(LATENCY_MAX_MS), () -> receive(from, to, send.message(), sent));
    }

    private void receive(SimRouter from, SimRouter to, RouterMessage message, byte @Nullable [] bytes) {
        RouterCore core = to.core;
        if (core == null) {
            return;
        }
        if (nowMs < to.stoppedUntilMs) {
            at(to.stoppedUntilMs + 1, () -> receive(from, to, message, bytes));
            return;
        }
        core.receive(from.address, bytes == null ? message : codec.decode(bytes, nowMs), nowMs);
        perform(to);
    }

    private interface Answer {
        void to(RouterCore core);
    }

    private void ping(SimRouter router, int life, String node, Answer answer) {
        SimSensor sensor = sensors.get(number(node));
        if (!sensor.alive || sensor.hiddenFrom(router.index) || lost() || lost()) {
            return;
        }
        at(nowMs + 2 + random.nextInt(2 * LATENCY_MAX_MS), () -> {
            RouterCore core = router.core;
            if (core != null && router.life == life && nowMs >= router.stoppedUntilMs) {
                answer.to(core);
                perform(router);
            }
        });
    }

    /** What comes after the hyphen of an id. */
    private static int number(String id) {
        return Integer.parseInt(id, id.indexOf('-') + 1, id.length(), 10);
    }

    private void changed(SimRouter at, Action.RouterChanged changed) {
        SimRouter subject = routers.get(number(changed.router()));
        at.seen.put(changed.router(), changed.state());
        if (subject.alive() && changed.state() == RouterState.SUSPECT) {
            falseRouterSuspicions++;
            if (at.index != 3) {
                suspicionsOf.merge(changed.router(), 1L, Long::sum);
            }
        }
        if (strict && subject.alive() && changed.state() == RouterState.DOWN) {
            violations.add(at.id() + " calls " + changed.router() + " down, which is alive, at " + nowMs);
        }
    }

    private void changed(SimRouter at, Action.NodeChanged changed) {
        NodeView after = changed.after();
        if (after == null) {
            return;
        }
        SimSensor sensor = sensors.get(number(after.node().id()));
        if (sensor.alive && after.status() == NodeStatus.SUSPECT) {
            falseNodeSuspicions++;
        }
        if (strict && sensor.alive && after.status() == NodeStatus.DOWN) {
            violations.add(at.id() + " calls " + sensor.id + " down, which is alive, at " + nowMs);
        }
    }

    List<SimRouter> live() {
        return routers.stream().filter(SimRouter::alive).toList();
    }

    /** True if all live routers have the same state. */
    boolean equal() {
        return live().stream().map(router -> core(router).digest()).distinct().count() == 1;
    }

    static RouterCore core(SimRouter router) {
        RouterCore core = router.core;
        if (core == null) {
            throw new IllegalStateException(router.id() + " does not run");
        }
        return core;
    }

    /** True if a router is no member for any live router. */
    boolean downEverywhere(SimRouter dead) {
        return live().stream()
                .allMatch(router -> core(router).routers().stream()
                        .noneMatch(
                                one -> one.id().equals(dead.id()) && one.state().member()));
    }

    /** True if a router that has a sensor in its care does not call it active any more. */
    boolean noticed(SimSensor dead) {
        NodeView view = core(routers.get(dead.owners[0])).node(dead.id, nowMs);
        return view != null && view.status() != NodeStatus.ACTIVE;
    }

    /** True if a sensor is down for all live routers. */
    boolean downEverywhere(SimSensor dead) {
        return live().stream().allMatch(router -> {
            NodeView view = core(router).node(dead.id, nowMs);
            return view != null && view.status() == NodeStatus.DOWN;
        });
    }

    /** Compares what every live router says of every sensor with what is so. */
    void checkTruth() {
        for (SimRouter router : live()) {
            for (SimSensor sensor : sensors) {
                NodeView view = core(router).node(sensor.id, nowMs);
                NodeStatus status = view == null ? NodeStatus.DOWN : view.status();
                if (sensor.alive ? status != NodeStatus.ACTIVE : status.live()) {
                    violations.add(router.id() + " has " + sensor.id + " as " + status + ", alive=" + sensor.alive);
                }
            }
        }
    }

    /** Lets time pass until something holds; the time it took, or -1. */
    long runUntil(long mostMs, java.util.function.BooleanSupplier holds) {
        long beganMs = nowMs;
        while (nowMs - beganMs < mostMs) {
            if (holds.getAsBoolean()) {
                return nowMs - beganMs;
            }
            run(25);
        }
        return holds.getAsBoolean() ? nowMs - beganMs : -1;
    }
}
