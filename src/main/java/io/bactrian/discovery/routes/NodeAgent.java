package io.bactrian.discovery.routes;

import io.bactrian.discovery.core.Registration;
import io.bactrian.discovery.core.RequestRefusedException;
import io.bactrian.discovery.core.ServiceOffers;
import io.bactrian.support.context.ContextLife;
import io.bactrian.support.service.ActiveRole;
import io.bactrian.support.text.RateLimitedLog;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.apache.camel.Body;
import org.apache.camel.CamelContext;
import org.apache.camel.ProducerTemplate;
import org.apache.camel.util.json.JsonObject;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * This process as a node: it registers with every router that is configured, refreshes its lease, hears which work is
 * assigned to it, and deregisters at the stop. If no router has confirmed it for the time of its lease it holds no work any
 * more, as by then another may have it. A process that stands in for another registers which of the two is active.
 * Thread-safe.
 */
public final class NodeAgent extends ContextLife {
    private static final Logger LOG = LoggerFactory.getLogger(NodeAgent.class);
    private static final String OPTIONS =
            "?requestTimeout=2000&linger=200&sendHighWaterMark=16&reconnectIntervalMax=1000&maxFrameBytes=1048576"
                    + NodeClient.SECURED;
    private static final long STOP_MS = 2_000;

    private final CamelContext context;
    private final Registration node;
    private final List<String> routers;
    private final @Nullable ActiveRole role;
    private final ProducerTemplate template;
    private final ExecutorService worker;
    private final AtomicBoolean telling = new AtomicBoolean();
    private final RateLimitedLog limit = new RateLimitedLog(() -> TimeUnit.NANOSECONDS.toMillis(System.nanoTime()));
    private final List<Consumer<Set<String>>> listeners = new CopyOnWriteArrayList<>();
    private final Map<String, Long> heardVersions = new TreeMap<>();
    private Set<String> held = Set.of();
    private long confirmedNs = System.nanoTime();
    private long heardNs = confirmedNs;
    /** Until then another process may have this id, and what is assigned is assigned to that one. */
    private boolean confirmedOnce;

    private @Nullable String current;
    private volatile boolean leaving;

    /**
     * @param routers the ZeroMQ addresses at which routers take registrations
     * @param role says whether this process is the active one of several, null if it is the only one
     */
    NodeAgent(CamelContext context, Registration node, List<String> routers, @Nullable ActiveRole role) {
        this.role = role;
        this.context = context;
        this.node = node;
        this.routers = List.copyOf(routers);
        template = context.createProducerTemplate();
        worker = context.getExecutorServiceManager().newSingleThreadExecutor(this, "bactrian-assignments");
    }

    /**
     * Calls the listener with all the work that this node holds, now, at each change and at each refresh, on one thread: what
     * did not succeed is tried again.
     */
    void follow(Consumer<Set<String>> listener) {
        listeners.add(listener);
        tell();
    }

    /** The work that this node holds. */
    public synchronized Set<String> held() {
        return held;
    }

    @Override
    protected void lifeBegins() {
        leaving = false;
        if (role != null) {
            role.onRoleChange(() -> {
                if (!worker.isShutdown()) {
                    worker.execute(this::refresh);
                }
            });
        }
    }

    /** This process as it is now: an active one says since which epoch. */
    private Registration registration() {
        ActiveRole active = role;
        if (active == null) {
            return node;
        }
        boolean is = active.active();
        Map<String, String> metadata = new TreeMap<>(node.metadata());
        metadata.put(ServiceOffers.ROLE, is ? "active" : ServiceOffers.PASSIVE);
        if (is) {
            metadata.put(ServiceOffers.EPOCH, Integer.toString(active.epoch()));
        }
        return new Registration(
                node.id(),
                node.kind(),
                node.name(),
                node.host(),
                node.port(),
                node.group(),
                node.channel(),
                node.capabilities(),
                metadata,
                node.instance(),
                node.leaseMs(),
                node.pingPort(),
                node.covers());
    }

