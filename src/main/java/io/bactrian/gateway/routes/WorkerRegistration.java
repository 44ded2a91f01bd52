package io.bactrian.gateway.routes;

import io.bactrian.gateway.core.Leases;
import java.net.http.HttpResponse;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps a worker registered with its balancers, renews its leases, and claims producers that post to it. A balancer that does
 * not answer is tried for ever. The periodic steps are called by one thread.
 */
final class WorkerRegistration {
    private static final Logger LOG = LoggerFactory.getLogger(WorkerRegistration.class);
    private static final Duration TIMEOUT = Duration.ofSeconds(1);
    private static final Duration CLAIM_TIMEOUT = Duration.ofSeconds(5);
    private static final int CLAIM_MAX = 1_000;
    private static final Pattern IDS = Pattern.compile("\\d{1,18}(,\\d{1,18})*");

    private final PeerClient client;
    private final WorkerSettings settings;
    private final Leases leases;
    private final WorkerStore store;
    private final LongSupplier clock;

    /**
     * When the last registration was asked for that was accepted, by lease. What follows is none of a worker that starts, and a failure of
     * an earlier one says nothing.
     */
    private final Map<String, Long> accepted = new ConcurrentHashMap<>();

    private final Map<String, Boolean> registered = new ConcurrentHashMap<>();
    private final SharedRounds flushes = new SharedRounds(this::flushRound);

    /** Which of the balancers has answered last. */
    private volatile int answering;

    private volatile boolean claiming;
    private volatile boolean quit;

    WorkerRegistration(
            PeerClient client, WorkerSettings settings, Leases leases, WorkerStore store, LongSupplier clock) {
        this.client = client;
        this.settings = settings;
        this.leases = leases;
        this.store = store;
        this.clock = clock;
    }

    /** Registers with every balancer, or renews the lease there. */
    void register() {
        if (quit) {
            return;
        }
        for (String balancer : settings.balancers()) {
            for (int port : settings.ports()) {
                register(balancer, port);
            }
        }
    }

    private void register(String balancer, int port) {
        long askedMs = clock.getAsLong();
        String lease = lease(balancer, port);
        String address = balancer + "/balancer/" + port + "?scheme=" + settings.scheme() + "&lease=1"
                + (accepted.containsKey(lease) ? "&renew=1" : "");
        Steps.watch("register", client.get(address, TIMEOUT).handle((answer, failure) -> {
            if (failure == null && answer.statusCode() == HttpAnswers.OK) {
                accepted.merge(lease, askedMs, Math::max);
                answer.headers()
                        .firstValueAsLong(GatewayHeaders.LEASE)
                        .ifPresent(leaseMs -> leases.renewed(lease, askedMs, leaseMs, clock.getAsLong()));
                if (!Boolean.TRUE.equals(registered.put(balancer, true))) {
                    LOG.info("registered port={} balancer={}", port, balancer);
                }
            } else if (accepted.getOrDefault(lease, Long.MIN_VALUE) <= askedMs
                    && !Boolean.FALSE.equals(registered.put(balancer, false))) {
                String reason = failure == null
                        ? "answers " + answer.statusCode() + " " + answer.body()
                        : CallFailures.reason(failure);
                LOG.warn("cannot register port={} balancer={}: it {}; it is tried again", port, balancer, reason);
            }
            return null;
        }));
    }

    /** Each port is a worker of its own for a balancer, so each has a lease of its own. */
    static String lease(String balancer, int port) {
        return balancer + " " + port;
    }

    /** Asks the first balancer that answers for the producers that post here. */
    void claim() {
        if (claiming || quit || !leases.hold(clock.getAsLong())) {
            return;
        }
        for (int port : settings.ports()) {
            List<Long> wanted = leases.claim(port, CLAIM_MAX);
            if (!wanted.isEmpty()) {
                claiming = true;
                claim(new ArrayList<>(settings.balancers()), port, wanted);
                return;
            }
        }
    }

