package io.bactrian.gateway.routes;

import java.util.function.Supplier;
import org.apache.camel.CamelContext;
import org.apache.camel.component.platform.http.PlatformHttpComponent;

/**
 * A platform-http component with a server of its own, which is started with the component. Whatever keeps the server from starting,
 * such as a port in use, is the reason that Camel tells.
 */
final class GatewayHttpComponent extends PlatformHttpComponent {
    private final Supplier<GatewayHttpServer> server;

    GatewayHttpComponent(CamelContext context, Supplier<GatewayHttpServer> server) {
        super(context);
        this.server = server;
        setHeaderFilterStrategy(new GatewayHeaders());
    }

    @Override
    protected void doInit() throws Exception {
        GatewayHttpEngine engine =
                new GatewayHttpEngine(server.get().settings().ports().get(0));
        engine.setCamelContext(getCamelContext());
        setEngine(engine);
        super.doInit();
    }
}
