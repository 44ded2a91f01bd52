package io.bactrian.gateway.core;

import io.bactrian.gateway.core.BalancerCore.Change;
import io.bactrian.gateway.core.HeartbeatMemory.Look;
import io.bactrian.gateway.core.HeartbeatMemory.Put;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Two balancers, three workers, a table, producers and consumers in one thread on a clock of its own. Links are slow, lose calls and
 * are cut; processes are held and go on, or are killed and start again, and their clocks do not run alike. What decides are the
 * production cores; what is here only carries calls between them. The seed replays a run.
 */
final class GatewaySimulation {
    /** What is broken on purpose. */
    enum Flaw {
        NONE,
        LEASE_RUNS_FROM_THE_ANSWER,
        MOVE_WITHOUT_RELEASE,
        RELEASE_BEFORE_THE_WRITE,
        GRANT_THOUGH_ANOTHER_BALANCER_REFUSED,
        NO_SECOND_LOOK_AT_THE_LEASE,
        READER_KEEPS_WHAT_A_WRITE_HAS_REPLACED,
        LEASE_RENEWED_WHILE_REVOKED,
        LEASE_OF_ONE_BALANCER_IS_ENOUGH
    }

    private static final long END_MS = 30_000;
    private static final long LEASE_MS = 600;
    private static final long PROBE_MS = 150;
    private static final long TIMEOUT_MS = 250;
    private static final long PATIENCE_MS = 1_500;
    private static final int PRODUCERS = 3;
    private static final int WORKERS = 3;

    private record Event(long atMs, long number, Runnable action) implements Comparable<Event> {
        @Override
        public int compareTo(Event other) {
            return atMs != other.atMs ? Long.compare(atMs, other.atMs) : Long.compare(number, other.number);
        }
    }

    private final Random random;
    private final Flaw flaw;
    private final boolean alwaysWritten;
    private final boolean bounded;
    private final PriorityQueue<Event> events = new PriorityQueue<>();
    private final Map<Long, Heartbeat> table = new HashMap<>();
    private final List<Balancer> balancers = new ArrayList<>();
    private final Map<String, Worker> workers = new HashMap<>();
    private final Map<String, Long> cutUntilMs = new HashMap<>();
    private final Map<Long, Set<Long>> answered = new HashMap<>();
    private final Map<Long, Long> newest = new HashMap<>();
    private final Map<Long, Long> keptTooLongMs = new HashMap<>();
    private final Map<Long, Long> keptTooLong = new HashMap<>();
    private final Client client;
    private long numbers;
    private long nowMs = 1;
    private @Nullable String problem;

    long reads;
    long readsFromMemory;
    long accepted;

    /** Heartbeats that came to one worker while another had been granted their producer: readers may miss them for a while. */
    long hidden;

    long moves;

    /** Stale answers because a worker was held for longer than its lease. */
    long late;

    GatewaySimulation(long seed, Flaw flaw) {
        this.random = new Random(seed);
        this.flaw = flaw;
        // Not at random: the first one of generators with small seeds is nearly always the same.
        this.alwaysWritten = seed % 2 == 0;
        this.bounded = seed % 5 == 3;
        this.client = new Client();
        for (int i = 0; i < 2; i++) {
            balancers.add(new Balancer("b" + i));
        }
        for (int i = 0; i < WORKERS; i++) {
            workers.put("w" + i, new Worker("w" + i));
        }
        balancers.forEach(Balancer::start);
        workers.values().forEach(Worker::start);
        for (long id = 1; id <= PRODUCERS; id++) {
            long each = id;
            answered.put(id, new HashSet<>());
            newest.put(id, 0L);
            later(random.nextInt(1_000), () -> produce(each, 1, null));
            later(random.nextInt(1_000), () -> consume(each));
        }
        later(1_000, this::fault);
    }

