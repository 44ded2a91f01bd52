package io.bactrian.discovery.routes;

import io.bactrian.discovery.core.RequestRefusedException;
import io.bactrian.discovery.core.ServiceOffers;
import io.bactrian.support.service.ServiceDirectory;
import io.bactrian.support.text.RateLimitedLog;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.apache.camel.CamelContext;
import org.apache.camel.ProducerTemplate;
import org.apache.camel.RuntimeCamelException;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.service.ServiceSupport;
import org.apache.camel.util.json.JsonObject;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where services are, as the registry has it: one of the routers is asked again and again, and another one when it does not
 * answer. What was found stays until something else is found, so a registry that is away costs nobody a connection.
 */
public final class RegistryDirectory extends ServiceSupport implements ServiceDirectory {
    private static final Logger LOG = LoggerFactory.getLogger(RegistryDirectory.class);
    private static final String OPTIONS = "?socketName=bactrian-registry&requestTimeout=1000&linger=0"
            + "&sendHighWaterMark=64&reconnectIntervalMax=1000&maxFrameBytes=4194304"
            + NodeClient.SECURED;
    private static final int NODES_MAX = 1_000;

    private final CamelContext context;
    private final List<String> routers;
    private final long refreshMs;
    private final ProducerTemplate template;
    private final ScheduledExecutorService thread;
    private final RateLimitedLog limit = new RateLimitedLog(() -> TimeUnit.NANOSECONDS.toMillis(System.nanoTime()));
    private final List<Service> services = new CopyOnWriteArrayList<>();
    private volatile int current;

    /**
     * @param routers the ZeroMQ addresses at which routers take registrations and queries
     * @param refreshMs how often one of them is asked
     */
    public RegistryDirectory(CamelContext context, List<String> routers, long refreshMs) {
        if (routers.isEmpty()) {
            throw new IllegalArgumentException("bactrian.discovery.registry.routers names no router");
        }
        this.context = context;
        this.routers = List.copyOf(routers);
        this.refreshMs = refreshMs;
        template = context.createProducerTemplate();
        thread = context.getExecutorServiceManager().newSingleThreadScheduledExecutor(this, "bactrian-registry");
    }

    /**
     * A directory in a context of its own, which ends with it.
     *
     * @param routers as in the constructor
     */
    public static RegistryDirectory alone(List<String> routers, long refreshMs) {
        CamelContext own = new DefaultCamelContext(false);
        own.getCamelContextExtension().setName("bactrian-registry");
        own.setApplicationContextClassLoader(RegistryDirectory.class.getClassLoader());
        RegistryDirectory made = new RegistryDirectory(own, routers, refreshMs);
        try {
            own.addService(made, true, true);
            own.start();
        } catch (Exception e) {
            throw RuntimeCamelException.wrapRuntimeCamelException(e);
        }
        return made;
    }

    @Override
    public Following follow(String service, Consumer<List<String>> listener) {
        Service followed = new Service(service, listener);
        services.add(followed);
        try {
            var asking = thread.scheduleWithFixedDelay(followed::ask, 0, refreshMs, TimeUnit.MILLISECONDS);
            return () -> {
                services.remove(followed);
                followed.close();
                asking.cancel(false);
            };
        } catch (RejectedExecutionException e) {
            throw new IllegalStateException("the context stops: " + service + " is not followed any more", e);
        }
    }

    @Override
    protected void doStop() {
        services.forEach(Service::close);
        context.getExecutorServiceManager().shutdownNow(thread);
    }

    /** A service that is followed. */
    private final class Service {
        private final String text;
        private final String name;
        private final Consumer<List<String>> listener;
        private final ServiceOffers offers;
        private final AtomicBoolean asked = new AtomicBoolean();
        // Guarded by this.
        private List<String> found = List.of();
        private boolean closed;

        private Service(String text, Consumer<List<String>> listener) {
            int slash = text.indexOf('/');
            this.text = text;
            name = slash < 0 ? text : text.substring(0, slash);
            offers = new ServiceOffers(slash < 0 ? "" : text.substring(slash + 1));
            this.listener = listener;
        }

        private void ask() {
            if (!asked.compareAndSet(false, true)) {
                return;
            }
            int router = current;
            JsonObject query = new JsonObject();
            query.put("service", name);
            query.put("status", "active");
            query.put("limit", NODES_MAX);
            byte[] request = RegistrationJson.wrapped("query", query).toJson().getBytes(StandardCharsets.UTF_8);
            try {
                CompletableFuture<String> answer = template.asyncRequestBody(
                        "zeromq:dealer:" + routers.get(router) + OPTIONS, request, String.class);
                CompletableFuture<String> unused = answer.whenComplete((text, failure) -> {
                    asked.set(false);
                    if (failure == null && text != null) {
                        answered(router, text);
                    } else {
                        failed(router, String.valueOf(failure));
                    }
                });
            } catch (RuntimeException e) {
                asked.set(false);
                failed(router, e.toString());
            }
        }

        private void failed(int router, String reason) {
            LOG.debug("no answer router={} service={} reason={}", routers.get(router), text, reason);
            note("does not answer", router);
            if (current == router) {
                current = (router + 1) % routers.size();
            }
        }

        private void note(String problem, int router) {
            synchronized (this) {
                if (closed) {
                    return;
                }
            }
            long suppressed = limit.admit("registry", routers.get(router));
            if (suppressed >= 0) {
                LOG.warn(
                        "router={} {}, and says nothing of service={}; it stays where it was suppressed={}",
                        routers.get(router),
                        problem,
                        text,
                        suppressed);
            }
        }

        private void answered(int router, String text) {
            try {
                List<ServiceOffers.Offer> all = new ArrayList<>();
                if (RegistrationJson.object(text).get("nodes") instanceof Collection<?> nodes) {
                    for (Object node : nodes) {
                        ServiceOffers.Offer offer = offer(node);
                        if (offer != null) {
                            all.add(offer);
                        }
                    }
                }
                found(all);
            } catch (RequestRefusedException e) {
                note("answers what cannot be read (" + e.reason() + ")", router);
                if (current == router) {
                    current = (router + 1) % routers.size();
                }
            }
        }

        private ServiceOffers.@Nullable Offer offer(Object node) {
            if (!(node instanceof JsonObject json)) {
                return null;
            }
            Map<String, String> metadata = new TreeMap<>();
            if (json.get("metadata") instanceof JsonObject given) {
                given.forEach((key, value) -> metadata.put(key, String.valueOf(value)));
            }
            return new ServiceOffers.Offer(
                    RegistrationJson.text(json, "host"), (int) RegistrationJson.number(json, "port", 0), metadata);
        }

        private synchronized void found(List<ServiceOffers.Offer> all) {
            List<String> addresses = offers.addresses(all);
            if (closed || addresses.isEmpty() || addresses.equals(found)) {
                return;
            }
            LOG.info("service={} is at {}", text, addresses);
            found = addresses;
            listener.accept(addresses);
        }

        private synchronized void close() {
            closed = true;
        }
    }
}
