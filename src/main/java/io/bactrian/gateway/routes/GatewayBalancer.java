package io.bactrian.gateway.routes;

import io.bactrian.gateway.core.BalancerCore;
import io.bactrian.gateway.core.BalancerCore.Change;
import io.bactrian.gateway.core.CapacityException;
import io.bactrian.gateway.core.Mapping;
import io.bactrian.gateway.core.TargetPool;
import io.bactrian.gateway.core.TargetStatus;
import io.bactrian.gateway.routes.BalancerPeers.Told;
import io.vertx.core.net.SocketAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.LongAdder;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.camel.Exchange;
import org.apache.camel.component.platform.http.vertx.VertxPlatformHttpConstants;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What the routes of a balancer call, a method for each path. It shares one {@link BalancerCore} among threads. Any thread. */
public final class GatewayBalancer implements PolicyLoadBalancer.Source {
    static final String NO_WORKERS = "No workers are online right now";
    static final String NO_PRODUCER = "Producer does not exist";

    private static final Logger LOG = LoggerFactory.getLogger(GatewayBalancer.class);
    private static final int PORT_MAX = 65_535;
    private static final Pattern IDS = Pattern.compile("\\d{1,18}(,\\d{1,18}){0,9999}");
    private static final Pattern SCHEME = Pattern.compile("(?:^|&)scheme=(https?)(?:&|$)");
    private static final Pattern RENEWS = Pattern.compile("(?:^|&)renew=1(?:&|$)");
    private static final Pattern STOPS = Pattern.compile("(?:^|&)stop=1(?:&|$)");
    private static final Pattern LEASE = Pattern.compile("(?:^|&)lease=1(?:&|$)");
    private static final long STORE_TIMEOUT_S = 10;
    private static final int ATTEMPTS = 5;

    private final BalancerCore core;
    private final WorkerContacts contacts;
    private final BalancerStore store;
    private final BalancerPeers peers;

    /** Producers whose former worker is still to release them; who asks for one waits. Guarded by {@link #core}. */
    private final Map<Long, CompletableFuture<@Nullable Void>> moving = new HashMap<>();

    final LongAdder redirects = new LongAdder();
    final LongAdder registrations = new LongAdder();
    final LongAdder reassignments = new LongAdder();
    final LongAdder refused = new LongAdder();

    GatewayBalancer(BalancerCore core, WorkerContacts contacts, BalancerStore store, BalancerPeers peers) {
        this.core = core;
        this.contacts = contacts;
        this.store = store;
        this.peers = peers;
    }

    /**
     * {@code GET /balancer/{port}}: a worker registers, or says with {@code renew=1} that it is still there: then one that has quit
     * gets no new producers all the same. It waits only for one that is new.
     */
    public CompletionStage<@Nullable Void> registerWorker(Exchange exchange) {
        String worker = caller(exchange);
        if (worker == null) {
            return EventLoops.DONE;
        }
        boolean renews = RENEWS.matcher(query(exchange)).find();
        boolean known;
        boolean joined;
        boolean resumes;
        Presence presence;
        synchronized (core) {
            TargetPool pool = core.pool();
            resumes = !renews && pool.isDraining(worker);
            known = pool.knows(worker) && !pool.isDown(worker) && !resumes;
            joined = renews ? pool.renew(worker, contacts.nowMs()) : pool.join(worker, contacts.nowMs());
            presence = pool.isDraining(worker) ? Presence.DRAINING : Presence.HERE;
        }
        if (!joined) {
            refused.increment();
            Answers.message(exchange, Answers.UNAVAILABLE, "Too many workers (bactrian.gateway.balancer.workersMax)");
            return EventLoops.DONE;
        }
        long leaseMs = contacts.heard(worker, LEASE.matcher(query(exchange)).find());
        Answers.message(exchange, Answers.OK, "Successful registration");
        if (leaseMs > 0) {
            exchange.getMessage().setHeader(GatewayHeaders.LEASE, leaseMs);
        }
        if (known) {
            return EventLoops.DONE;
        }
        LOG.info("worker registered worker={}", worker);
        Steps.watch("store workers", store.worker(worker, presence));
        String change = BalancerPeers.worker(worker) + (resumes ? BalancerPeers.resume(worker) : "");
        return EventLoops.run(() -> tell(change));
    }