    /** Runs it; what was stale or wrong, empty if nothing was. */
    Optional<String> run() {
        while (problem == null && !events.isEmpty() && events.peek().atMs() < END_MS) {
            Event event = events.remove();
            nowMs = event.atMs();
            event.action().run();
            checkGrants();
            workers.values().forEach(Worker::noteKeptTooLong);
        }
        return Optional.ofNullable(problem);
    }

    private void later(long ms, Runnable action) {
        events.add(new Event(nowMs + ms, numbers++, action));
    }

    private long shortMs() {
        return random.nextInt(20) == 0 ? random.nextInt(400) : 1 + random.nextInt(6);
    }

    /** A process: it is held, or killed and started again. */
    private abstract class Node {
        final String name;
        private final double rate = 0.99 + random.nextDouble() * 0.02;
        private final long offsetMs = random.nextInt(1_000_000);
        private long heldUntilMs;
        private int life;
        private boolean dead;

        Node(String name) {
            this.name = name;
        }

        abstract void start();

        long clock() {
            return offsetMs + (long) (nowMs * rate);
        }

        /** A step of this process; it waits while the process is held, and is gone with it. */
        void step(long ms, Runnable action) {
            int thisLife = life;
            later(ms, () -> {
                if (dead || life != thisLife) {
                    return;
                }
                if (nowMs < heldUntilMs) {
                    step(heldUntilMs - nowMs + random.nextInt(5), action);
                } else {
                    action.run();
                }
            });
        }

        void every(long ms, Runnable action) {
            step(ms, () -> {
                action.run();
                every(ms, action);
            });
        }

        boolean isDead() {
            return dead;
        }

        void hold(long ms) {
            heldUntilMs = nowMs + ms;
        }

        void kill(long downMs) {
            dead = true;
            life++;
            later(downMs, () -> {
                dead = false;
                start();
            });
        }

        /**
         * Calls another process. What comes back is the answer, or null and whether the call was refused.
         *
         * @param handler runs there and gives its answer
         */
        <T> void call(Node to, long timeoutMs, Consumer<Consumer<T>> handler, BiConsumer<T, Boolean> back) {
            boolean[] done = new boolean[1];
            step(timeoutMs, () -> end(done, back, null, false));
            if (nowMs < cutUntilMs.getOrDefault(link(name, to.name), 0L)) {
                return;
            }
            later(shortMs(), () -> {
                if (to.dead) {
                    step(1, () -> end(done, back, null, true));
                    return;
                }
                to.step(
                        0,
                        () -> handler.accept(answer -> {
                            if (random.nextInt(50) > 0) {
                                step(shortMs(), () -> end(done, back, answer, false));
                            }
                        }));
            });
        }

        private <T> void end(boolean[] done, BiConsumer<T, Boolean> back, T answer, boolean refused) {
            if (!done[0]) {
                done[0] = true;
                back.accept(answer, refused);
            }
        }
    }

    private static String link(String one, String two) {
        return one.compareTo(two) < 0 ? one + two : two + one;
    }

    /** What a balancer's routes do, around {@link BalancerCore} and {@link WorkerHealth}. */
    private final class Balancer extends Node {
        private BalancerCore core = core();
        private WorkerHealth health = new WorkerHealth(core.pool(), LEASE_MS);
        private final Map<Long, Mapping> disk = new HashMap<>();
        private final Set<String> diskWorkers = new HashSet<>();
        private final Map<Long, List<Runnable>> moving = new HashMap<>();
        private boolean peerReachable;

        Balancer(String name) {
            super(name);
        }

        private BalancerCore core() {
            return new BalancerCore(
                    new TargetPool(
                            new TargetPoolSettings(BalancerPolicy.ROUND_ROBIN, 10, 3, 500, 1_000, 50, 0),
                            random::nextInt),
                    100);
        }

        private Balancer peer() {
            return balancers.get(0) == this ? balancers.get(1) : balancers.get(0);
        }