    private void claim(List<String> balancers, int port, List<Long> wanted) {
        if (balancers.isEmpty()) {
            leases.forget(wanted);
            claiming = false;
            return;
        }
        String address = balancers.remove(0) + "/claim/" + port + "?scheme=" + settings.scheme();
        String body = wanted.stream().map(String::valueOf).collect(Collectors.joining(","));
        Steps.watch("claim producers", client.post(address, body, CLAIM_TIMEOUT).handle((answer, failure) -> {
            if (failure != null) {
                claim(balancers, port, wanted);
                return null;
            }
            store.grant(granted(answer));
            // What is not granted is asked for again when the producer posts again.
            leases.forget(wanted);
            claiming = false;
            return null;
        }));
    }

    /**
     * Has all workers write what they have in memory only of a location. Done when the table has the newest heartbeat of it; it fails if
     * no balancer answers.
     */
    CompletableFuture<@Nullable Void> flush(String location) {
        return flushes.ask(List.of(location));
    }

    private CompletableFuture<@Nullable Void> flushRound(Set<String> locations) {
        // First of all that one which has answered last: one that is silent costs the whole timeout.
        List<String> balancers = new ArrayList<>(settings.balancers());
        Collections.rotate(balancers, -answering);
        return flush(balancers, String.join("\n", locations));
    }

    /** Any balancer will do: a worker keeps nothing in memory alone unless it has a lease of each. */
    private CompletableFuture<@Nullable Void> flush(List<String> balancers, String body) {
        if (balancers.isEmpty()) {
            return CompletableFuture.failedFuture(new IllegalStateException("no balancer answers"));
        }
        String balancer = balancers.remove(0);
        return client.post(balancer + "/flush", body, CLAIM_TIMEOUT)
                .handle((answer, failure) -> failure == null && answer.statusCode() == HttpAnswers.OK)
                .thenCompose(done -> {
                    if (!done) {
                        return flush(balancers, body);
                    }
                    answering = settings.balancers().indexOf(balancer);
                    return CompletableFuture.completedFuture(null);
                });
    }

    private static List<Long> granted(HttpResponse<String> answer) {
        if (answer.statusCode() != HttpAnswers.OK || !IDS.matcher(answer.body()).matches()) {
            return List.of();
        }
        return List.of(answer.body().split(",")).stream().map(Long::valueOf).toList();
    }

    /** Writes what is in memory only when half of a lease is over, and gives up what is granted once it is over. */
    void watchLeases() throws SQLException {
        if (!leases.hold(clock.getAsLong()) && leases.granted() > 0) {
            LOG.warn("a balancer has not renewed the lease; heartbeats are written at once until it does");
            store.releaseAll();
        } else if (!leases.sure(clock.getAsLong())) {
            store.flush();
        }
    }

    /** Leaves the balancers, so that producers and consumers go to other workers; what is granted is given up first. */
    void quit() {
        quit = true;
        try {
            store.releaseAll();
        } catch (SQLException e) {
            LOG.error(
                    "heartbeats={} are lost unless the database takes them before the end: {}",
                    store.unwritten(),
                    e.toString());
        }
        List<CompletableFuture<HttpResponse<String>>> answers = new ArrayList<>();
        for (String balancer : settings.balancers()) {
            for (int port : settings.ports()) {
                answers.add(client.get(
                        balancer + "/worker/quit/" + port + "?scheme=" + settings.scheme() + "&stop=1", TIMEOUT));
            }
        }
        for (CompletableFuture<HttpResponse<String>> answer : answers) {
            try {
                answer.join();
            } catch (CompletionException e) {
                LOG.info("a balancer does not hear that this worker stops: it {}", CallFailures.reason(e));
            }
        }
    }

    /** How many balancers have accepted this worker at their last answer. */
    long registered() {
        return registered.values().stream().filter(here -> here).count();
    }
}
