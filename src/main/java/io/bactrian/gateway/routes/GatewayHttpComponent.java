package io.bactrian.gateway.routes;

import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.apache.camel.CamelContext;
import org.apache.camel.Endpoint;
import org.apache.camel.component.platform.http.PlatformHttpComponent;

/**
 * A platform-http component with a server of its own, which is started with the component. Whatever keeps the server from starting,
 * such as a port in use, is the reason that Camel tells. Its endpoints have one more option: {@code eventLoop=true} has the route
 * begin on the event loop of the connection, see {@link GatewayHttpConsumer}.
 */
final class GatewayHttpComponent extends PlatformHttpComponent {
    private static final String EVENT_LOOP = "eventLoop";

    private final Supplier<GatewayHttpServer> server;
    private final Set<Endpoint> onEventLoop = ConcurrentHashMap.newKeySet();

    GatewayHttpComponent(CamelContext context, Supplier<GatewayHttpServer> server) {
        super(context);
        this.server = server;
        setHeaderFilterStrategy(new GatewayHeaders());
    }

    @Override
    protected void doInit() throws Exception {
        GatewayHttpEngine engine = new GatewayHttpEngine(server.get());
        engine.setCamelContext(getCamelContext());
        setEngine(engine);
        super.doInit();
    }

    @Override
    protected Endpoint createEndpoint(String uri, String remaining, Map<String, Object> parameters) throws Exception {
        boolean eventLoop = getAndRemoveParameter(parameters, EVENT_LOOP, boolean.class, false);
        Endpoint endpoint = super.createEndpoint(uri, remaining, parameters);
        if (eventLoop) {
            onEventLoop.add(endpoint);
        }
        return endpoint;
    }

    /** Whether the route of an endpoint begins on the event loop. */
    boolean onEventLoop(Endpoint endpoint) {
        return onEventLoop.contains(endpoint);
    }
}