        @Override
        void start() {
            core = core();
            health = new WorkerHealth(core.pool(), LEASE_MS);
            moving.clear();
            peerReachable = false;
            for (String worker : diskWorkers) {
                core.pool().join(worker, clock());
                health.remember(worker, clock());
            }
            disk.values()
                    .forEach(mapping ->
                            core.merge(new Mapping(mapping.id(), mapping.worker(), mapping.version(), true)));
            every(PROBE_MS, this::probe);
            every(PROBE_MS, this::meet);
        }

        private void probe() {
            for (String worker : health.probe()) {
                this.<Boolean>call(workers.get(worker), TIMEOUT_MS, reply -> reply.accept(true), (answer, refused) -> {
                    if (answer == null) {
                        health.silent(worker, refused, clock());
                    } else {
                        health.answered(worker, false, clock());
                    }
                });
            }
        }

        private void meet() {
            if (!peerReachable) {
                this.<Boolean>call(peer(), TIMEOUT_MS, reply -> reply.accept(true), (ready, refused) -> {
                    if (ready == null) {
                        return;
                    }
                    peerReachable = true;
                    this.<List<Mapping>>call(
                            peer(),
                            TIMEOUT_MS,
                            reply -> reply.accept(peer().core.mappings()),
                            (mappings, gone) -> {
                                if (mappings == null) {
                                    peerReachable = false;
                                } else {
                                    seen(mappings);
                                }
                            });
                });
            }
        }

        private List<Mapping> seen(List<Mapping> mappings) {
            List<Mapping> taken = new ArrayList<>();
            List<Mapping> newer = core.mergeAll(mappings, taken);
            taken.forEach(this::save);
            return newer;
        }

        private void save(Mapping mapping) {
            step(
                    1 + random.nextInt(20),
                    () -> disk.merge(
                            mapping.id(), mapping, (old, next) -> next.version() >= old.version() ? next : old));
        }

        void registerWorker(String worker, Consumer<Long> reply) {
            core.pool().join(worker, clock());
            diskWorkers.add(worker);
            long leaseMs = health.contacted(worker, true, clock());
            step(random.nextInt(3), () -> reply.accept(leaseMs));
        }

        void register(long id, int attempt, Consumer<String> reply) {
            Optional<Change> change = core.register(id, clock());
            if (change.isEmpty()) {
                return;
            }
            finish(List.of(change.get()), told -> {
                if (core.isCurrent(change.get()) || attempt == 5) {
                    reply.accept(core.mapping(id).worker());
                } else {
                    register(id, attempt + 1, reply);
                }
            });
        }

        void getData(long id, Consumer<String> reply) {
            Mapping known = core.mapping(id);
            if (known == null) {
                return;
            }
            if (core.holds(known, clock())) {
                Runnable answer = () -> reply.accept(known.worker());
                List<Runnable> waiting = moving.get(id);
                if (waiting == null) {
                    answer.run();
                } else {
                    waiting.add(answer);
                }
                return;
            }
            Optional<Change> change = core.reassign(id, clock());
            change.ifPresent(one ->
                    finish(List.of(one), told -> reply.accept(core.mapping(id).worker())));
        }

        void claim(String worker, List<Long> ids, Consumer<List<Long>> reply) {
            List<Change> changes = core.claim(worker, ids, clock());
            finish(
                    changes,
                    told -> reply.accept(
                            flaw == Flaw.GRANT_THOUGH_ANOTHER_BALANCER_REFUSED
                                    ? changes.stream()
                                            .filter(change -> told)
                                            .map(change -> change.mapping().id())
                                            .toList()
                                    : core.grants(changes, told)));
        }

