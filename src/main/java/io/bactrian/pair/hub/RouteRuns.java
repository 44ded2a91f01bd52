package io.bactrian.pair.hub;

import java.util.function.BooleanSupplier;
import org.apache.camel.CamelContext;
import org.apache.camel.ServiceStatus;

/** Whether a route goes on, once it was started. A context that stops is well. */
final class RouteRuns implements BooleanSupplier {
    private final CamelContext context;
    private final String route;
    private boolean ran;

    RouteRuns(CamelContext context, String route) {
        this.context = context;
        this.route = route;
    }

    @Override
    public boolean getAsBoolean() {
        ServiceStatus status = context.getRouteController().getRouteStatus(route);
        boolean runs = status != null && status.isStarted();
        ran |= runs;
        return runs || !ran || !context.getStatus().isStarted();
    }
}