    /**
     * {@code GET /worker/quit/{port}}: a worker gets no new producers until it is started again; those that it has stay. With
     * {@code stop=1} it stops now, and whoever asks for its producers is sent to others. So it is for one that is out.
     */
    public void quitWorker(Exchange exchange) {
        String worker = caller(exchange);
        if (worker == null) {
            return;
        }
        boolean stops = STOPS.matcher(query(exchange)).find();
        synchronized (core) {
            stops |= core.pool().isDown(worker);
        }
        if (stops ? !leave(worker) : !drain(worker)) {
            Answers.message(exchange, Answers.BAD_REQUEST, "Quit not accepted");
            return;
        }
        tell(stops ? BalancerPeers.quit(worker) : BalancerPeers.worker(worker) + BalancerPeers.drain(worker));
        Answers.message(exchange, Answers.OK, "Acknowledged quit");
    }

    /** Gives a worker no new producers; false if it is not known. */
    boolean drain(String worker) {
        boolean drained;
        synchronized (core) {
            drained = core.pool().drain(worker);
        }
        if (drained) {
            LOG.info("worker quit, it gets no new producers until it is started again worker={}", worker);
            Steps.watch("store workers", store.worker(worker, Presence.DRAINING));
        }
        return drained;
    }

    /** Another balancer gives a worker producers again. */
    void resume(String worker) {
        boolean resumed;
        synchronized (core) {
            resumed = core.pool().isDraining(worker) && core.pool().resume(worker, contacts.nowMs());
        }
        if (resumed) {
            Steps.watch("store workers", store.worker(worker, Presence.HERE));
        }
    }

    /** Takes a worker out for good; false if it was not known. */
    boolean leave(String worker) {
        boolean left;
        synchronized (core) {
            left = core.pool().leave(worker);
        }
        if (left) {
            LOG.info("worker left worker={}", worker);
            contacts.forget(worker);
            Steps.watch("store workers", store.worker(worker, Presence.GONE));
        }
        return left;
    }

    /** {@code GET /register/{id}}: a producer gets a worker. */
    public void registerProducer(Exchange exchange) {
        long id = PathNumbers.id(exchange);
        if (id < 0) {
            PathNumbers.notFound(exchange);
            return;
        }
        try {
            Optional<Mapping> mapping = register(id);
            if (mapping.isEmpty()) {
                Answers.message(exchange, Answers.BAD_REQUEST, NO_WORKERS);
                return;
            }
            registrations.increment();
            Answers.value(exchange, Answers.OK, "worker", mapping.get().worker());
        } catch (CapacityException e) {
            refused.increment();
            Answers.message(exchange, Answers.UNAVAILABLE, String.valueOf(e.getMessage()));
        } catch (StoreFailedException e) {
            Answers.message(
                    exchange, Answers.UNAVAILABLE, "The balancer cannot store the registration. Try again later.");
        }
    }

    /** {@code GET /get_data/{id}}: redirects to the worker that has a producer's data. It waits only while a producer moves. */
    public CompletionStage<@Nullable Void> getData(Exchange exchange) {
        long id = PathNumbers.id(exchange);
        if (id < 0) {
            PathNumbers.notFound(exchange);
            return EventLoops.DONE;
        }
        Optional<Change> change = Optional.empty();
        CompletableFuture<@Nullable Void> move;
        Mapping mapping;
        synchronized (core) {
            move = moving.get(id);
            mapping = core.mapping(id);
            if (mapping != null && !core.holds(mapping, contacts.nowMs())) {
                mapping = null;
                change = core.reassign(id, contacts.nowMs());
                change.ifPresent(this::markMoving);
            } else if (mapping == null) {
                Answers.message(exchange, Answers.BAD_REQUEST, NO_PRODUCER);
                return EventLoops.DONE;
            }
        }
        if (change.isPresent()) {
            Change moved = change.get();
            return EventLoops.run(() -> {
                reassignments.increment();
                finish(List.of(moved), false);
                synchronized (core) {
                    redirect(exchange, core.mapping(id));
                }
            });
        }
        if (move != null) {
            Mapping next = mapping;
            return move.thenAcceptAsync(done -> redirect(exchange, next), EventLoops.here());
        }
        redirect(exchange, mapping);
        return EventLoops.DONE;
    }