        private void finish(List<Change> changes, Consumer<Boolean> then) {
            if (changes.isEmpty()) {
                then.accept(true);
                return;
            }
            Map<String, List<Long>> releases = new HashMap<>();
            for (Change change : changes) {
                if (change.release() != null) {
                    moves++;
                    moving.put(change.mapping().id(), new ArrayList<>());
                    releases.computeIfAbsent(change.release(), worker -> new ArrayList<>())
                            .add(change.mapping().id());
                }
            }
            release(
                    new ArrayList<>(releases.entrySet()),
                    () -> tell(changes, told -> {
                        changes.forEach(change -> save(change.mapping()));
                        for (Change change : changes) {
                            List<Runnable> waiting = change.release() == null
                                    ? null
                                    : moving.remove(change.mapping().id());
                            if (waiting != null) {
                                waiting.forEach(Runnable::run);
                            }
                        }
                        then.accept(told);
                    }));
        }

        private void release(List<Map.Entry<String, List<Long>>> releases, Runnable then) {
            if (releases.isEmpty() || flaw == Flaw.MOVE_WITHOUT_RELEASE) {
                step(0, then);
                return;
            }
            Map.Entry<String, List<Long>> one = releases.remove(0);
            String worker = one.getKey();
            if (health.leaseLeftMs(worker, clock()) == 0) {
                release(releases, then);
                return;
            }
            this.<Boolean>call(
                    workers.get(worker),
                    TIMEOUT_MS,
                    reply -> workers.get(worker).release(one.getValue(), () -> reply.accept(true)),
                    (answer, refused) -> {
                        if (answer != null || refused) {
                            release(releases, then);
                            return;
                        }
                        long leftMs = health.revoke(worker, clock());
                        if (flaw == Flaw.LEASE_RENEWED_WHILE_REVOKED) {
                            health.restore(worker);
                        }
                        // The clock of this process may be slow.
                        step(leftMs + leftMs / 50 + 1, () -> {
                            health.restore(worker);
                            release(releases, then);
                        });
                    });
        }

        private void tell(List<Change> changes, Consumer<Boolean> then) {
            if (!peerReachable) {
                step(0, () -> then.accept(false));
                return;
            }
            List<Mapping> mappings = changes.stream().map(Change::mapping).toList();
            this.<List<Mapping>>call(
                    peer(), TIMEOUT_MS, reply -> reply.accept(peer().seen(mappings)), (newer, refused) -> {
                        if (newer == null) {
                            peerReachable = false;
                        } else {
                            seen(newer);
                        }
                        then.accept(newer != null);
                    });
        }
    }

    /** What a worker's routes do, around {@link Leases} and {@link HeartbeatMemory}. */
    private final class Worker extends Node {
        private Leases leases = new Leases(List.of(), new HashMap<>(), 0, 0);
        private HeartbeatMemory memory = new HeartbeatMemory(new HashMap<>(), new HashMap<>(), leases, true, 0);
        private boolean claiming;

        Worker(String name) {
            super(name);
        }

        @Override
        void start() {
            List<String> needed = flaw == Flaw.LEASE_OF_ONE_BALANCER_IS_ENOUGH ? List.of("b0") : List.of("b0", "b1");
            leases = new Leases(needed, new ConcurrentHashMap<>(), 100, clock());
            Map<Long, Heartbeat> cache = new ConcurrentHashMap<>();
            // With the lower bound large heartbeats do not fit into memory.
            memory = new HeartbeatMemory(cache, new ConcurrentHashMap<>(), leases, alwaysWritten, bounded ? 2 : 100);
            claiming = false;
            every(PROBE_MS, () -> balancers.forEach(this::register));
            every(25, () -> {
                if (!leases.hold(clock()) && leases.granted() > 0) {
                    write(memory.releaseAll(), () -> {});
                } else if (!leases.sure(clock())) {
                    write(memory.unwritten(), () -> {});
                }
            });
            every(50, this::claim);
            every(1_000, () -> write(memory.unwritten(), () -> {}));
            // An eviction.
            every(130, () -> cache.remove(1L + random.nextInt(PRODUCERS)));
        }

