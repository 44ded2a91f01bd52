package io.bactrian.discovery.routes;

import io.bactrian.support.text.RateLimitedLog;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.apache.camel.CamelContext;
import org.apache.camel.Route;
import org.apache.camel.ServiceStatus;
import org.apache.camel.support.RoutePolicySupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs a route only while its work is assigned to this node. The work is the route's id: a route {@code sensor-1} with
 * {@code routePolicy: bactrianAssigned} runs on the node of the group that holds {@code sensor-1}.
 *
 * <p>Work that moves from one living node to another may run on both for a moment. What must run once at most needs a pair.
 */
public final class AssignedRoutePolicy extends RoutePolicySupport {
    private static final Logger LOG = LoggerFactory.getLogger(AssignedRoutePolicy.class);

    private final NodeAgent agent;
    private final Map<String, CamelContext> routes = new ConcurrentHashMap<>();
    private final RateLimitedLog limit = new RateLimitedLog(() -> TimeUnit.NANOSECONDS.toMillis(System.nanoTime()));
    private boolean following;

    AssignedRoutePolicy(NodeAgent agent) {
        this.agent = agent;
    }

    @Override
    public synchronized void onInit(Route route) {
        super.onInit(route);
        // Not before it is assigned; a start by hand is undone soon.
        route.setAutoStartup(false);
        routes.put(route.getRouteId(), route.getCamelContext());
        if (!following) {
            following = true;
            agent.follow(this::apply);
        }
    }

    @Override
    public void onRemove(Route route) {
        routes.remove(route.getRouteId());
    }

    private void apply(Set<String> held) {
        routes.forEach((id, context) -> {
            if (!context.isStarted()) {
                return;
            }
            try {
                ServiceStatus status = context.getRouteController().getRouteStatus(id);
                boolean runs = status != null && status.isStarted();
                if (held.contains(id) && !runs) {
                    LOG.info("route={} starts, as its work is assigned to this node", id);
                    context.getRouteController().startRoute(id);
                } else if (!held.contains(id) && runs) {
                    LOG.info("route={} stops, as its work is not assigned to this node any more", id);
                    context.getRouteController().stopRoute(id);
                }
            } catch (Exception e) {
                long suppressed = limit.admit("route", id);
                if (suppressed >= 0) {
                    LOG.error(
                            "route={} did not start or stop and is tried again reason={} suppressed={}",
                            id,
                            e.toString(),
                            suppressed);
                }
            }
        });
    }
}
