package io.bactrian.gateway.routes;

import io.bactrian.gateway.core.BalancerCore;
import io.bactrian.gateway.core.BalancerCore.Change;
import io.bactrian.gateway.core.CapacityException;
import io.bactrian.gateway.core.Mapping;
import io.bactrian.gateway.core.TargetStatus;
import io.vertx.core.net.SocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.LongAdder;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.camel.Exchange;
import org.apache.camel.component.platform.http.vertx.VertxPlatformHttpConstants;
import org.jspecify.annotations.Nullable;

/** The bean of the routes of a balancer, with a method for each path. It shares one {@link BalancerCore} among threads. Any thread. */
public final class GatewayBalancer implements PolicyLoadBalancer.TargetSource {
    static final String NO_WORKERS = "No workers are online right now";
    static final String NO_PRODUCER = "Producer does not exist";

    private static final int PORT_MAX = 65_535;
    private static final Pattern IDS = Pattern.compile("\\d{1,18}(,\\d{1,18}){0,9999}");
    private static final Pattern SCHEME = Pattern.compile("(?:^|&)scheme=(https?)(?:&|$)");
    private static final Pattern RENEWS = Pattern.compile("(?:^|&)renew=1(?:&|$)");
    private static final Pattern STOPS = Pattern.compile("(?:^|&)stop=1(?:&|$)");
    private static final Pattern LEASE = Pattern.compile("(?:^|&)lease=1(?:&|$)");

    private final BalancerCore core;
    private final WorkerContacts contacts;
    private final BalancerChanges changes;
    private final String scheme;

    final LongAdder redirects = new LongAdder();
    final LongAdder registrations = new LongAdder();
    final LongAdder refused = new LongAdder();

    /** {@code scheme}: that of workers that do not name theirs. */
    GatewayBalancer(BalancerCore core, WorkerContacts contacts, BalancerChanges changes, String scheme) {
        this.scheme = scheme;
        this.core = core;
        this.contacts = contacts;
        this.changes = changes;
    }

    /**
     * {@code GET /balancer/{port}}: a worker registers, or says with {@code renew=1} that it is still there: then one
     * that has quit
     * gets no new producers all the same. It waits only for one that is new.
     */
    public CompletionStage<@Nullable Void> registerWorker(Exchange exchange) {
        String worker = caller(exchange);
        if (worker == null) {
            return EventLoops.DONE;
        }
        BalancerChanges.Joined joined =
                changes.join(worker, RENEWS.matcher(query(exchange)).find());
        if (joined == BalancerChanges.Joined.FULL) {
            refused.increment();
            HttpAnswers.message(
                    exchange, HttpAnswers.UNAVAILABLE, "Too many workers (bactrian.gateway.balancer.workersMax)");
            return EventLoops.DONE;
        }
        long leaseMs = contacts.contacted(worker, LEASE.matcher(query(exchange)).find());
        HttpAnswers.message(exchange, HttpAnswers.OK, "Successful registration");
        if (leaseMs > 0) {
            exchange.getMessage().setHeader(GatewayHeaders.LEASE, leaseMs);
        }
        return joined == BalancerChanges.Joined.KNOWN
                ? EventLoops.DONE
                : EventLoops.run(() -> changes.joined(worker, joined));
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
        if (!changes.quit(worker, stops)) {
            HttpAnswers.message(exchange, HttpAnswers.BAD_REQUEST, "Quit not accepted");
            return;
        }
        HttpAnswers.message(exchange, HttpAnswers.OK, "Acknowledged quit");
    }

    /** {@code GET /register/{id}}: a producer gets a worker. */
    public void registerProducer(Exchange exchange) {
        long id = PathNumbers.id(exchange);
        if (id < 0) {
            PathNumbers.notFound(exchange);
            return;
        }
        try {
            Optional<Mapping> mapping = changes.register(id);
            CompletableFuture<@Nullable Void> doubted =
                    mapping.isEmpty() ? null : contacts.doubt(mapping.get().worker());
            if (doubted != null) {
                doubted.join();
                mapping = changes.register(id);
            }
            if (mapping.isEmpty()) {
                HttpAnswers.message(exchange, HttpAnswers.BAD_REQUEST, NO_WORKERS);
                return;
            }
            registrations.increment();
            HttpAnswers.value(exchange, HttpAnswers.OK, "worker", mapping.get().worker());
        } catch (CapacityException e) {
            refused.increment();
            HttpAnswers.message(exchange, HttpAnswers.UNAVAILABLE, String.valueOf(e.getMessage()));
        } catch (BalancerChanges.StoreFailedException e) {
            HttpAnswers.message(
                    exchange, HttpAnswers.UNAVAILABLE, "The balancer cannot store the registration. Try again later.");
        }
    }

    /** {@code GET /get_data/{id}}: redirects to the worker that has a producer's data. It waits only while a producer moves. */
    public CompletionStage<@Nullable Void> getData(Exchange exchange) {
        long id = PathNumbers.id(exchange);
        if (id < 0) {
            PathNumbers.notFound(exchange);
            return EventLoops.DONE;
        }
        Mapping last;
        synchronized (core) {
            last = core.mapping(id);
        }
        // Whoever has seen that the worker is gone may ask here before this balancer has heard of it.
        CompletableFuture<@Nullable Void> doubted = last == null ? null : contacts.doubt(last.worker());
        return doubted == null
                ? find(exchange, id)
                : doubted.thenComposeAsync(decided -> find(exchange, id), EventLoops.here());
    }