        private void register(Balancer balancer) {
            long askedMs = clock();
            this.<Long>call(
                    balancer, TIMEOUT_MS * 4, reply -> balancer.registerWorker(name, reply), (leaseMs, refused) -> {
                        if (leaseMs != null
                                && leaseMs > 0
                                && (balancer.name.equals("b0") || flaw != Flaw.LEASE_OF_ONE_BALANCER_IS_ENOUGH)) {
                            leases.renewed(
                                    balancer.name,
                                    flaw == Flaw.LEASE_RUNS_FROM_THE_ANSWER ? clock() : askedMs,
                                    leaseMs,
                                    clock());
                        }
                    });
        }

        private void claim() {
            if (claiming || !leases.hold(clock())) {
                return;
            }
            List<Long> wanted = leases.claim(1, 10);
            if (wanted.isEmpty()) {
                return;
            }
            claiming = true;
            Balancer balancer = balancers.get(random.nextInt(2));
            this.<List<Long>>call(
                    balancer, TIMEOUT_MS * 4, reply -> balancer.claim(name, wanted, reply), (granted, refused) -> {
                        if (granted != null) {
                            memory.grant(granted);
                        }
                        leases.forget(wanted);
                        claiming = false;
                    });
        }

        private boolean isGrantedToAnother(long id) {
            return workers.values().stream().anyMatch(worker -> worker != this && worker.isGranted(id));
        }

        /** Notes heartbeats that are in its memory only, though its lease is over. */
        void noteKeptTooLong() {
            for (Heartbeat heartbeat : memory.unwritten()) {
                if (!isGranted(heartbeat.id())) {
                    keptTooLongMs.put(heartbeat.id(), nowMs);
                    keptTooLong.put(
                            heartbeat.id(), Long.parseLong(heartbeat.data().strip()));
                }
            }
        }

        boolean isGranted(long id) {
            return !isDead() && leases.state(id, clock()) != 0;
        }

        void post(long id, long number, Consumer<Boolean> reply) {
            String data = number + (number % 3 == 0 ? " ".repeat(2_000) : "");
            Put put = memory.take(new Heartbeat(id, "lab", "", nowMs, data), 1, clock());
            step(shortMs(), () -> {
                if (put.write() || (flaw != Flaw.NO_SECOND_LOOK_AT_THE_LEASE && memory.isUncovered(put, clock()))) {
                    boolean hiddenBefore = put.state() == 0 && isGrantedToAnother(id);
                    write(List.of(put.heartbeat()), () -> {
                        if (flaw != Flaw.READER_KEEPS_WHAT_A_WRITE_HAS_REPLACED) {
                            memory.written(put);
                        }
                        reply.accept(!hiddenBefore && (put.state() != 0 || !isGrantedToAnother(id)));
                    });
                } else {
                    if (!isGranted(id)) {
                        problem = "at " + nowMs + " ms " + name + " answers " + number + " of producer " + id
                                + ", which is in its memory only, though the producer is not granted to it";
                    }
                    reply.accept(true);
                }
            });
        }

        void get(long id, Consumer<Long> reply) {
            Look look = memory.look(id, clock());
            if (look.found() != null) {
                readsFromMemory++;
                reply.accept(Long.parseLong(look.found().data().strip()));
                return;
            }
            step(shortMs(), () -> {
                Heartbeat row = table.get(id);
                step(
                        shortMs(),
                        () -> memory.loaded(id, look, row)
                                .ifPresentOrElse(
                                        found -> reply.accept(
                                                Long.parseLong(found.data().strip())),
                                        () -> reply.accept(0L)));
            });
        }

        void release(List<Long> ids, Runnable reply) {
            List<Heartbeat> some = memory.release(ids);
            if (flaw == Flaw.RELEASE_BEFORE_THE_WRITE) {
                reply.run();
                step(200, () -> write(some, () -> {}));
            } else {
                write(some, reply);
            }
        }

        private void write(Collection<Heartbeat> some, Runnable then) {
            if (some.isEmpty()) {
                step(0, then);
                return;
            }
            step(shortMs(), () -> {
                some.forEach(heartbeat -> table.merge(
                        heartbeat.id(), heartbeat, (old, next) -> next.receivedMs() >= old.receivedMs() ? next : old));
                step(shortMs(), () -> {
                    memory.flushed(some);
                    then.run();
                });
            });
        }
    }