    private void redirect(Exchange exchange, @Nullable Mapping mapping) {
        if (mapping == null) {
            Answers.message(exchange, Answers.BAD_REQUEST, NO_WORKERS);
            return;
        }
        redirects.increment();
        Answers.redirect(exchange, mapping.worker() + "/get_data/" + mapping.id());
    }

    /** Maps a producer until all balancers that answer agree: another one may map it at the same time. */
    private Optional<Mapping> register(long id) {
        for (int attempt = 1; ; attempt++) {
            Optional<Change> change;
            synchronized (core) {
                change = core.register(id, contacts.nowMs());
                change.ifPresent(this::markMoving);
            }
            if (change.isEmpty()) {
                return Optional.empty();
            }
            finish(List.of(change.get()), true);
            synchronized (core) {
                if (core.isCurrent(change.get()) || attempt == ATTEMPTS) {
                    return Optional.ofNullable(core.mapping(id));
                }
            }
        }
    }

    /** {@code POST /claim/{port}} with ids and commas: a worker asks to be granted producers; those that are come back. */
    public void claim(Exchange exchange) {
        String worker = caller(exchange);
        if (worker == null) {
            return;
        }
        String body = text(exchange);
        if (!IDS.matcher(body).matches()) {
            Answers.message(
                    exchange, Answers.BAD_REQUEST, "The body must be ids of producers with commas between them.");
            return;
        }
        List<Long> ids = new ArrayList<>();
        for (String id : List.of(body.split(","))) {
            ids.add(Long.valueOf(id));
        }
        List<Change> changes;
        synchronized (core) {
            changes = core.claim(worker, ids, contacts.nowMs());
            changes.forEach(this::markMoving);
        }
        boolean told = finish(changes, false);
        List<Long> granted;
        synchronized (core) {
            granted = core.grants(changes, told);
        }
        Answers.message(
                exchange, Answers.OK, granted.stream().map(String::valueOf).collect(Collectors.joining(",")));
    }

    /** Guarded by {@link #core}. */
    private void markMoving(Change change) {
        if (change.release() != null) {
            moving.put(change.mapping().id(), new CompletableFuture<>());
        }
    }

    /**
     * Has former workers release what is granted to them, stores the changes and tells the other balancers.
     *
     * @param stored whether to wait until they are stored
     * @return whether all other balancers know them
     */
    private boolean finish(List<Change> changes, boolean stored) {
        if (changes.isEmpty()) {
            return true;
        }
        Map<String, List<Long>> releases = new HashMap<>();
        for (Change change : changes) {
            String from = change.release();
            if (from != null) {
                releases.computeIfAbsent(from, worker -> new ArrayList<>())
                        .add(change.mapping().id());
            }
        }
        List<Mapping> mappings = changes.stream().map(Change::mapping).toList();
        try {
            releases.forEach(contacts::release);
            boolean told = tell(BalancerPeers.mappings(mappings));
            CompletableFuture<@Nullable Void> written = store.mappings(mappings);
            if (stored) {
                await(written);
            } else {
                Steps.watch("store mappings", written);
            }
            return told;
        } finally {
            synchronized (core) {
                for (Change change : changes) {
                    CompletableFuture<@Nullable Void> move = change.release() == null
                            ? null
                            : moving.remove(change.mapping().id());
                    if (move != null) {
                        move.complete(null);
                    }
                }
            }
        }
    }

