package io.bactrian.gateway.routes;

import io.bactrian.support.context.ContextLife;
import io.bactrian.support.service.ServiceDirectory;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.camel.CamelContext;
import org.apache.camel.CamelContextAware;
import org.apache.camel.support.CamelContextHelper;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The nodes that offer a service, as the registry has them, for a {@link PolicyLoadBalancer}:
 *
 * <pre>
 * - beans:
 *     - name: sorters
 *       type: io.bactrian.gateway.routes.RegistryTargets
 *       properties: { service: sort }
 *     - name: sort
 *       type: io.bactrian.gateway.routes.PolicyLoadBalancer
 *       properties: { policy: least-requests, attempts: 2, source: "#bean:sorters" }
 * </pre>
 *
 * <p>A target is an address such as {@code http://10.0.0.7:8080}. The routers ping the nodes, and a node that does not answer them
 * is no target any more. A service that nobody offers any more stays where it was last, and so does one whose routers are all
 * away. It follows the service from the start of the first load balancer that uses it until the context stops. Any thread.
 */
public final class RegistryTargets extends ContextLife implements PolicyLoadBalancer.TargetSource, CamelContextAware {
    private static final Logger LOG = LoggerFactory.getLogger(RegistryTargets.class);
    private static final String TCP = "tcp://";

    private final CountDownLatch known = new CountDownLatch(1);
    private @Nullable CamelContext context;
    private String service = "";
    private String scheme = "http";
    private long startMs = 2_000;
    private volatile List<String> targets = List.of();
    private ServiceDirectory.@Nullable Following following;

    /** The name of the service: an id or a capability of nodes; behind a slash the name of one of their ports. */
    public void setService(String name) {
        service = name;
    }

    /** How addresses begin: {@code http} unless set, {@code https}, {@code tcp} or another scheme. */
    public void setScheme(String scheme) {
        this.scheme = scheme;
    }

    /** How long a start waits at most until the service is found, in milliseconds. */
    public void setStartMs(long ms) {
        startMs = ms;
    }

    @Override
    public void setCamelContext(CamelContext context) {
        this.context = context;
    }

    @Override
    public @Nullable CamelContext getCamelContext() {
        return context;
    }

    @Override
    public List<String> targets() {
        return targets;
    }

    /** @throws IllegalArgumentException if no service is named, or the registry is configured wrongly */
    @Override
    public synchronized void begin() throws Exception {
        CamelContext here = context;
        if (here == null || service.isBlank()) {
            throw new IllegalArgumentException(
                    "The targets of a load balancer need the name of a service of the registry, as in service: sort");
        }
        if (following == null) {
            following = CamelContextHelper.mandatoryLookup(here, ServiceDirectory.BEAN, ServiceDirectory.class)
                    .follow(service, this::found);
            liveWith(here);
            if (!known.await(startMs, TimeUnit.MILLISECONDS)) {
                LOG.warn(
                        "service={} is not found in the registry after ms={}; the load balancer has no targets until it is",
                        service,
                        startMs);
            }
        }
    }

    private void found(List<String> addresses) {
        targets = addresses.stream()
                .map(address -> scheme + "://" + address.substring(TCP.length()))
                .toList();
        known.countDown();
    }

    @Override
    protected synchronized void lifeEnds() {
        if (following != null) {
            following.close();
            following = null;
        }
    }
}