    /** A client is never held and never dies. */
    private final class Client extends Node {
        Client() {
            super("client");
        }

        @Override
        void start() {}
    }

    private void produce(long id, long number, @Nullable String worker) {
        if (worker == null || random.nextInt(60) == 0) {
            Balancer balancer = balancers.get(random.nextInt(2));
            client.<String>call(balancer, PATIENCE_MS, reply -> balancer.register(id, 1, reply), (found, refused) -> {
                later(1 + random.nextInt(20), () -> {
                    if (found == null) {
                        produce(id, number, null);
                    } else {
                        post(id, number, found);
                    }
                });
            });
        } else {
            post(id, number, worker);
        }
    }

    private void post(long id, long number, String at) {
        Worker worker = workers.get(at);
        client.<Boolean>call(worker, PATIENCE_MS, reply -> worker.post(id, number, reply), (good, refused) -> {
            if (good != null) {
                accepted++;
                answered.get(id).add(number);
                if (good) {
                    newest.put(id, number);
                } else {
                    hidden++;
                }
            }
            later(2 + random.nextInt(60), () -> produce(id, number + 1, good == null ? null : at));
        });
    }

    private void consume(long id) {
        long before = newest.get(id);
        long askedMs = nowMs;
        Balancer balancer = balancers.get(random.nextInt(2));
        client.<String>call(balancer, PATIENCE_MS, reply -> balancer.getData(id, reply), (at, refused) -> {
            if (at == null) {
                later(10 + random.nextInt(20), () -> consume(id));
                return;
            }
            Worker worker = workers.get(at);
            client.<Long>call(worker, PATIENCE_MS, reply -> worker.get(id, reply), (number, gone) -> {
                if (number != null) {
                    check(id, number, before, askedMs, at);
                }
                later(1 + random.nextInt(20), () -> consume(id));
            });
        });
    }

    /**
     * A worker that was held until its lease was over is as one that was killed until it goes on: what it has not written is stale for
     * that time. And a heartbeat that was never answered may come late, at any time; one that was answered is replaced by the next one.
     */
    private void check(long id, long number, long before, long askedMs, String at) {
        reads++;
        if (number < before && (number == 0 || answered.get(id).contains(number))) {
            if (keptTooLongMs.getOrDefault(id, -1L) >= askedMs && keptTooLong.get(id) >= before) {
                late++;
                return;
            }
            problem = "at " + nowMs + " ms " + at + " answers " + number + " for producer " + id + ", but " + before
                    + " was accepted before the question";
        }
    }

    /** At no time may two workers keep the same producer in memory alone. */
    private void checkGrants() {
        for (long id = 1; id <= PRODUCERS; id++) {
            long each = id;
            List<String> holders = workers.values().stream()
                    .filter(worker -> worker.isGranted(each))
                    .map(worker -> worker.name)
                    .toList();
            if (holders.size() > 1 && problem == null) {
                problem = "at " + nowMs + " ms producer " + id + " is granted to " + holders;
            }
        }
    }

    private void fault() {
        List<Node> nodes = new ArrayList<>(balancers);
        nodes.addAll(workers.values());
        Node one = nodes.get(random.nextInt(nodes.size()));
        switch (random.nextInt(4)) {
            case 0 -> one.hold(random.nextInt(3_000));
            case 1 -> {
                // A worker that writes behind loses what it has not written; that is stated, and no matter of leases.
                if (one instanceof Balancer || alwaysWritten) {
                    one.kill(LEASE_MS + random.nextInt(2_000));
                }
            }
            default -> {
                Node two = nodes.get(random.nextInt(nodes.size()));
                cutUntilMs.put(link(one.name, two.name), nowMs + random.nextInt(3_000));
            }
        }
        later(random.nextInt(2_500), this::fault);
    }
}