    /** Tells other balancers what has changed, and takes over what they have that is newer; whether all have answered. */
    private boolean tell(String lines) {
        Told told = peers.tell(lines);
        List<Mapping> unused = mappingsSeen(told.newer());
        LOG.debug(
                "other balancers have newer mappings={} older={}", told.newer().size(), unused.size());
        return told.all();
    }

    private static void await(CompletableFuture<@Nullable Void> written) {
        try {
            written.get(STORE_TIMEOUT_S, TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            throw new StoreFailedException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StoreFailedException(e);
        }
    }

    /** {@code POST /replicate}: another balancer tells what has changed there; what is newer here is the answer. */
    public void replicate(Exchange exchange) {
        String body = text(exchange);
        List<Mapping> newer = BalancerPeers.read(body, this);
        Answers.message(exchange, Answers.OK, BalancerPeers.mappings(newer));
    }

    /** {@code GET /snapshot}: everything, for another balancer. */
    public void snapshot(Exchange exchange) {
        StringBuilder text = new StringBuilder();
        List<String> workers;
        List<String> draining;
        List<Mapping> mappings;
        synchronized (core) {
            workers = core.pool().names();
            draining = workers.stream().filter(core.pool()::isDraining).toList();
            mappings = core.mappings();
        }
        workers.forEach(worker -> text.append(BalancerPeers.worker(worker)));
        draining.forEach(worker -> text.append(BalancerPeers.drain(worker)));
        text.append(BalancerPeers.mappings(mappings));
        Answers.message(exchange, Answers.OK, text.toString());
    }

    /** Another balancer knows a worker. */
    void workerSeen(String worker) {
        boolean known;
        synchronized (core) {
            known = core.pool().knows(worker);
            if (!known) {
                known = !core.pool().join(worker, contacts.nowMs());
            }
        }
        if (!known) {
            contacts.heard(worker, true);
            Steps.watch("store workers", store.worker(worker, Presence.HERE));
        }
    }

    /**
     * Another balancer has changed mappings.
     *
     * @return what this one has that is newer
     */
    List<Mapping> mappingsSeen(List<Mapping> mappings) {
        List<Mapping> taken = new ArrayList<>();
        List<Mapping> newer;
        synchronized (core) {
            newer = core.mergeAll(mappings, taken);
        }
        Steps.watch("store mappings", store.mappings(taken));
        return newer;
    }

    /** The address of the worker that calls; if its port is none, the answer is written and this is null. */
    private @Nullable String caller(Exchange exchange) {
        long port = PathNumbers.number(exchange, "port");
        if (port < 0) {
            PathNumbers.notFound(exchange);
            return null;
        }
        if (port < 1 || port > PORT_MAX) {
            Answers.message(exchange, Answers.BAD_REQUEST, "A port is a number from 1 to " + PORT_MAX);
            return null;
        }
        Matcher scheme = SCHEME.matcher(query(exchange));
        String host =
                exchange.getMessage().getHeader(VertxPlatformHttpConstants.REMOTE_ADDRESS) instanceof SocketAddress peer
                                && peer.hostAddress() != null
                        ? peer.hostAddress()
                        : "127.0.0.1";
        return (scheme.find() ? scheme.group(1) : "http") + "://" + (host.indexOf(':') >= 0 ? "[" + host + "]" : host)
                + ":" + port;
    }

    private static String text(Exchange exchange) {
        String body = exchange.getMessage().getBody(String.class);
        return body == null ? "" : body;
    }

    private static String query(Exchange exchange) {
        return exchange.getMessage().getHeader(Exchange.HTTP_QUERY) instanceof String query ? query : "";
    }

    /** The workers that are up, for a load balancer in a route. */
    @Override
    public List<String> targets() {
        synchronized (core) {
            return core.pool().status(contacts.nowMs()).stream()
                    .filter(worker -> worker.state() == TargetStatus.State.UP)
                    .map(TargetStatus::name)
                    .toList();
        }
    }

    BalancerCore core() {
        return core;
    }

    WorkerContacts contacts() {
        return contacts;
    }

    /** The database did not take a change in time. */
    private static final class StoreFailedException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        StoreFailedException(Throwable cause) {
            super(cause);
        }
    }
}
