package io.bactrian.pubsub.routes;

import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.apache.camel.CamelContext;
import org.apache.camel.impl.engine.DefaultShutdownStrategy;
import org.apache.camel.spi.RouteStartupOrder;

/**
 * Stops a context in which a hub and its clients run together: first all other routes, as gracefully as ever, and only
 * when what they have under way is done the routes of the group {@value #GROUP}. Camel's own suspends all of them at
 * once, so that an Exchange that waits for the hub to accept its message would wait until the timeout. The timeout is
 * for both together. {@code bactrian run} has it; elsewhere bind one as a bean, which Camel finds by its type. Any
 * thread.
 */
public class HubLastShutdownStrategy extends DefaultShutdownStrategy {
    /** The group of the hub's routes. */
    public static final String GROUP = "hub";

    private static final long LEFT_MIN_MS = 500;

    /** For a context that will be set. */
    public HubLastShutdownStrategy() {}

    public HubLastShutdownStrategy(CamelContext context) {
        super(context);
    }

    @Override
    protected boolean doShutdown(
            CamelContext context,
            List<RouteStartupOrder> routes,
            long timeout,
            TimeUnit unit,
            boolean suspendOnly,
            boolean abortAfterTimeout,
            boolean forceShutdown)
            throws Exception {
        Map<Boolean, List<RouteStartupOrder>> byHub = routes.stream()
                .collect(Collectors.partitioningBy(
                        order -> GROUP.equals(order.getRoute().getGroup())));
        long start = System.nanoTime();
        boolean others = super.doShutdown(
                context, byHub.get(false), timeout, unit, suspendOnly, abortAfterTimeout, forceShutdown);
        long leftMs = unit.toMillis(timeout) - TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
        return others
                && super.doShutdown(
                        context,
                        byHub.get(true),
                        Math.max(LEFT_MIN_MS, leftMs),
                        TimeUnit.MILLISECONDS,
                        suspendOnly,
                        abortAfterTimeout,
                        forceShutdown);
    }
}