    private CompletionStage<@Nullable Void> find(Exchange exchange, long id) {
        Optional<Change> change = Optional.empty();
        CompletableFuture<@Nullable Void> move;
        Mapping mapping;
        synchronized (core) {
            move = changes.moving(id);
            mapping = core.mapping(id);
            if (mapping != null && !core.holds(mapping, contacts.nowMs())) {
                mapping = null;
                change = changes.reassign(id);
            } else if (mapping == null) {
                HttpAnswers.message(exchange, HttpAnswers.BAD_REQUEST, NO_PRODUCER);
                return EventLoops.DONE;
            }
        }
        if (change.isPresent()) {
            Change moved = change.get();
            return EventLoops.run(() -> {
                changes.finish(List.of(moved), false);
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
            HttpAnswers.message(exchange, HttpAnswers.BAD_REQUEST, NO_WORKERS);
            return;
        }
        redirects.increment();
        HttpAnswers.redirect(exchange, mapping.worker() + "/get_data/" + mapping.id());
    }

    /** {@code POST /claim/{port}} with ids and commas: a worker asks to be granted producers; those that are come back. */
    public void claim(Exchange exchange) {
        String worker = caller(exchange);
        if (worker == null) {
            return;
        }
        String body = text(exchange);
        if (!IDS.matcher(body).matches()) {
            HttpAnswers.message(
                    exchange, HttpAnswers.BAD_REQUEST, "The body must be ids of producers with commas between them.");
            return;
        }
        List<Long> ids = new ArrayList<>();
        for (String id : List.of(body.split(","))) {
            ids.add(Long.valueOf(id));
        }
        List<Long> granted = changes.claim(worker, ids);
        HttpAnswers.message(
                exchange, HttpAnswers.OK, granted.stream().map(String::valueOf).collect(Collectors.joining(",")));
    }

    /**
     * {@code POST /flush} with locations, one in a line: a worker asks for what others have of them in memory only. When it is
     * answered with 200, the table has the newest heartbeats of these locations.
     */
    public CompletionStage<@Nullable Void> flush(Exchange exchange) {
        Optional<Set<String>> locations = Locations.of(exchange);
        if (locations.isEmpty()) {
            return EventLoops.DONE;
        }
        return contacts.flush(locations.get())
                .handleAsync(
                        (done, failure) -> {
                            HttpAnswers.message(
                                    exchange,
                                    failure == null ? HttpAnswers.OK : HttpAnswers.UNAVAILABLE,
                                    failure == null
                                            ? "Written"
                                            : "The balancer cannot ask the workers now. Try again later.");
                            return null;
                        },
                        EventLoops.here());
    }

    /** {@code POST /replicate}: another balancer tells what has changed there; what is newer here is the answer. */
    public void replicate(Exchange exchange) {
        if (isAlone(exchange)) {
            return;
        }
        String body = text(exchange);
        List<Mapping> newer = BalancerPeers.read(body, changes);
        HttpAnswers.message(exchange, HttpAnswers.OK, BalancerPeers.mappings(newer));
    }

    /** {@code GET /snapshot}: everything, for another balancer. */
    public void snapshot(Exchange exchange) {
        if (isAlone(exchange)) {
            return;
        }
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
        HttpAnswers.message(exchange, HttpAnswers.OK, text.toString());
    }

    /** A balancer without others takes nothing from one that says it is one; then the answer is written. */
    private boolean isAlone(Exchange exchange) {
        boolean alone = !changes.paired();
        if (alone) {
            refused.increment();
            HttpAnswers.message(
                    exchange,
                    HttpAnswers.FORBIDDEN,
                    "This balancer has no other ones (bactrian.gateway.balancer.peers)");
        }
        return alone;
    }

    /** The address of the worker that calls; if its port is none, the answer is written and this is null. */
    private @Nullable String caller(Exchange exchange) {
        long port = PathNumbers.number(exchange, "port");
        if (port < 0) {
            PathNumbers.notFound(exchange);
            return null;
        }
        if (port < 1 || port > PORT_MAX) {
            HttpAnswers.message(exchange, HttpAnswers.BAD_REQUEST, "A port is a number from 1 to " + PORT_MAX);
            return null;
        }
        Matcher named = SCHEME.matcher(query(exchange));
        String host =
                exchange.getMessage().getHeader(VertxPlatformHttpConstants.REMOTE_ADDRESS) instanceof SocketAddress peer
                                && peer.hostAddress() != null
                        ? peer.hostAddress()
                        : "127.0.0.1";
        return (named.find() ? named.group(1) : scheme) + "://" + (host.indexOf(':') >= 0 ? "[" + host + "]" : host)
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

    BalancerChanges changes() {
        return changes;
    }

    WorkerContacts contacts() {
        return contacts;
    }
}