    /** Registers, or refreshes the lease, at all routers at once; called by a timer. */
    public void refresh() {
        if (leaving) {
            return;
        }
        Registration now = registration();
        for (String router : routers) {
            long sentNs = System.nanoTime();
            CompletableFuture<String> answered = template.asyncRequestBody(
                    "zeromq:dealer:" + router + OPTIONS, NodeClient.frames(now, false, true), String.class);
            CompletableFuture<String> unused = answered.whenComplete((answer, failure) -> {
                if (failure == null && answer != null) {
                    answered(router, sentNs, answer);
                } else {
                    silent(router);
                }
            });
        }
        expire();
        tell();
    }

    private void tell() {
        if (!worker.isShutdown() && telling.compareAndSet(false, true)) {
            worker.execute(() -> {
                telling.set(false);
                Set<String> now = held();
                listeners.forEach(listener -> listener.accept(now));
            });
        }
    }

    private void warn(String problem, String subject, String reason) {
        long suppressed = limit.admit(problem, subject);
        if (suppressed >= 0) {
            LOG.warn("{} id={} router={} reason={} suppressed={}", problem, node.id(), subject, reason, suppressed);
        }
    }

    void answered(String router, long sentNs, String answer) {
        if (!answer.startsWith("{")) {
            warn("this node is refused", router, answer);
            return;
        }
        try {
            Object assignments = RegistrationJson.object(answer).get("assignments");
            Set<String> work = new TreeSet<>();
            if (assignments instanceof Collection<?> all) {
                all.forEach(one -> work.add(String.valueOf(one)));
            }
            confirmed(router, sentNs, work);
        } catch (RequestRefusedException e) {
            warn("an answer cannot be read", router, e.reason());
        }
    }

    private synchronized void confirmed(String router, long sentNs, Set<String> work) {
        confirmedNs = System.nanoTime();
        confirmedOnce = true;
        if (current == null) {
            current = router;
        }
        // Routers agree in the end; until then one of them is believed, and news that is newer than its answer.
        if (router.equals(current) && sentNs > heardNs) {
            hold(work);
        }
    }

    private synchronized void silent(String router) {
        LOG.debug("no answer of router={}", router);
        if (router.equals(current)) {
            current = null;
        }
    }

    private synchronized void expire() {
        if (!held.isEmpty() && System.nanoTime() - confirmedNs > TimeUnit.MILLISECONDS.toNanos(node.leaseMs())) {
            LOG.warn("no router has confirmed this node for its lease, so it gives up its work id={}", node.id());
            hold(Set.of());
        }
    }

    /** Hears of an assignment on the topic of the routers. */
    public void assigned(@Body String text) {
        try {
            JsonObject json = RegistrationJson.object(text);
            if (RegistrationJson.text(json, "group").equals(node.group())) {
                assigned(
                        RegistrationJson.text(json, "coverage"),
                        RegistrationJson.text(json, "holder"),
                        RegistrationJson.number(json, "version", 0));
            }
        } catch (RequestRefusedException e) {
            warn("an assignment cannot be read", "any", e.reason());
        }
    }

    private synchronized void assigned(String work, String holder, long version) {
        // Two routers tell the same, perhaps in another order.
        if (!confirmedOnce || version <= heardVersions.getOrDefault(work, 0L) || !known(work)) {
            return;
        }
        heardVersions.put(work, version);
        heardNs = System.nanoTime();
        Set<String> changed = new HashSet<>(held);
        if (holder.equals(node.id())) {
            changed.add(work);
        } else {
            changed.remove(work);
        }
        hold(changed);
    }

    /** Bounds what is remembered. */
    private boolean known(String work) {
        return heardVersions.containsKey(work) || heardVersions.size() < 10 * Registration.COVERS_MAX;
    }

    private void hold(Set<String> work) {
        if (work.equals(held)) {
            return;
        }
        held = Set.copyOf(work);
        LOG.info("node id={} holds {}", node.id(), new TreeSet<>(held));
        tell();
    }

    @Override
    protected void lifeIsToEnd() {
        leaving = true;
        for (String router : routers) {
            try {
                template.asyncRequestBody(
                                "zeromq:dealer:" + router + OPTIONS, NodeClient.frames(node, true, false), String.class)
                        .get(STOP_MS, TimeUnit.MILLISECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            } catch (ExecutionException | TimeoutException e) {
                LOG.info("not deregistered, as there is no answer of router={}", router);
            }
        }
    }

    @Override
    protected void lifeEnds() {
        context.getExecutorServiceManager().shutdownNow(worker);
    }
}
